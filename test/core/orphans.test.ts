/** A node that was made again beside what an earlier one of its name left behind. */
import { describe, expect, test } from "bun:test";
import { aClaim, aJob, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

const OF_NOBODY = { ownerUid: null };

function told(stage: Stage): string {
  return stage.status.conditions?.find(({ type }) => type === "Stalled")?.message ?? "none";
}

/** Nothing was posted, written or replaced, and no volume is noted. */
function isLeftAlone(stage: Stage): void {
  expect([stage.submits, stage.objectLog, stage.deletedPods]).toEqual([[], [], []]);
  expect([stage.status.plan ?? null, stage.status.dataVolume ?? null]).toEqual([null, null]);
}

describe("a new node that meets objects of its name that nobody owns", () => {
  const orphaned = (): Stage => {
    const stage = new Stage({});
    stage.stands = true;
    stage.claim = { ...aClaim("claim-1"), ...OF_NOBODY };
    stage.statefulSet = { ...aStatefulSet("v1"), ...OF_NOBODY };
    stage.service = { ...aService(), ...OF_NOBODY };
    return stage;
  };

  test("asks before it takes them over, and says how", async () => {
    const stage = orphaned();
    await stage.settle();
    expect([stage.condition("Stalled"), stage.condition("Ready")]).toEqual([
      "True/ConsentNeeded",
      "False/ConsentNeeded",
    ]);
    expect(told(stage)).toBe(
      "StatefulSet, Service, claim of the name node: got one that nobody owns, want one that this node owns. To take them over as they are, with the data of claim data-node and without a new Pod, annotate tidekeeper.sei.io/adopt=claim-1",
    );
    isLeftAlone(stage);
  });

  test.each(["open", "shut"] as const)(
    "takes them over as they are, its gate %s, and replaces no Pod",
    async (gate) => {
      const stage = orphaned();
      stage.gate = gate;
      stage.annotate({ "tidekeeper.sei.io/adopt": "claim-1" });
      await stage.settle();
      expect(stage.status).toMatchObject({ phase: "Running", dataVolume: { claimName: "data-node", uid: "claim-1" } });
      expect(stage.objectLog.slice(0, 3)).toEqual(["adopt claim", "adopt Service", "adopt StatefulSet"]);
      expect([stage.claim?.ownerUid, stage.statefulSet?.ownerUid, stage.service?.ownerUid]).toEqual(
        Array.from({ length: 3 }, () => "node-uid"),
      );
      expect([stage.deletedPods, stage.condition("Stalled")]).toEqual([[], "none"]);
      expect(stage.submits.map(({ type }) => type)).toEqual(gate === "shut" ? ["mark-ready"] : []);
      expect(stage.status.history?.map(({ detector }) => detector)).not.toContain("init");
    },
  );

  test.each<[string, (stage: Stage) => void]>([
    ["names another claim", (stage) => stage.annotate({ "tidekeeper.sei.io/adopt": "claim-2" })],
    ["asks for a new start", (stage) => stage.annotate({ "tidekeeper.sei.io/reinitialize": "word" })],
    [
      "comes while the Job of an init still runs on the claim",
      (stage) => {
        stage.annotate({ "tidekeeper.sei.io/adopt": "claim-1" });
        stage.job = aJob({ ownerUid: null });
      },
    ],
    [
      "names a claim that another node uses",
      (stage) => {
        stage.annotate({ "tidekeeper.sei.io/adopt": "claim-1" });
        stage.imports.rival = { who: "SeiNode b", isLeaving: false };
      },
    ],
  ])("takes nothing over for a word that %s", async (_title, change) => {
    const stage = orphaned();
    change(stage);
    await stage.settle();
    expect(stage.condition("Stalled")).toBe("True/ConsentNeeded");
    isLeftAlone(stage);
  });

  test("leaves what is not labelled as its own to the plan of init, which fails on it, unless a person names the claim", async () => {
    const [stage, named] = [orphaned(), orphaned()];
    for (const one of [stage, named]) {
      [one.statefulSet, one.service] = [null, null];
      one.claim = { ...aClaim("claim-1"), ...OF_NOBODY, node: "" };
    }
    await stage.settle();
    expect([stage.status.phase, stage.status.history?.[0]?.message]).toEqual([
      "Failed",
      "task ensure-data-pvc: FOREIGN_OBJECT: claim data-node: it exists and is not this node's. Find out whose data it is: to run on it, make the SeiNode anew with the annotation tidekeeper.sei.io/adopt=claim-1, or import it; else give the SeiNode another name",
    ]);
    named.annotate({ "tidekeeper.sei.io/adopt": "claim-1" });
    await named.settle();
    expect([named.status.phase, named.objectLog[0]]).toEqual(["Running", "adopt claim"]);
  });

  test("goes on with what was taken over by half", async () => {
    const stage = orphaned();
    stage.claim = aClaim("claim-1");
    stage.annotate({ "tidekeeper.sei.io/adopt": "claim-1" });
    await stage.settle();
    expect(stage.objectLog.slice(0, 2)).toEqual(["adopt Service", "adopt StatefulSet"]);
    expect(stage.status.phase).toBe("Running");
  });

  test("where the set is gone has it made again on the claim, without a new start", async () => {
    const stage = orphaned();
    stage.statefulSet = null;
    stage.annotate({ "tidekeeper.sei.io/adopt": "claim-1" });
    await stage.settle();
    expect(stage.objectLog.slice(0, 3)).toEqual(["adopt claim", "adopt Service", "apply StatefulSet"]);
    expect(stage.status.history?.map(({ detector }) => detector)).not.toContain("init");
  });
});
