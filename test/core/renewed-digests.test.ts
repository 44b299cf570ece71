/** A fleet that an earlier version worked on has digests of that version in its status. */
import { expect, test } from "bun:test";
import { aPod, aRunningStatus, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

function upgraded(): Stage {
  const stage = new Stage({
    ...aRunningStatus(),
    applied: { generation: 1, statefulSet: "old-set", service: "old-service" },
  });
  stage.statefulSet = { ...aStatefulSet("v1"), ownedDigest: "new-set", formerDigest: "old-set" };
  stage.service = { ...aService(), ownedDigest: "new-service", formerDigest: "old-service" };
  return stage;
}

test("they are no edit, and cost no patch of their own once the node was seen well", async () => {
  const stage = upgraded();
  await stage.settle();
  expect([stage.writes, stage.condition("Ready"), stage.condition("Drift")]).toEqual([0, "True/Ready", "none"]);
  stage.raw.status["applied"] = { generation: 1, statefulSet: "old-set", service: "old-service" };
  stage.patches = [];
  stage.now += 60_000;
  await stage.settle();
  expect(stage.patches).toEqual([]);
});

test("they are replaced in the next patch that goes out anyway", async () => {
  const stage = upgraded();
  await stage.settle();
  expect(stage.status.applied).toEqual({ generation: 1, statefulSet: "new-set", service: "new-service" });
});

test("one of an object that was edited stays, so that the edit is found", async () => {
  const stage = upgraded();
  stage.statefulSet = { ...aStatefulSet("v1"), ownedDigest: "edited", formerDigest: "edited too" };
  stage.pod = aPod("pod-1");
  await stage.settle();
  expect(stage.status.history?.map(({ reason }) => reason)).toEqual(["WorkloadChanged"]);
});
