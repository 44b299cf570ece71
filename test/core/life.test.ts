/** What status does not say: lost whole or in part, of a node of ours or of another manager's. */
import { describe, expect, test } from "bun:test";
import type { SeiNode } from "../../src/model/index.ts";
import { aClaim, aPod, aRunningStatus, aStatefulSet, Stage } from "../fixtures/stage.ts";
import { planOf, spoilt, standing } from "../fixtures/spoilt-status.ts";

const VOLUME = { claimName: "data-node", uid: "claim-1" };
const UP: [SeiNode["status"]["phase"], SeiNode["status"]["dataVolume"]] = ["Running", VOLUME];
const ACCEPT = { "tidekeeper.sei.io/accept-data-volume": "claim-1" };
const RESTART = { "tidekeeper.sei.io/reinitialize": "word" };
const OF_NOBODY = { ownerUid: null };

function told(stage: Stage): string {
  return stage.status.conditions?.find(({ type }) => type === "Stalled")?.message ?? "none";
}

/** Nothing was posted, written or replaced, and nothing stands in status but what was seen. */
function isLeftAlone(stage: Stage): void {
  expect([stage.submits, stage.objectLog, stage.deletedPods]).toEqual([[], [], []]);
  expect([stage.status.plan ?? null, stage.status.dataVolume ?? null]).toEqual([null, null]);
}

describe("a node whose status was wiped whole", () => {
  test("is found Running behind an open gate, on a claim of its own that is older than its Pod", async () => {
    const stage = standing({});
    await stage.settle();
    expect([stage.status.phase, stage.status.dataVolume]).toEqual(UP);
    expect([stage.submits, stage.condition("Ready"), stage.condition("Stalled")]).toEqual([[], "True/Ready", "none"]);
    expect(stage.status.history?.map(({ detector }) => detector) ?? []).not.toContain("init");
  });

  test.each<[string, (stage: Stage) => void]>([
    ["its gate is shut", (stage) => void (stage.gate = "shut")],
    ["its sidecar does not answer", (stage) => void (stage.gate = "unreachable")],
    ["its sidecar answers something odd", (stage) => void (stage.gate = "odd")],
    ["there is no Pod", (stage) => void (stage.pod = null)],
    ["its Pod is going", (stage) => void (stage.pod = aPod("pod-1", { deleting: true }))],
    ["the Pod is of another set", (stage) => void (stage.pod = aPod("pod-1", { ownerUid: "other" }))],
    ["the home is off the volume", (stage) => void (stage.pod = aPod("pod-1", { home: null }))],
    [
      "the claim is younger than the Pod",
      (stage) => void (stage.claim = { ...aClaim("c"), createdAt: "2025-12-01T00:00:11Z" }),
    ],
    ["nobody says when the claim was made", (stage) => void (stage.claim = { ...aClaim("c"), createdAt: "" })],
    ["the claim is another's", (stage) => void (stage.claim = { ...aClaim("claim-1"), ownerUid: "other" })],
    ["the claim is going", (stage) => void (stage.claim = { ...aClaim("claim-1"), deleting: true })],
    ["the claim is gone", (stage) => void (stage.claim = null)],
    ["the set is gone, and the claim alone is left", (stage) => void (stage.statefulSet = null)],
    ["a new start was asked for once", (stage) => stage.annotate(RESTART)],
  ])("is left alone where %s", async (_title, change) => {
    const stage = standing({});
    change(stage);
    for (let at = 0; at < 5; at += 1) {
      await stage.reconcile();
      stage.now += 10_000;
    }
    expect([stage.condition("Stalled"), stage.condition("Ready")]).toEqual(["True/StatusLost", "False/StatusLost"]);
    isLeftAlone(stage);
  });

  test("says how it may go on, and does so on the claim that a person accepts", async () => {
    const stage = standing({});
    stage.gate = "shut";
    await stage.reconcile();
    expect(told(stage)).toBe(
      "status: it was lost, and the node is not new: got a gate that is not seen open, want an open gate on its data volume. Nothing is done until consent by annotation: tidekeeper.sei.io/accept-data-volume=claim-1 to run on claim data-node as it is, or tidekeeper.sei.io/reinitialize=<a new word> to initialise it anew",
    );
    stage.annotate({ "tidekeeper.sei.io/accept-data-volume": "another" });
    await stage.reconcile();
    isLeftAlone(stage);
    stage.annotate(ACCEPT);
    await stage.settle();
    expect([stage.status.phase, stage.status.dataVolume]).toEqual(UP);
    expect([stage.submits.map(({ type }) => type), stage.condition("Stalled")]).toEqual([
      ["mark-ready"],
      "False/NotStalled",
    ]);
  });

  test("is initialised anew for a word that was given after the loss was told, and for no older one", async () => {
    const stage = standing({});
    stage.gate = "shut";
    stage.annotate(RESTART);
    for (let at = 0; at < 3; at += 1) await stage.reconcile();
    isLeftAlone(stage);
    stage.annotate({ "tidekeeper.sei.io/reinitialize": "another" });
    await stage.settle();
    expect([stage.status.history?.[0]?.detector, stage.status.reinitialized]).toEqual(["init", "another"]);
  });

  test("in the middle of init is not begun anew", async () => {
    const stage = new Stage({});
    stage.slow.add("configure-genesis");
    stage.gate = "shut";
    await stage.reconcile();
    const sent = stage.submits.length;
    expect([stage.status.phase ?? "", sent > 0]).toEqual(["Initializing", true]);
    stage.raw.status = {};
    stage.stands = true;
    stage.restart();
    await stage.reconcile();
    expect([stage.condition("Stalled"), stage.submits.length]).toEqual(["True/StatusLost", sent]);
  });

  test("waits while what stands cannot be read", async () => {
    const stage = standing({});
    stage.isUnread = true;
    expect(await stage.reconcile()).toBeGreaterThan(0);
    expect([stage.patches, stage.submits]).toEqual([[], []]);
    stage.isUnread = false;
    await stage.settle();
    expect(stage.status.phase).toBe("Running");
  });

  test("is let be while it is paused", async () => {
    const stage = standing({});
    stage.edit({ paused: true });
    await stage.reconcile();
    expect([stage.status.phase ?? "", stage.status.plan ?? null]).toEqual(["", null]);
  });
});

