/** The guard refuses what no detector may answer. */
import { expect, test } from "bun:test";
import { checkConditions, checkDrift, checkObserved, guardFor } from "../../../src/plugin/loading/guard.ts";

const KNOWN = new Set(["mark-ready"]);
const TASK = { type: "mark-ready", params: {} };
const GOOD = { reason: "GateShut", message: "the gate is shut", tasks: [TASK] };

function cyclic(): unknown {
  const params: Record<string, unknown> = {};
  params["self"] = params;
  return params;
}

const hostile: unknown = new Proxy(
  {},
  {
    get() {
      throw new Error("no");
    },
    ownKeys() {
      throw new Error("no");
    },
  },
);

test.each<[string, object]>([
  ["a drift", GOOD],
  [
    "a drift with everything",
    {
      ...GOOD,
      madeFrom: { "spec.image": "a" },
      incarnation: { podUid: "u", containerId: "c", restartCount: 0 },
      targetPhase: "Running",
      failedPhase: "Failed",
    },
  ],
  ["an undefined param, which JSON leaves out", { ...GOOD, tasks: [{ type: "mark-ready", params: { a: undefined } }] }],
  ["one list used twice, which is no cycle", { ...GOOD, madeFrom: ((list) => ({ a: list, b: list }))([1]) }],
  ["as many tasks as there may be", { ...GOOD, tasks: Array.from({ length: 64 }, () => TASK) }],
])("takes %s", (_title, value) => {
  const check: unknown = checkDrift("x", value, KNOWN);
  expect(check).toEqual({ ok: true, drift: value });
});

test.each<[string, unknown, string]>([
  ["a forgotten return", undefined, "detect() returned nothing; return null when there is no drift"],
  ["a promise", Promise.resolve(null), "detect() must be synchronous; put I/O in observe()"],
  ["a number", 7, "detect() returned a number, want a drift or null"],
  ["a list", [], "detect() returned a list, want a drift or null"],
  ["an empty object", {}, "reason: got undefined, want CamelCase of at most 128 characters"],
  [
    "a bad reason",
    { ...GOOD, reason: "not ready!" },
    'reason: got "not ready!", want CamelCase of at most 128 characters',
  ],
  ["no message", { ...GOOD, message: "" }, 'message: got "", want a sentence'],
  ["a message of two lines", { ...GOOD, message: "a\nb" }, "message: got control characters, want one plain line"],
  ["half a surrogate pair", { ...GOOD, message: "a\ud800" }, "message: got control characters, want one plain line"],
  ["a long message", { ...GOOD, message: "x".repeat(1025) }, "message: got 1025 characters, want at most 1024"],
  ["no tasks", { ...GOOD, tasks: undefined }, "tasks: got undefined, want a list"],
  [
    "an empty plan",
    { ...GOOD, tasks: [] },
    "tasks: got none, want at least one. Return null when there is nothing to do",
  ],
  ["500 tasks", { ...GOOD, tasks: Array.from({ length: 500 }, () => TASK) }, "tasks: got 500, want at most 64"],
  ["an unknown task", { ...GOOD, tasks: [TASK, { type: "foo", params: {} }] }, 'tasks[1].type "foo" is not registered'],
  [
    "a task without params",
    { ...GOOD, tasks: [{ type: "mark-ready" }] },
    "tasks[0].params: got undefined, want an object",
  ],
  ["a task that is text", { ...GOOD, tasks: ["mark-ready"] }, "tasks[0]: got a string, want { type, params }"],
  ["a field that is none", { ...GOOD, task: TASK }, '"task" is no field of a drift'],
  [
    "a phase that is none",
    { ...GOOD, targetPhase: "Fine" },
    'targetPhase: got "Fine", want Pending, Initializing, Running, Failed, Terminating',
  ],
  [
    "half an incarnation",
    { ...GOOD, incarnation: { podUid: "u" } },
    "incarnation.containerId: got undefined, want a container's id",
  ],
  ...(
    [
      ["cyclic params", cyclic(), ".self: got a cycle, want plain JSON"],
      ["a BigInt", { n: 1n }, ".n: got a bigint, want plain JSON"],
      ["a Date", { at: new Date(0) }, ".at: got a Date, want plain JSON"],
      ["a Map", { map: new Map() }, ".map: got a Map, want plain JSON"],
      ["a function", { run: () => null }, ".run: got a function, want plain JSON"],
      ["NaN", { n: Number.NaN }, ".n: got NaN, want plain JSON"],
      ["a hole in a list", { list: [1, undefined] }, ".list.1: got undefined, want plain JSON"],
      ["a prototype in disguise", JSON.parse('{"__proto__":{"a":1}}'), ": got a key named __proto__"],
    ] as const
  ).map(([title, params, why]): [string, unknown, string] => [
    title,
    { ...GOOD, tasks: [{ type: "mark-ready", params }] },
    `detect() returned what cannot be stored: value.tasks.0.params${why}`,
  ]),
  [
    "params past the limit",
    { ...GOOD, tasks: [{ type: "mark-ready", params: { blob: "x".repeat(70_000) } }] },
    "detect() returned what cannot be stored: value: more than 65536 bytes of JSON",
  ],
  ["something that throws when looked at", hostile, "what it returned cannot be read as plain data"],
])("refuses %s", (_title, value, why) => {
  expect(checkDrift("x", value, KNOWN)).toEqual({ ok: false, why: `detector x: ${why}` });
});

