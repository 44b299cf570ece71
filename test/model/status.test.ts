/** The draft of status and its patch. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { isObject, type Json, type JsonObject } from "../../src/base/index.ts";
import type { NodeStatus, SeiNode } from "../../src/model/node.ts";
import { droppedField, isEqual, StatusDraft } from "../../src/model/status.ts";

const at = "2026-01-01T00:00:00Z";

function draftOf(status: NodeStatus): StatusDraft {
  const metadata = { namespace: "sei", name: "node", uid: "u", resourceVersion: "1", generation: 3 };
  const node: SeiNode = { metadata, spec: {}, status };
  return new StatusDraft(node, at);
}

/** What an API server makes of a JSON merge patch (RFC 7386). */
function merged(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const next: Record<string, Json | undefined> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete next[key];
    else next[key] = merged(next[key], value);
  }
  return next;
}

/** As the API server holds it: what is null or undefined at the top is not there. */
function stored(status: NodeStatus): JsonObject {
  return JSON.parse(
    JSON.stringify(status, (key, value: unknown) => (key !== "" && value === null ? undefined : value)),
  );
}

test("an untouched draft, or one that says the same again, is no patch", () => {
  expect(draftOf({ phase: "Running" }).patch()).toBeNull();
  const draft = draftOf({ phase: "Running", resolvedPeers: ["a"] });
  draft.set({ phase: "Running", resolvedPeers: ["a"] });
  expect(draft.patch()).toBeNull();
});

test("a condition that turns and turns back before it is written has not turned", () => {
  const failed = { type: "DetectorFailed", status: "True", reason: "DetectorFailed", message: "x" } as const;
  const draft = draftOf({ conditions: [{ ...failed, lastTransitionTime: "before", observedGeneration: 3 }] });
  draft.condition({ type: "DetectorFailed", status: "False", reason: "DetectorsWorking", message: "" });
  draft.condition({ ...failed, message: "y" });
  const want = { ...failed, message: "y", lastTransitionTime: "before", observedGeneration: 3 };
  expect(draft.status.conditions).toEqual([want]);
});

test.each<[string, NodeStatus, Partial<NodeStatus>, JsonObject | null]>([
  [
    "a changed field alone is sent",
    { phase: "Running", currentImage: "a" },
    { currentImage: "b" },
    { currentImage: "b" },
  ],
  ["a field set to null is removed", { phase: "Running", plan: null }, { plan: null }, null],
  [
    "a hold that is let go is removed",
    { adoptedWorkflow: { name: "w" } },
    { adoptedWorkflow: null },
    { adoptedWorkflow: null },
  ],
  ["null over nothing is no change", {}, { plan: null }, null],
])("%s", (_title, base, fields, want) => {
  const draft = draftOf(base);
  draft.set(fields);
  expect(draft.patch()).toEqual(want);
});

describe("conditions", () => {
  const quiet = { type: "Stalled", status: "False", reason: "NotStalled", message: "" } as const;

  test("a quiet value is not worth a first write, an unusual one is", () => {
    const draft = draftOf({});
    draft.abnormal(quiet, true);
    expect(draft.patch()).toBeNull();
    draft.abnormal({ ...quiet, status: "True" }, false);
    expect(draft.status.conditions?.map(({ status }) => status)).toEqual(["True"]);
  });

  test("a quiet value is written where another stands", () => {
    const draft = draftOf({});
    draft.condition({ ...quiet, status: "True" });
    draft.abnormal(quiet, true);
    expect(draft.status.conditions).toEqual([{ ...quiet, lastTransitionTime: at, observedGeneration: 3 }]);
  });
});

test("a generation is noted once", () => {
  const draft = draftOf({});
  draft.seen();
  expect(draft.patch()).toEqual({ observedGeneration: 3 });
  const next = draftOf({ observedGeneration: 3 });
  next.seen();
  expect(next.patch()).toBeNull();
});

describe("the patch, applied to what was there, gives what was meant", () => {
  const text = fc.constantFrom("a", "b", "");
  const pod = fc.record({ name: text, uid: text });
  const fields = fc.record(
    {
      phase: fc.constantFrom("Pending" as const, "Running" as const),
      currentImage: text,
      resolvedPeers: fc.array(text, { maxLength: 3 }),
      rolledOutPod: pod,
      dataVolume: fc.record({ claimName: text, uid: text }),
      adoptedWorkflow: fc.option(fc.record({ name: text }), { nil: null }),
      applied: fc.record({ generation: fc.nat(3), statefulSet: text, service: text }),
    },
    { requiredKeys: [] },
  );

  test("for any base and any fields set", () => {
    fc.assert(
      fc.property(fields, fc.array(fields, { maxLength: 4 }), (base, steps) => {
        const draft = draftOf(base);
        for (const step of steps) draft.set(step);
        const patch = draft.patch();
        const next = patch === null ? stored(base) : merged(stored(base), patch);
        expect(next).toEqual(stored(draft.status));
      }),
    );
  });
});

test.each<[string, Json | undefined, Json | undefined, boolean]>([
  ["null and nothing at the top", null, undefined, true],
  ["a member that is undefined and one that is absent", { a: 1 }, { a: 1 }, true],
  ["keys in another order", { a: 1, b: 2 }, { b: 2, a: 1 }, true],
  ["lists in another order", [1, 2], [2, 1], false],
  ["lists of other lengths", [1], [1, 2], false],
  ["a list and an object", [], {}, false],
  ["zero and nothing", 0, undefined, false],
  ["empty text and null", "", null, false],
])("equal: %s", (_title, a, b, want) => {
  expect([isEqual(a, b), isEqual(b, a)]).toEqual([want, want]);
});

test.each<[string, Json, Json, string | null]>([
  ["all came back", { plan: { id: "x" } }, { plan: { id: "x" }, more: 1 }, null],
  ["a field did not", { plan: { id: "x" } }, {}, "status.plan"],
  ["a field within did not", { plan: { id: "x", detector: "a" } }, { plan: { id: "x" } }, "status.plan.detector"],
  ["one within a list did not", { history: [{ id: "x" }] }, { history: [{}] }, "status.history.0.id"],
  ["a list came back shorter", { peers: ["a", "b"] }, { peers: ["a"] }, "status.peers.1"],
  ["one was taken out", { plan: null }, {}, null],
  ["a value came back otherwise, which is no missing one", { phase: "a" }, { phase: "b" }, null],
])("dropped: %s", (_title, sent, got, want) => {
  expect(droppedField(sent, got)).toBe(want);
});
