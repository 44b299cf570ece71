/** A mirror whose watch is dead is told by the nodes that are reconciled meanwhile. */
import { expect, test } from "bun:test";
import { Stage } from "../fixtures/stage.ts";

function told(stage: Stage, type: string): string {
  return stage.status.conditions?.find((one) => one.type === type)?.message ?? "none";
}

const WORDS = "the watch of persistentvolumeclaims, pods is silent: what is known of them may be old";

test("a node that is reconciled while a watch is dead is not called Ready, and says why, once", async () => {
  const stage = new Stage();
  await stage.settle();
  expect(stage.condition("Ready")).toBe("True/Ready");
  stage.silentMirrors = ["pods", "persistentvolumeclaims"];
  stage.now += 10_000;
  await stage.settle();
  expect([stage.condition("Ready"), stage.condition("Reconciling")]).toEqual([
    "Unknown/WatchSilent",
    "True/Progressing",
  ]);
  expect(told(stage, "Reconciling")).toBe(WORDS);
  const { length } = stage.patches;
  stage.now += 10_000;
  await stage.settle();
  expect(stage.patches.length).toBe(length);
  stage.silentMirrors = [];
  stage.now += 10_000;
  await stage.settle();
  expect([stage.condition("Ready"), stage.condition("Reconciling")]).toEqual(["True/Ready", "False/NotReconciling"]);
});

test("a gate that is healed meanwhile is healed all the same, and the silence is told with it", async () => {
  const stage = new Stage();
  await stage.settle();
  stage.silentMirrors = ["pods", "persistentvolumeclaims"];
  stage.gate = "shut";
  stage.now += 10_000;
  await stage.settle();
  expect(stage.submits.map(({ type }) => type)).toEqual(["mark-ready"]);
  expect(told(stage, "Reconciling")).toBe(WORDS);
});

test("a paused node, and one that a person has to see to, say that first", async () => {
  const stage = new Stage();
  stage.silentMirrors = ["pods"];
  stage.claim = null;
  await stage.settle();
  expect([stage.condition("Stalled"), stage.condition("Reconciling")]).toEqual(["True/DataVolumeLost", "none"]);
});