test("nesting without end is refused before the stack is", () => {
  let deep: unknown = null;
  for (let level = 0; level < 200_000; level++) deep = { deep };
  expect(checkObserved("x", deep)).toMatchObject({ ok: false });
});

const CONDITION = { type: "DiskFull", status: "False", reason: "Enough", message: "" };

test.each<[string, unknown]>([
  ["none", []],
  ["one", [CONDITION]],
  ["a quiet one", [{ ...CONDITION, quiet: true }]],
])("takes conditions: %s", (_title, value) => {
  expect(checkConditions("x", value)).toEqual({ ok: true });
});

test.each<[string, unknown, string]>([
  ["nothing", undefined, "conditions() returned undefined, want a list"],
  ["a promise", Promise.resolve([]), "conditions() returned a Promise, want a list"],
  [
    "a bad reason",
    [{ ...CONDITION, reason: "not ready!" }],
    'conditions[0].reason: got "not ready!", want CamelCase of at most 128 characters',
  ],
  [
    "an empty reason",
    [{ ...CONDITION, reason: "" }],
    'conditions[0].reason: got "", want CamelCase of at most 128 characters',
  ],
  [
    "a status of its own",
    [{ ...CONDITION, status: true }],
    "conditions[0].status: got a boolean, want True, False or Unknown",
  ],
  ["a bad type", [{ ...CONDITION, type: "disk full" }], 'conditions[0].type: got "disk full", want a CamelCase name'],
  [
    "a long message",
    [{ ...CONDITION, message: "x".repeat(2048) }],
    "conditions[0].message: got 2048 characters, want at most 1024",
  ],
  ["one twice", [CONDITION, CONDITION], 'conditions[1].type "DiskFull" is given twice'],
])("refuses conditions: %s", (_title, value, why) => {
  expect(checkConditions("x", value)).toEqual({ ok: false, why: `detector x: ${why}` });
});

test.each<[string, unknown, boolean]>([
  ["null", null, true],
  ["plain JSON", { a: [1, "b", null, true] }, true],
  ["nothing", undefined, false],
  ["a Date", new Date(0), false],
  ["65 KiB", "x".repeat(65 * 1024), false],
])("observed: %s", (_title, value, ok) => {
  expect(checkObserved("x", value).ok).toBe(ok);
});

test("the loop's guard says the same without the name", () => {
  const guard = guardFor(KNOWN, []);
  expect([guard.drift(GOOD), guard.conditions([CONDITION]), guard.observed(null)]).toEqual([null, null, null]);
  expect(guard.drift(undefined)).toBe("detect() returned nothing; return null when there is no drift");
  expect(guard.conditions([{ ...CONDITION, reason: "" }])).toStartWith("conditions[0].reason: got");
  expect(guard.observed(1n)).toBe("observe() returned what cannot be kept: value: got a bigint, want plain JSON");
});

test("a plugin sets no condition of ours", () => {
  const guard = guardFor(KNOWN, ["SidecarReady", "PodOutdated"]);
  expect(guard.conditions([CONDITION, { ...CONDITION, type: "Ready" }])).toBe(
    'conditions: got type "Ready", which is not a plugin\'s. Give it another name',
  );
  expect(guard.conditions([{ ...CONDITION, type: "PodOutdated" }])).toBe(
    'conditions: got type "PodOutdated", which is not a plugin\'s. Give it another name',
  );
  expect(guard.conditions("none")).toBe("conditions() returned a string, want a list");
});
