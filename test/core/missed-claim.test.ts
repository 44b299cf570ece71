/** A claim that is there without the label by which claims are watched is no claim that is gone, and is not told as one. */
import { expect, test } from "bun:test";
import { aClaim, Stage } from "../fixtures/stage.ts";

function stalled(stage: Stage): string {
  return stage.status.conditions?.find(({ type }) => type === "Stalled")?.message ?? "";
}

async function missed(found: Stage["unseenClaim"]): Promise<Stage> {
  const stage = new Stage();
  await stage.settle();
  [stage.claim, stage.unseenClaim] = [null, found];
  await stage.reconcile();
  return stage;
}

test.each([
  [
    "without its label",
    { ...aClaim("claim-1"), node: "" },
    "data volume: claim data-node: got it without the label sei.io/node=node, by which claims are watched. Give it back: kubectl label pvc data-node -n sei --overwrite sei.io/node=node",
  ],
  ["with another's label", { ...aClaim("claim-1"), node: "other" }, "got it without the label sei.io/node=node"],
  ["as another one of that name", { ...aClaim("claim-2"), node: "" }, "got another claim of that name"],
  ["not at all", null, "got no such claim"],
])("a claim that is there %s is told so", async (_title, found, want) => {
  const stage = await missed(found);
  expect(stage.condition("Stalled")).toBe("True/DataVolumeLost");
  expect(stalled(stage)).toContain(want);
});

test("it is read once a minute while it is missed, never while it is seen, and told no more when it is back", async () => {
  const stage = new Stage();
  await stage.settle();
  expect(stage.claimReads).toBe(0);
  [stage.claim, stage.unseenClaim] = [null, { ...aClaim("claim-1"), node: "" }];
  for (let at = 0; at < 12; at += 1) {
    await stage.reconcile();
    stage.now += 10_000;
  }
  expect(stage.claimReads).toBe(2);
  stage.claim = aClaim("claim-1");
  await stage.settle();
  expect(stage.condition("Ready")).toBe("True/Ready");
});

test.each([
  ["without its label", "kubectl label pvc data-node -n sei --overwrite sei.io/node=node && ", false],
  ["with it", "right data: ", true],
])("another claim of that name %s is told with the commands that accept it", async (_title, before, isLabelled) => {
  const stage = new Stage();
  await stage.settle();
  const other = { ...aClaim("claim-2"), node: isLabelled ? "node" : "" };
  [stage.claim, stage.unseenClaim] = isLabelled ? [other, null] : [null, other];
  await stage.reconcile();
  const accept = "kubectl annotate seinode node -n sei --overwrite tidekeeper.sei.io/accept-data-volume=claim-2";
  expect(stalled(stage)).toContain(`${before}${accept}`);
});
