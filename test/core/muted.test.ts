/** A drift that cannot be closed just now mutes none below it, and one that is being closed is not interrupted. */
import { describe, expect, test } from "bun:test";
import type { Drift } from "../../src/model/index.ts";
import { aPlugin, aPod, aRunningStatus, aStatefulSet, Stage } from "../fixtures/stage.ts";

const DENIED = 'statefulsets.apps "node" is forbidden: ValidatingAdmissionPolicy denied request: no such image';

/** A node whose revision was seen, with a drift above its gate that the API server refuses to have closed. */
function refusing(make: (stage: Stage) => void): Stage {
  const stage = new Stage({
    ...aRunningStatus(),
    currentSidecarImage: "sidecar:v1",
    rolledOutPod: { name: "node-0", uid: "pod-1", revision: "v1" },
  });
  stage.refuses = DENIED;
  make(stage);
  return stage;
}

function drain(stage: Stage): void {
  stage.pod = aPod("pod-2");
  stage.gate = "shut";
  stage.triggerPod();
}

const outcomes = (stage: Stage) => stage.status.history?.map(({ detector, outcome }) => `${detector} ${outcome}`);
const opened = (stage: Stage) => stage.submits.filter(({ type }) => type === "mark-ready").length;

describe("a refused roll-out", () => {
  test.each<[string, (stage: Stage) => void, string]>([
    ["of an image", (stage) => stage.edit({ image: "seid:v2" }), "image"],
    ["of a sidecar's image", (stage) => void (stage.sidecarImage = "sidecar:v2"), "sidecar-image"],
  ])(
    "%s ends with the API server's words, and the gate of a Pod that is replaced is opened",
    async (_title, make, who) => {
      const stage = refusing(make);
      await stage.settle();
      expect(outcomes(stage)).toEqual([`${who} Failed`]);
      expect(stage.status.history?.at(-1)?.message).toBe(
        `task apply-statefulset: API_REFUSED: StatefulSet node: ${DENIED}`,
      );
      expect(stage.events.map(({ reason }) => reason)).toContain("PlanFailed");
      drain(stage);
      await stage.settle(1000);
      expect([opened(stage), stage.gate]).toEqual([1, "open"]);
      expect(outcomes(stage)).toEqual([`${who} Failed`, "sidecar-ready Complete"]);
      expect(stage.condition("Drift")).toStartWith("True/");
      // Whoever waits for Ready waits for the image that was asked for.
      expect(stage.condition("Ready")).toBe("False/UpdateFailed");
    },
  );

  test("is tried again after its pause, also beside a gate that does not open", async () => {
    const stage = refusing((one) => one.edit({ image: "seid:v2" }));
    stage.opens = false;
    await stage.settle();
    drain(stage);
    for (let seconds = 0; seconds < 120; seconds += 1) {
      await stage.reconcile();
      await stage.pause(1000);
    }
    const failed = outcomes(stage)?.filter((said) => said === "image Failed") ?? [];
    expect(failed.length).toBeGreaterThan(2);
    expect(opened(stage)).toBeGreaterThan(2);
  });

  test("lands when it is refused no more", async () => {
    const stage = refusing((one) => one.edit({ image: "seid:v2" }));
    await stage.settle();
    stage.refuses = null;
    await stage.pause(10_000);
    await stage.reconcile();
    const v2 = aPod("pod-3", { revision: "v2" });
    stage.pod = {
      ...v2,
      containers: v2.containers.map((one) => ({ ...one, image: one.image.replace("seid:v1", "seid:v2") })),
    };
    stage.gate = "shut";
    stage.triggerPod();
    await stage.settle();
    expect([stage.status.currentImage, stage.gate, stage.condition("Drift")]).toEqual([
      "seid:v2",
      "open",
      "False/NoDrift",
    ]);
  });

  test("goes on without a word between when nobody refuses it: no gate is opened by another plan", async () => {
    const stage = refusing((one) => one.edit({ image: "seid:v2" }));
    stage.refuses = null;
    stage.gate = "shut";
    stage.triggerPod();
    await stage.reconcile();
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await stage.reconcile();
      await stage.pause(1000);
    }
    expect(stage.status.plan?.reason).toBe("ImageChanged");
    expect(opened(stage)).toBe(0);
  });
});

test("a refused workload mutes no plugin below it", async () => {
  const gap: Drift = { reason: "Moon", message: "no moon", tasks: [{ type: "apply-service", params: {} }] };
  const stage = refusing((one) => void (one.statefulSet = { ...aStatefulSet("v1"), ownedDigest: "edited" }));
  stage.detectors.push(aPlugin({ name: "moons", detect: () => gap }));
  stage.restart();
  for (let at = 0; at < 6; at += 1) await stage.reconcile();
  expect(outcomes(stage)?.slice(0, 2)).toEqual(["workload Failed", "moons Complete"]);
});

test("what admission has a Pod say is told in Reconciling, and between two Pods it stays told without a write", async () => {
  const mirrored = (uid: string) => {
    const pod = aPod(uid);
    return { ...pod, containers: pod.containers.map((one) => ({ ...one, image: `mirror.local/${one.image}` })) };
  };
  const stage = new Stage({ ...aRunningStatus(), rolledOutPod: { name: "node-0", uid: "pod-1", revision: "v1" } });
  stage.pod = mirrored("pod-1");
  await stage.settle();
  const told = () => stage.status.conditions?.find(({ type }) => type === "Reconciling");
  expect(told()).toMatchObject({
    status: "False",
    message: expect.stringContaining("mirror.local/seid:v1 where seid:v1"),
  });
  const before = told();
  const count = stage.patches.length;
  stage.pod = { ...mirrored("pod-1"), deleting: true };
  await stage.reconcile();
  expect(told()).toEqual(before);
  stage.pod = mirrored("pod-2");
  stage.triggerPod();
  await stage.reconcile();
  expect(stage.status.history ?? []).toEqual([]);
  expect(stage.patches.length - count).toBeLessThan(3);
});
