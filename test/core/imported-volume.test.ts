/** A node on an imported claim, as the loop sees it: what its first task found stands in a condition. */
import { describe, expect, test } from "bun:test";
import { anImportedClaim } from "../fixtures/imports.ts";
import { aClaim, aPod, Stage } from "../fixtures/stage.ts";

function newNode(): Stage {
  const stage = new Stage({});
  stage.raw.spec = { ...stage.raw.spec, dataVolume: { import: { pvcName: "old" } } };
  stage.imports.wish = { name: "old", leastSize: "10Gi" };
  stage.claim = null;
  stage.statefulSet = null;
  stage.service = null;
  return stage;
}

describe("the first task of a node that imports its volume", () => {
  test("that waits says for what, in one write however often it looks", async () => {
    const stage = newNode();
    stage.imports.claim = { kind: "notFound" };
    await stage.reconcile();
    const { length } = stage.patches;
    expect(stage.condition("ImportPVCReady")).toBe("False/PVCNotReady");
    for (let look = 0; look < 5; look += 1) {
      stage.now += 1000;
      await stage.reconcile();
    }
    expect(stage.patches.length).toBe(length);
    expect([stage.status.phase ?? "", stage.status.plan?.tasks[0]?.status ?? ""]).toEqual(["Initializing", "Pending"]);
    stage.imports.claim = { kind: "ok", value: anImportedClaim() };
    stage.now += 1000;
    expect(await stage.reconcile()).toBe(0);
    expect([stage.status.reservedVolume?.uid, stage.objectLog]).toEqual(["old-1", []]);
    expect(await stage.reconcile()).toBe(0);
    expect([stage.status.reservedVolume, stage.objectLog]).toEqual([undefined, []]);
    await stage.reconcile();
    expect(stage.condition("ImportPVCReady")).toBe("True/PVCValidated");
    expect(stage.status.dataVolume).toEqual({ claimName: "old", uid: "old-1" });
  });

  test("that fails says why, and the plan ends there", async () => {
    const stage = newNode();
    stage.imports.claim = { kind: "ok", value: anImportedClaim({ phase: "Lost" }) };
    await stage.reconcile();
    expect(stage.condition("ImportPVCReady")).toBe("False/PVCInvalid");
    expect(stage.status.phase).toBe("Failed");
    expect(stage.condition("Stalled")).toBe("True/InitFailed");
    const told = "task ensure-data-pvc: IMPORT_INVALID: claim old: it is Lost: its volume is gone";
    expect(stage.status.history?.at(-1)?.message).toBe(told);
    expect(stage.objectLog).toEqual([]);
  });

  test("is tried anew where a person asks for it", async () => {
    const stage = newNode();
    stage.imports.rival = { who: "SeiNode b", isLeaving: false };
    await stage.reconcile();
    expect(stage.status.phase).toBe("Failed");
    stage.imports.rival = null;
    stage.claim = { ...aClaim("old-1"), name: "old" };
    stage.pod = aPod("pod-1", { claims: ["old"], home: { claim: "old", subPath: "" } });
    stage.annotate({ "tidekeeper.sei.io/reinitialize": "b is gone" });
    await stage.settle();
    expect([stage.status.phase ?? "", stage.condition("ImportPVCReady")]).toEqual(["Running", "True/PVCValidated"]);
  });
});

test("a node whose spec begins to import another claim than it runs on is left alone until a person accepts that one", async () => {
  const stage = new Stage();
  stage.gate = "shut";
  stage.claim = { ...aClaim("old-1"), name: "old" };
  await stage.settle();
  expect(stage.condition("Stalled")).toBe("True/DataVolumeLost");
  expect(stage.status.conditions?.find(({ type }) => type === "Stalled")?.message).toContain(
    "claim data-node: got claim old, want the one that init completed on",
  );
  expect(stage.submits).toEqual([]);
  stage.annotate({ "tidekeeper.sei.io/accept-data-volume": "old-1" });
  await stage.reconcile();
  expect(stage.status.dataVolume).toEqual({ claimName: "old", uid: "old-1" });
});