describe("a node of which a part of status is gone", () => {
  test("the phase alone, behind a shut gate, is left alone until a person accepts its volume", async () => {
    const stage = spoilt({});
    stage.gate = "shut";
    await stage.settle();
    expect([stage.condition("Stalled"), stage.submits]).toEqual(["True/StatusLost", []]);
    stage.annotate(ACCEPT);
    await stage.reconcile();
    // What its conditions say is from before the loss.
    expect([stage.status.phase, stage.condition("Ready")]).toEqual(["Running", "Unknown/Progressing"]);
    await stage.settle();
    expect([stage.status.phase, stage.submits.map(({ type }) => type)]).toEqual(["Running", ["mark-ready"]]);
  });

  test("the phase, with another claim in the place of the one that was noted, is left alone", async () => {
    const stage = spoilt({});
    stage.claim = aClaim("claim-2");
    await stage.settle();
    expect([stage.condition("Stalled"), stage.submits]).toEqual(["True/StatusLost", []]);
  });

  test("the phase, with nothing left of the node, is not taken for new", async () => {
    const stage = spoilt({});
    [stage.pod, stage.statefulSet, stage.service, stage.claim] = [null, null, null, null];
    await stage.settle();
    expect([stage.condition("Stalled"), stage.objectLog]).toEqual(["True/StatusLost", []]);
    expect(told(stage)).not.toContain("accept-data-volume");
  });

  test("the phase, in the middle of a plan: the plan ends, and its tasks are not carried out", async () => {
    const stage = spoilt({ plan: planOf(["mark-ready"], { detector: "sidecar-ready" }) });
    stage.gate = "shut";
    await stage.settle();
    expect(stage.status.history?.at(-1)).toMatchObject({ outcome: "Superseded", message: "status.phase was lost" });
    expect([stage.condition("Stalled"), stage.submits]).toEqual(["True/StatusLost", []]);
  });

  test("the phase, in the middle of init, whose plan goes on", async () => {
    const stage = new Stage({});
    stage.slow.add("configure-genesis");
    stage.gate = "shut";
    await stage.reconcile();
    const { phase: _lost, ...rest } = stage.raw.status;
    stage.raw.status = rest;
    stage.stands = true;
    stage.now += 1000;
    await stage.reconcile();
    expect([stage.status.phase, stage.status.plan?.detector]).toEqual(["Initializing", "init"]);
  });

  test.each([
    ["an open gate proves it", "open", UP, "none"],
    ["a shut gate does not", "shut", ["Running", undefined], "True/StatusLost"],
  ] as const)("the volume of a Running node of ours: %s", async (_title, gate, want, is) => {
    const stage = standing({ ...aRunningStatus(), dataVolume: undefined });
    stage.gate = gate;
    await stage.settle();
    expect([stage.status.phase, stage.status.dataVolume, stage.condition("Stalled")]).toEqual([...want, is]);
    expect(stage.submits).toEqual([]);
  });

  test("the volume in the middle of init, which is noted again only where nothing was put onto it before it was there", async () => {
    for (const [createdAt, isNoted] of [
      ["2025-12-31T23:59:59Z", true],
      ["2026-01-01T00:00:05Z", false],
    ] as const) {
      const stage = new Stage({});
      stage.slow.add("config-validate");
      stage.gate = "shut";
      await stage.reconcile();
      const { dataVolume, ...rest } = stage.raw.status;
      expect(dataVolume).toBeDefined();
      stage.raw.status = rest;
      stage.claim = { ...aClaim("claim-9"), createdAt };
      stage.pod = aPod("pod-1", { createdAt: "2026-01-01T00:01:00Z" });
      await stage.reconcile();
      expect([createdAt, stage.status.dataVolume !== undefined]).toEqual([createdAt, isNoted]);
    }
  });
});

describe("a node that another manager brought up", () => {
  const left = { phase: "Running", currentImage: "seid:v1", phaseTransitionTime: "2025-12-02T00:00:00Z" };
  test.each<[string, (stage: Stage) => void, boolean]>([
    ["is its own", () => undefined, true],
    ["is nobody's, but labelled", (stage) => void (stage.claim = { ...aClaim("claim-1"), ...OF_NOBODY }), true],
    [
      "is younger than its set",
      (stage) => void (stage.claim = { ...aClaim("claim-1"), createdAt: "2025-12-01T00:00:06Z" }),
      false,
    ],
    ["is another's", (stage) => void (stage.claim = { ...aClaim("claim-1"), ownerUid: "other" }), false],
    [
      "is beside a set of ours: all but its phase was lost",
      (stage) => void (stage.statefulSet = aStatefulSet("v1")),
      false,
    ],
  ])("has its gate opened on the claim that is there where that %s", async (_title, change, isOpened) => {
    const stage = standing(left);
    stage.gate = "shut";
    if (stage.statefulSet !== null)
      stage.statefulSet = { ...stage.statefulSet, ownedDigest: null, isOfReference: true };
    change(stage);
    await stage.settle();
    const want = isOpened ? [["mark-ready"], "none"] : [[], "True/StatusLost"];
    expect([stage.submits.map(({ type }) => type), stage.condition("Stalled")]).toEqual(want);
  });
});
