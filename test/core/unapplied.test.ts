/** Fields that only init applies: what they were is noted with a patch that goes out anyway, and an edit is told. */
import { describe, expect, test } from "bun:test";
import { aPod, aRunningStatus, Stage } from "../fixtures/stage.ts";

const unapplied = (stage: Stage) => stage.events.filter(({ reason }) => reason === "SpecUnapplied");

function message(stage: Stage): string {
  return stage.status.conditions?.find(({ type }) => type === "SpecUnapplied")?.message ?? "";
}

test("the plan that brings a node up notes it, with no patch of its own", async () => {
  const stage = new Stage({});
  [stage.statefulSet, stage.service, stage.claim, stage.gate] = [null, null, null, "shut"];
  await stage.reconcile();
  expect(stage.patches[0]).toHaveProperty("initDigest");
  expect(stage.patches.filter((patch) => "initDigest" in patch).length).toBe(1);
  await stage.settle();
  expect([stage.status.phase, stage.condition("SpecUnapplied")].map(String)).toEqual(["Running", "none"]);
});

test("an edit while it is brought up is told: its plan goes on with what it was made from", async () => {
  const stage = new Stage({});
  [stage.pod, stage.statefulSet, stage.service, stage.claim] = [null, null, null, null];
  await stage.reconcile();
  stage.edit({ overrides: { a: "1" } });
  await stage.reconcile();
  expect(stage.condition("SpecUnapplied")).toBe("True/ChangedSinceInit");
});

describe("a Running node of which nothing was noted", () => {
  test("has what is seen first for it, with the next patch that goes out anyway", async () => {
    const stage = new Stage();
    await stage.settle();
    const { length } = stage.patches;
    expect(stage.status.initDigest).toBeString();
    const { initDigest: _noted, ...status } = stage.raw.status;
    stage.raw = { ...stage.raw, status };
    stage.restart();
    await stage.settle();
    expect(stage.patches.length).toBe(length);
    expect(stage.status.initDigest).toBeUndefined();
    stage.gate = "shut";
    stage.triggerPod();
    await stage.settle();
    // A healing costs what it did: lost, planned and restored are in two patches.
    expect(stage.patches.length - length).toBe(2);
    expect(stage.status.initDigest).toBeString();
  });
});

describe("an edit of fields that only init applies", () => {
  test("is told by name, once, in a condition and in an Event, and leaves Ready alone", async () => {
    const stage = new Stage();
    await stage.settle();
    stage.edit({ peers: [{ static: { addresses: ["abc@10.0.0.1:26656"] } }], overrides: { a: "1" } });
    await stage.settle();
    expect([stage.condition("SpecUnapplied"), stage.condition("Ready")]).toEqual([
      "True/ChangedSinceInit",
      "True/Ready",
    ]);
    expect(message(stage)).toStartWith("spec.peers, spec.overrides: changed since init. ");
    expect(unapplied(stage).map(({ note }) => note)).toEqual([message(stage)]);
    const { length } = stage.patches;
    stage.restart();
    await stage.settle();
    expect(stage.patches.length).toBe(length);
    const names = new Set(unapplied(stage).map(({ transition }) => transition));
    expect(names.size).toBe(1);
  });

  test("and of one more is told anew; set back, it is told no more", async () => {
    const stage = new Stage();
    await stage.settle();
    stage.edit({ overrides: { a: "1" } });
    await stage.settle();
    stage.edit({ overrides: { a: "1" }, externalAddress: "h:1" });
    await stage.settle();
    expect(unapplied(stage).map(({ note }) => note.split(":")[0])).toEqual([
      "spec.overrides",
      "spec.overrides, spec.externalAddress",
    ]);
    stage.edit({ overrides: {}, externalAddress: null });
    await stage.settle();
    expect([stage.condition("SpecUnapplied"), unapplied(stage).length].map(String)).toEqual([
      "False/AsInitialized",
      "2",
    ]);
  });

  test("is over when a person has the node brought up anew", async () => {
    const stage = new Stage();
    await stage.settle();
    stage.edit({ overrides: { a: "1" } });
    await stage.settle();
    stage.raw.status["phase"] = "Failed";
    stage.annotate({ "tidekeeper.sei.io/reinitialize": "again" });
    [stage.gate, stage.pod] = ["shut", aPod("pod-2")];
    await stage.settle();
    expect([stage.status.phase, stage.condition("SpecUnapplied")].map(String)).toEqual([
      "Running",
      "False/AsInitialized",
    ]);
  });
});

test("a CRD that does not keep the note stops nobody, is not sent it again, and nothing is told", async () => {
  const stage = new Stage(aRunningStatus());
  stage.pruned.add("initDigest");
  await stage.settle();
  stage.gate = "shut";
  stage.triggerPod();
  await stage.settle();
  expect([stage.condition("Ready"), stage.condition("Stalled"), stage.condition("SpecUnapplied")]).toEqual([
    "True/Ready",
    "none",
    "none",
  ]);
  expect(stage.patches.filter((patch) => "initDigest" in patch).length).toBe(1);
});
