/** The probe of the sidecar of an idle node. */
import { expect, test } from "bun:test";
import { aPlugin, aPod, Stage } from "../fixtures/stage.ts";

const MINUTE = 60_000;

async function atRest(change: (stage: Stage) => void = () => undefined): Promise<Stage> {
  const stage = new Stage();
  change(stage);
  stage.restart();
  await stage.settle();
  stage.now += 10_000;
  await stage.reconcile();
  stage.now += 10_000;
  stage.probes = 0;
  stage.patches = [];
  return stage;
}

test("of an idle node the sidecar alone is asked, once an interval", async () => {
  const stage = await atRest();
  for (let look = 0; look < 5; look += 1) {
    const restMs = await stage.probeIdle();
    expect(restMs).toBe(10_000);
    stage.now += restMs ?? 0;
  }
  expect(stage.probed).toEqual(Array.from({ length: 5 }, () => "sei 10.0.0.1:7777"));
  expect([stage.probes, stage.patches.length]).toEqual([5, 0]);
});

test("a node that was never reconciled is not probed", async () => {
  expect(await new Stage().probeIdle()).toBeNull();
});

test.each(["shut", "unreachable", "odd"] as const)("a gate that is %s makes it a reconcile", async (gate) => {
  const stage = await atRest();
  stage.gate = gate;
  expect(await stage.probeIdle()).toBeNull();
  expect(stage.patches).toEqual([]);
});

test("a shut gate that an idle probe found is opened by the reconcile after it", async () => {
  const stage = await atRest();
  stage.gate = "shut";
  expect(await stage.probeIdle()).toBeNull();
  await stage.settle();
  expect(stage.submits.map(({ type }) => type)).toEqual(["mark-ready"]);
  expect([stage.condition("SidecarReady"), stage.patches.length]).toEqual(["True/Ready", 2]);
});

test("a gate that an idle probe saw shut is not asked again by the reconcile right after it, but only by that one", async () => {
  const stage = await atRest();
  stage.gate = "shut";
  await stage.probeIdle();
  expect(stage.probes).toBe(1);
  await stage.reconcile();
  // Once more after it was opened.
  expect([stage.probes, stage.submits.length, stage.condition("SidecarReady")]).toEqual([2, 1, "True/Ready"]);
});

test.each<[string, (stage: Stage) => void]>([
  ["later", (stage) => (stage.now += 300)],
  ["after a trigger", (stage) => stage.annotate({ note: "new" })],
  ["of another Pod", (stage) => (stage.pod = aPod("pod-2", { ip: "10.0.0.2" }))],
  ["of another port", (stage) => (stage.pod = aPod("pod-1", { sidecarPort: 7778 }))],
])("a reconcile %s asks for itself, and opens nothing that is open by then", async (_what, change) => {
  const stage = await atRest();
  stage.gate = "shut";
  await stage.probeIdle();
  stage.gate = "open";
  change(stage);
  await stage.settle();
  expect([stage.submits, stage.condition("SidecarReady")]).toEqual([[], "True/Ready"]);
});

test("whatever triggers a node makes it a reconcile, and nobody is asked before", async () => {
  const stage = await atRest();
  stage.pod = aPod("pod-2", { ip: "10.0.0.2" });
  stage.triggerPod();
  expect(await stage.probeIdle()).toBeNull();
  expect(stage.probed).toEqual([]);
});

test("a node that was idle and is triggered does not send its Events again", async () => {
  const stage = await atRest((fresh) => (fresh.gate = "shut"));
  expect([stage.events.length > 0, await stage.probeIdle()]).toEqual([true, 10_000]);
  const sent = stage.events.length;
  stage.annotate({ note: "new" });
  await stage.settle();
  expect(stage.events.length).toBe(sent);
});

test("a trigger that comes while the sidecar is asked makes it a reconcile", async () => {
  const stage = await atRest();
  const underWay = stage.probeIdle();
  stage.annotate({ note: "new" });
  expect(await underWay).toBeNull();
});

test("a node that is worked on no longer is not idle", async () => {
  const stage = await atRest();
  const underWay = stage.probeIdle();
  stage.forget();
  expect([await underWay, await stage.probeIdle()]).toEqual([null, null]);
});

test("a reconcile is made every few minutes all the same", async () => {
  const stage = await atRest();
  stage.now += 4 * MINUTE;
  expect(await stage.probeIdle()).not.toBeNull();
  stage.now += MINUTE;
  expect(await stage.probeIdle()).toBeNull();
});

const byLabel = { peers: [{ label: { selector: { role: "rpc" } } }] };

test("a node whose peers follow from others is reconciled when they may have changed", async () => {
  const stage = await atRest((fresh) => {
    fresh.raw.spec = { ...fresh.raw.spec, ...byLabel };
  });
  expect(stage.status.resolvedPeers).toEqual([]);
  expect(await stage.probeIdle()).toBe(10_000);
  stage.peersVersion += 1;
  expect(await stage.probeIdle()).toBeNull();
});

test("changes among others do not concern a node without peers by label", async () => {
  const stage = await atRest();
  stage.peersVersion += 1;
  expect(await stage.probeIdle()).toBe(10_000);
});

const plugin = aPlugin({ name: "theirs", detect: () => null });

test.each<[string, (stage: Stage) => void]>([
  ["is paused", (stage) => (stage.raw.spec = { ...stage.raw.spec, paused: true })],
  ["has a spec that nobody can follow", (stage) => (stage.raw.spec = { image: 7 })],
  ["imports a claim, which no watch tells of", (stage) => (stage.readsAnew = true)],
  ["has a shut gate that may not be opened", (stage) => ([stage.gate, stage.mode] = ["shut", "observe"])],
  [
    "has a drift that is only observed",
    (stage) => {
      stage.raw.spec = { ...stage.raw.spec, image: "seid:v2" };
      stage.mode = "observe";
    },
  ],
  ["has lost its volume", (stage) => (stage.claim = null)],
  ["is judged by a plugin, maybe by the time", (stage) => (stage.detectors = [...stage.detectors, plugin])],
])("a node that %s is passed whole each time", async (_what, change) => {
  const stage = await atRest(change);
  expect(await stage.probeIdle()).toBeNull();
  expect(stage.probed).toEqual([]);
});

test("a plugin that is off does not count", async () => {
  const stage = await atRest((fresh) => {
    fresh.detectors = [...fresh.detectors, { ...plugin, mode: "off" }];
  });
  expect(await stage.probeIdle()).toBe(10_000);
});
