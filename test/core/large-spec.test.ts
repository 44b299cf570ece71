/** A spec that is larger than any that is served: nothing of it is applied, and the gate is looked after all the same. */
import { expect, test } from "bun:test";
import { aPod, Stage } from "../fixtures/stage.ts";

const large = { overrides: { "config.toml/x": "x".repeat(300_000) } };

async function settled(status?: Record<string, unknown>): Promise<Stage> {
  const stage = new Stage(status);
  await stage.settle();
  stage.writes = 0;
  return stage;
}

/** Some reconciles of a plan that is far from its end. */
async function reconcileOften(stage: Stage): Promise<void> {
  for (let count = 0; count < 4; count += 1) await stage.reconcile();
}

test("an image that comes with it is not rolled out, and nothing is written to its objects", async () => {
  const stage = await settled();
  stage.edit({ ...large, image: "seid:v2" });
  await stage.settle();
  expect([stage.condition("Stalled"), stage.condition("Ready")]).toEqual(["True/SpecTooLarge", "False/SpecTooLarge"]);
  expect([stage.writes, stage.status.plan ?? null]).toEqual([0, null]);
  expect(stage.condition("Drift")).toBe("True/ImageChanged");
});

test("a replaced Pod is healed all the same", async () => {
  const stage = await settled();
  stage.edit({ ...large, sidecar: { port: 9000 } });
  await stage.settle();
  stage.pod = aPod("pod-2");
  stage.gate = "shut";
  stage.triggerPod();
  await stage.settle();
  expect(stage.submits.map(({ type }) => type)).toEqual(["mark-ready"]);
  expect([stage.gate, stage.condition("SidecarReady"), stage.condition("Stalled")]).toEqual([
    "open",
    "True/Ready",
    "True/SpecTooLarge",
  ]);
  expect(stage.writes).toBe(0);
});

test("a pause in it is not carried out", async () => {
  const stage = await settled();
  stage.edit({ ...large, paused: true });
  await stage.settle();
  expect([stage.writes, stage.condition("Stalled")]).toEqual([0, "True/SpecTooLarge"]);
});

test("once it is corrected all goes on", async () => {
  const stage = await settled();
  stage.edit({ ...large, image: "seid:v2" });
  await stage.settle();
  stage.edit({ overrides: {} });
  await reconcileOften(stage);
  expect(stage.condition("Stalled")).not.toBe("True/SpecTooLarge");
  expect(stage.status.plan?.reason ?? stage.status.history?.at(-1)?.reason).toBe("ImageChanged");
  expect(stage.writes).toBeGreaterThan(0);
});

test("a roll-out that is under way ends, so that it mutes no shut gate", async () => {
  const stage = await settled();
  stage.pod = null;
  stage.edit({ image: "seid:v2" });
  await reconcileOften(stage);
  expect(stage.status.plan?.phase).toBe("Active");
  stage.edit(large);
  await stage.settle();
  expect([stage.status.plan ?? null, stage.status.history?.at(-1)?.outcome]).toEqual([null, "Superseded"]);
});

test("a new node gets no plan, and one that is being brought up waits", async () => {
  const fresh = new Stage({});
  fresh.edit(large);
  await fresh.settle();
  expect([fresh.writes, fresh.status.plan ?? null, fresh.condition("Stalled")]).toEqual([0, null, "True/SpecTooLarge"]);
  const begun = new Stage({});
  begun.slow.add("config-apply");
  await reconcileOften(begun);
  const { plan } = begun.status;
  expect(plan?.phase).toBe("Active");
  begun.edit(large);
  await begun.settle();
  expect([begun.status.plan?.id, begun.condition("Stalled")]).toEqual([plan?.id, "True/SpecTooLarge"]);
});

test("with fields of a later version it is left alone altogether", async () => {
  const stage = await settled();
  stage.edit({ ...large, seed: {}, fullNode: undefined });
  await stage.settle();
  expect(stage.condition("Stalled")).toBe("True/UnsupportedSpec");
});
