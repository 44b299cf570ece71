/** The task `observe-image`: which Pods it deletes, when it waits, and when it is done. */
import { describe, expect, test } from "bun:test";
import { aPod, aStatefulSet } from "../fixtures/stage.ts";
import type { ContainerView, Outcome } from "../../src/model/index.ts";
import { Bench } from "./bench.ts";

const running = (version: string, change: Partial<ContainerView> = {}) => {
  const pod = aPod(`pod-${version}`, { revision: version });
  const containers = pod.containers.map((one) =>
    one.name === "seid" ? { ...one, image: `seid:${version}`, ...change } : one,
  );
  return { ...pod, containers };
};
const waits = { kind: "again" } as const;

test.each<[string, (bench: Bench) => void, object, readonly string[]]>([
  [
    "the image is the one that the Pod of the update revision runs",
    (bench) => void (bench.pods = [running("v2")]),
    {
      kind: "done",
      status: { currentImage: "seid:v2", rolledOutPod: { name: "node-0", uid: "pod-v2", revision: "v2" } },
    },
    [],
  ],
  [
    "another Pod of a set that was scaled up says nothing",
    (bench) => void (bench.pods = [{ ...running("v2"), name: "node-1" }]),
    waits,
    [],
  ],
  [
    "a Pod that is not Ready counts: its gate is still shut",
    (bench) => void (bench.pods = [{ ...running("v2"), ready: false }]),
    { kind: "done" },
    [],
  ],
  [
    "the old Pod is replaced, Ready or not",
    (bench) => void (bench.pods = [{ ...running("v1"), ready: false }]),
    waits,
    ["delete pod-v1"],
  ],
  [
    "after a roll-back the Pod of the image between is replaced",
    (bench) => {
      bench.statefulSet = aStatefulSet("v1");
      bench.pods = [running("v2", { state: "waiting", stateReason: "ImagePullBackOff" })];
    },
    waits,
    ["delete pod-v2"],
  ],
  [
    "one that is going is not deleted twice",
    (bench) => void (bench.pods = [{ ...running("v1"), deleting: true }]),
    waits,
    [],
  ],
  [
    "a Pod of somebody else is never deleted",
    (bench) => void (bench.pods = [{ ...running("v1"), ownerUid: "other" }]),
    waits,
    [],
  ],
  [
    "a Pod of nobody is never deleted",
    (bench) => void (bench.pods = [{ ...running("v1"), ownerUid: null }]),
    waits,
    [],
  ],
  [
    "a Pod that cannot start is told with its reason",
    (bench) => void (bench.pods = [running("v2", { state: "waiting", stateReason: "ImagePullBackOff" })]),
    { kind: "again", why: "container seid is waiting: ImagePullBackOff" },
    [],
  ],
  [
    "what admission has a Pod say as it is made is not stamped: what was applied is",
    (bench) => void (bench.pods = [running("v2", { image: "mirror.local/seid:v2" })]),
    { kind: "done", status: { currentImage: "seid:v2", rolledOutPod: { uid: "pod-v2", revision: "v2" } } },
    [],
  ],
  [
    "the same of a Pod that was edited since, where its images were not",
    (bench) => void (bench.pods = [{ ...running("v2", { image: "mirror.local/seid:v2" }), generation: 2 }]),
    { kind: "done", status: { currentImage: "seid:v2" } },
    [],
  ],
  [
    "what admission has a template say is not stamped either",
    (bench) => {
      bench.statefulSet = { ...aStatefulSet("v2"), templateImage: "mirror.local/seid:v2" };
      bench.pods = [running("v2", { image: "mirror.local/seid:v2" })];
      const seid = { asked: "seid:v2", stored: "mirror.local/seid:v2" };
      bench.status = { ...bench.status, applied: { generation: 1, rewritten: { seid } } };
    },
    { kind: "done", status: { currentImage: "seid:v2", currentSidecarImage: "sidecar:v1" } },
    [],
  ],
  [
    "a Pod whose image was edited in place is not stamped",
    (bench) => {
      bench.pods = [{ ...running("v2", { image: "seid:other" }), generation: 2 }];
      bench.asMade = { kind: "ok", value: false };
    },
    {
      kind: "again",
      why: "container seid was edited in place to seid:other. Delete Pod node-0 to have it as applied",
    },
    [],
  ],
  [
    "nor is one of which that cannot be told",
    (bench) => {
      bench.pods = [{ ...running("v2", { image: "seid:other" }), generation: null }];
      bench.asMade = { kind: "failed", why: "no answer" };
    },
    { kind: "again", why: "Pod node-0: no answer" },
    [],
  ],
  [
    "a template that the controller has not seen says nothing yet",
    (bench) => {
      bench.statefulSet = { ...aStatefulSet("v1"), generation: 2, observedGeneration: 1 };
      bench.pods = [running("v1")];
    },
    { kind: "again", why: "the StatefulSet controller has not seen the template yet" },
    [],
  ],
  ["a set that is gone is made again first", (bench) => void (bench.statefulSet = null), waits, ["apply set"]],
  ["no Pod is waited for", (bench) => void (bench.pods = []), waits, []],
  [
    "without the Lease nothing is deleted",
    (bench) => {
      bench.mayAct = false;
      bench.pods = [running("v1")];
    },
    waits,
    [],
  ],
  [
    "a deletion that would be refused again fails",
    (bench) => {
      bench.deleted = { kind: "refused", why: "no" };
      bench.pods = [running("v1")];
    },
    { kind: "failed", code: "API_REFUSED" },
    ["delete pod-v1"],
  ],
])("%s", async (_title, change, outcome, effects) => {
  const bench = new Bench();
  bench.before = ["apply-statefulset", "apply-service"];
  bench.statefulSet = aStatefulSet("v2");
  change(bench);
  expect(await written(bench)).toMatchObject(outcome);
  expect(bench.effects).toEqual([...effects]);
});

