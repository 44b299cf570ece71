/** The detector `workload`. */
import { describe, expect, test } from "bun:test";
import type { OwnedObjects } from "../../src/model/index.ts";
import { workload } from "../../src/drift/workload.ts";
import { aPod, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

const applied = { generation: 1, statefulSet: "v1", service: "service" };
const currentImage = "seid:v1";
const now = Date.parse("2026-01-01T01:00:00Z");
const owned: OwnedObjects = {
  pod: null,
  statefulSet: aStatefulSet("v1"),
  service: aService(),
  claim: null,
  sidecarImage: null,
};

function gap(change: Partial<OwnedObjects>, status: object = { applied, currentImage }): string | null {
  const node = new Stage({ phase: "Running", ...status }).node();
  return workload.detect({ node, owned: { ...owned, ...change }, observed: null, now })?.message ?? null;
}

test.each([
  ["everything as applied", {}, null],
  ["no StatefulSet", { statefulSet: null }, "the StatefulSet is gone, or lost its label sei.io/node"],
  ["no Service", { service: null }, "the Service is gone, or lost its label sei.io/node"],
  ["an edited StatefulSet", { statefulSet: aStatefulSet("v2") }, "the StatefulSet was edited"],
  ["an edited Service", { service: { ...aService(), ownedDigest: "other" } }, "the Service was edited"],
  [
    "nothing of ours in the StatefulSet",
    { statefulSet: { ...aStatefulSet("v1"), ownedDigest: null } },
    "the StatefulSet was edited",
  ],
])("with %s", (_title, change, want) => {
  expect(gap(change)).toBe(want);
});

test.each([
  ["on no claim", null],
  ["on another claim", { claim: "other", subPath: "" }],
  ["in a folder of the volume", { claim: "data-node", subPath: "x" }],
])("a home %s in the template is a gap, though nothing of ours was edited", (_title, home) => {
  const status = { applied, currentImage, dataVolume: { claimName: "data-node", uid: "claim-1" } };
  expect(gap({}, status)).toBeNull();
  expect(gap({ statefulSet: { ...aStatefulSet("v1"), home } }, status)).toBe(
    "the template's home is off the data volume",
  );
});

test("an older generation of the spec is a gap", () => {
  expect(gap({}, { currentImage, applied: { ...applied, generation: 0 } })).toBe(
    "the spec changed since its objects were applied",
  );
});

test("but not while a roll-out backs off, which applies the same objects and more", () => {
  const older = { currentImage, applied: { ...applied, generation: 0 } };
  const node = new Stage({ phase: "Running", ...older }).node();
  const judged = (change: Partial<OwnedObjects>, why: "backOff" | "place") =>
    workload.detect({
      node,
      owned: { ...owned, ...change },
      observed: null,
      now,
      waiting: [{ detector: "image", why }],
    })?.reason ?? null;
  expect(judged({}, "backOff")).toBeNull();
  expect(judged({}, "place")).toBe("WorkloadChanged");
  expect(judged({ service: null }, "backOff")).toBe("WorkloadChanged");
});

test("what is gone of a node that nobody of ours has applied comes back with the take-over", () => {
  const node = new Stage({ phase: "Running", currentImage }).node();
  const drift = workload.detect({ node, owned: { ...owned, statefulSet: null }, observed: null, now });
  expect([drift?.reason, drift?.tasks.map(({ type }) => type)]).toEqual([
    "TakeOver",
    ["apply-statefulset", "apply-service"],
  ]);
});

test("an edit of the spec is heeded however many came before it", () => {
  const record = { id: "x", detector: "workload", reason: "WorkloadChanged", outcome: "Complete", healed: true };
  const at = { createdAt: "2026-01-01T00:59:00Z", finishedAt: "2026-01-01T00:59:30Z" };
  const history = [1, 2, 3, 4].map((generation) => ({ ...record, ...at, generation: -generation }));
  expect(gap({}, { applied: { ...applied, generation: 0 }, history })).not.toBeNull();
});

test("somebody who undoes every heal is not fought without end", () => {
  const record = { id: "x", detector: "workload", reason: "WorkloadChanged", outcome: "Complete", healed: true };
  const history = Array.from({ length: 3 }, () => ({ ...record, createdAt: "2026-01-01T00:00:00Z" }));
  const recent = history.map((one) => ({ ...one, finishedAt: "2026-01-01T00:59:30Z" }));
  expect(gap({ statefulSet: null }, { applied, currentImage, history: recent })).toBeNull();
  const old = history.map((one) => ({ ...one, finishedAt: "2026-01-01T00:50:00Z" }));
  expect(gap({ statefulSet: null }, { applied, currentImage, history: old })).toBe(
    "the StatefulSet is gone, or lost its label sei.io/node",
  );
});

describe("PodOutdated", () => {
  const edited = { statefulSet: aStatefulSet("v2"), pod: aPod("pod-1") };
  const plan = (...types: readonly string[]) => ({
    id: "00000000-0000-4000-8000-000000000000",
    phase: "Active",
    tasks: types.map((type) => ({ type, id: "x", status: "Pending", params: {} })),
  });
  const told = (change: Partial<OwnedObjects>, status: object = {}): string => {
    const base = new Stage({ phase: "Running" }).node();
    const node = { ...base, status: { ...base.status, ...status } };
    const said = workload.conditions?.({ node, owned: { ...owned, ...change }, observed: null, now }) ?? [];
    const ours = said.filter(({ type }) => type === "PodOutdated");
    return ours.map((one) => `${one.type} ${one.status}/${one.reason}${one.quiet === true ? " quiet" : ""}`).join();
  };
  const outdated = "PodOutdated True/TemplateChanged";
  const upToDate = "PodOutdated False/UpToDate quiet";

  test.each<[string, Partial<OwnedObjects>, object, string]>([
    ["a Pod of the template", { pod: aPod("pod-1") }, {}, upToDate],
    ["a Pod of an older template", edited, {}, outdated],
    ["no Pod at all", { pod: null }, {}, upToDate],
    ["a Pod that goes", { ...edited, pod: aPod("pod-1", { deleting: true }) }, {}, ""],
    ["a Pod that does not say its revision", { ...edited, pod: aPod("pod-1", { revision: null }) }, {}, ""],
    ["no StatefulSet", { ...edited, statefulSet: null }, {}, ""],
    ["a StatefulSet that goes", { ...edited, statefulSet: { ...aStatefulSet("v2"), deleting: true } }, {}, ""],
    [
      "a template that its controller has not seen",
      { ...edited, statefulSet: { ...aStatefulSet("v2"), generation: 2 } },
      {},
      "",
    ],
    ["no revision yet", { ...edited, statefulSet: { ...aStatefulSet("v2"), updateRevision: null } }, {}, ""],
    ["a plan that replaces the Pod", edited, { plan: plan("apply-statefulset", "observe-image") }, ""],
    ["a plan that does not", edited, { plan: plan("apply-statefulset") }, outdated],
  ])("with %s", (_title, change, status, want) => {
    expect(told(change, status)).toBe(want);
  });
});