/** Runs it, and again once the deletion that it writes down first is in status. */
async function written(bench: Bench): Promise<Outcome> {
  const [live] = bench.pods;
  if (live !== undefined) bench.live = { kind: "ok", value: live };
  const outcome = await bench.run("observe-image");
  if (outcome.kind !== "again" || outcome.status?.podDeletion === undefined) return outcome;
  expect(bench.effects).toEqual([]);
  bench.status = { ...bench.status, ...outcome.status };
  return bench.run("observe-image");
}

describe("the deletion of a Pod", () => {
  const roll = (): Bench => {
    const bench = new Bench();
    bench.before = ["apply-statefulset", "apply-service"];
    bench.statefulSet = aStatefulSet("v2");
    bench.pods = [running("v1")];
    return bench;
  };

  test.each<[string, (bench: Bench) => void]>([
    ["whose set was rolled on, which no watch told", (bench) => void (bench.found = ok(aStatefulSet("v1")))],
    [
      "whose set has a template that its controller has not seen",
      (bench) => void (bench.found = ok({ ...aStatefulSet("v2"), generation: 3 })),
    ],
    ["whose set is another's by now", (bench) => void (bench.found = ok({ ...aStatefulSet("v2"), ownerUid: "x" }))],
    ["whose set cannot be read", (bench) => void (bench.found = { kind: "failed", why: "reset" })],
    ["of the same name that came meanwhile", (bench) => void (bench.live = ok(running("v2")))],
    ["that is going already", (bench) => void (bench.live = ok({ ...running("v1"), deleting: true }))],
    ["that is another set's by now", (bench) => void (bench.live = ok({ ...running("v1"), ownerUid: "x" }))],
    ["that cannot be read", (bench) => void (bench.live = { kind: "failed", why: "reset" })],
    ["while the node cannot be read", (bench) => void (bench.refresh = () => false)],
    [
      "that was not stored in status",
      (bench) => void (bench.newest = (node) => ({ ...node, status: { phase: "Running" } })),
    ],
  ])("%s is not begun", async (_title, change) => {
    const bench = roll();
    bench.live = ok(running("v1"));
    bench.status = { ...bench.status, podDeletion: { uid: "pod-v1", at: "2026-01-01T00:00:00Z" } };
    change(bench);
    expect((await bench.run("observe-image")).kind).not.toBe("failed");
    expect(bench.effects).toEqual([]);
  });

  test.each([
    [1, 64_000],
    [64, 1000],
    [65, 0],
    // A clock that was set back holds nobody up.
    [-5, 0],
  ])("is %i s after that of another Pod of the node, and waits %i ms", async (sinceS, waitMs) => {
    const bench = roll();
    bench.live = ok(running("v1"));
    const at = new Date(bench.now - sinceS * 1000).toISOString();
    bench.status = { ...bench.status, podDeletion: { uid: "pod-v0", at } };
    const outcome = await bench.run("observe-image");
    expect(outcome).toMatchObject({ kind: "again", afterMs: waitMs });
    expect("status" in outcome).toBe(waitMs === 0);
    expect(bench.effects).toEqual([]);
  });
});

test("a deletion that was written down a while ago is written down anew before it is made", async () => {
  const bench = new Bench();
  bench.before = ["apply-statefulset"];
  bench.statefulSet = aStatefulSet("v2");
  bench.pods = [running("v1")];
  bench.live = ok(running("v1"));
  bench.status = { ...bench.status, podDeletion: { uid: "pod-v1", at: "2025-12-31T23:59:54Z" } };
  const outcome = await bench.run("observe-image");
  expect(outcome).toMatchObject({ kind: "again", status: { podDeletion: { uid: "pod-v1" } } });
  expect(bench.effects).toEqual([]);
});

function ok<T>(value: T): { readonly kind: "ok"; readonly value: T } {
  return { kind: "ok", value };
}

describe("in a plan that applied nothing before, it only observes:", () => {
  const stamped = { currentImage: "seid:v2", rolledOutPod: { name: "node-0", uid: "pod-v2", revision: "v2" } };

  test.each<[string, (bench: Bench) => void, object]>([
    ["what runs is stamped", () => {}, { kind: "done", status: { ...stamped, currentSidecarImage: "sidecar:v1" } }],
    [
      "the Pod of an older revision too, and it is not replaced",
      (bench) => void (bench.pods = [{ ...running("v2"), revision: "v1" }]),
      {
        kind: "done",
        status: {
          ...stamped,
          rolledOutPod: { ...stamped.rolledOutPod, revision: "v1" },
          currentSidecarImage: "sidecar:v1",
        },
      },
    ],
    [
      "a sidecar of another image than is wanted stays unseen",
      (bench) => {
        const pod = running("v2");
        const containers = pod.containers.map((one) => (one.name === "seid" ? one : { ...one, image: "sidecar:v0" }));
        bench.pods = [{ ...pod, containers, revision: "v1" }];
      },
      { kind: "done", status: { ...stamped, rolledOutPod: { ...stamped.rolledOutPod, revision: "v1" } } },
    ],
    [
      "a Pod of another image than the template's is waited for, and not replaced",
      (bench) => void (bench.pods = [running("v1")]),
      { kind: "again", why: "the Pod does not run the image of the template" },
    ],
    [
      "one that does not run is waited for",
      (bench) => void (bench.pods = [running("v2", { state: "waiting", stateReason: "ImagePullBackOff" })]),
      { kind: "again", why: "container seid is waiting: ImagePullBackOff" },
    ],
    [
      "one that is going says nothing",
      (bench) => void (bench.pods = [{ ...running("v2"), deleting: true }]),
      { kind: "again", why: "there is no Pod to look at" },
    ],
    [
      "one of somebody else says nothing",
      (bench) => void (bench.pods = [{ ...running("v2"), ownerUid: "other" }]),
      { kind: "again", why: "there is no Pod to look at" },
    ],
  ])("%s", async (_title, change, outcome) => {
    const bench = new Bench();
    bench.statefulSet = aStatefulSet("v2");
    bench.pods = [running("v2")];
    change(bench);
    expect(await bench.run("observe-image")).toEqual(expect.objectContaining(outcome));
    expect(bench.effects).toEqual([]);
  });
});
