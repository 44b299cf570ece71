/** SeiNodes that a hand spoilt or that are older than their schema: what the reader takes over of them. */
import { describe, expect, test } from "bun:test";
import { readNode } from "../../../src/seinode/read/read-node.ts";
import { readSpec } from "../../../src/seinode/read/read-spec.ts";
import { examples } from "../../fixtures/samples.ts";
import { LONG_AGO } from "../../../src/base/index.ts";
import { rawNode, rawPlan } from "./raw-objects.ts";
import { seiNode } from "../nodes.ts";

const AT = "2026-01-02T03:04:05Z";
const ENDLESS = "x".repeat(1024 * 1024);
const condition = {
  type: "A",
  status: "True",
  reason: "R",
  message: "m",
  lastTransitionTime: AT,
  observedGeneration: 1,
};
const record = {
  id: "i",
  detector: "d",
  reason: "R",
  outcome: "Complete",
  healed: true,
  createdAt: AT,
  finishedAt: AT,
};

function statusOf(status: object): object | undefined {
  return readNode(rawNode(status))?.status;
}

describe("of status", () => {
  test.each([
    ["a phase that is none", { phase: "Updating" }, {}],
    ["an empty phase", { phase: "" }, {}],
    ["a phase that is no text", { phase: ["Running"] }, {}],
    ["a time that is none", { phaseTransitionTime: "yesterday" }, {}],
    ["a day that is none", { phaseTransitionTime: "2026-13-45T99:00:00Z" }, {}],
    ["a generation that a double rounds", { observedGeneration: 2 ** 53 }, {}],
    ["an endless image", { currentImage: ENDLESS }, {}],
    ["an image with a line break", { currentImage: "sei:1\nsei:2" }, {}],
    ["a Pod without UID", { rolledOutPod: { name: "x" } }, {}],
    ["an endless Pod", { rolledOutPod: { name: ENDLESS, uid: "u" } }, {}],
    ["objects without generation", { applied: { statefulSet: "a" } }, {}],
    ["an address with a line break", { externalAddress: "a:1\nb = 2" }, {}],
    ["an endless address", { externalAddress: `${ENDLESS}:1` }, {}],
    ["peers that are none", { resolvedPeers: ["a", 7, null, "b c", ENDLESS] }, { resolvedPeers: ["a"] }],
    ["text for lists", { conditions: "all", history: "none", resolvedPeers: "a", readinessTransitions: "b" }, {}],
    ["records that are none", { history: [null, 7, {}, { ...record, id: "" }, record] }, { history: [record] }],
    [
      "a time of a record",
      { history: [{ ...record, finishedAt: "" }] },
      { history: [{ ...record, finishedAt: LONG_AGO }] },
    ],
    ["an endless record", { history: [{ ...record, id: ENDLESS }] }, { history: [] }],
    [
      "a change of readiness at no time",
      { readinessTransitions: [{ to: "Ready", at: "" }] },
      { readinessTransitions: [] },
    ],
  ])("%s is as good as absent", (_title, status, want) => {
    expect(statusOf(status)).toEqual(want);
  });

  test.each([
    ["no reason", { reason: "" }, { reason: "Unknown" }],
    ["words for a reason", { reason: "two words" }, { reason: "Unknown" }],
    ["a time that is none", { lastTransitionTime: "now" }, { lastTransitionTime: LONG_AGO }],
    ["a generation below zero", { observedGeneration: -5 }, { observedGeneration: 0 }],
    ["a message that is none", { message: 7 }, { message: "" }],
  ])("a condition with %s has that filled in, so that it can be written again", (_title, odd, want) => {
    expect(statusOf({ conditions: [{ ...condition, ...odd }] })).toEqual({ conditions: [{ ...condition, ...want }] });
  });

  test("conditions without a type or a status are dropped, and of two alike the first stays", () => {
    const odd = [
      null,
      7,
      "True",
      { ...condition, type: "" },
      { ...condition, type: 5 },
      { ...condition, type: "B", status: "Maybe" },
      { ...condition, type: "B", status: true },
      { type: "B" },
      { ...condition, type: "t".repeat(317) },
    ];
    const conditions = [...odd, condition, { ...condition, status: "False" }, { ...condition, type: "C" }];
    expect(statusOf({ conditions })).toEqual({ conditions: [condition, { ...condition, type: "C" }] });
  });

  test("a condition of somebody else's is taken over with its message, as far as the schema lets it go", () => {
    const conditions = [
      { ...condition, message: "a".repeat(10_000) },
      { ...condition, type: "B", message: ENDLESS },
    ];
    const read = readNode(rawNode({ conditions }))?.status.conditions;
    expect(read?.map(({ message }) => message.length)).toEqual([10_000, 32_768]);
  });

  test("a hold is a hold also when half of it is missing", () => {
    const none = { adoptedWorkflow: { name: "" } };
    expect(statusOf({ adoptedWorkflow: {} })).toEqual(none);
    expect(statusOf({ adoptedWorkflow: true })).toEqual(none);
    expect(statusOf({ adoptedWorkflow: { name: ENDLESS, uid: 7, adoptedAt: "soon" } })).toEqual(none);
    expect(statusOf({ adoptedWorkflow: null })).toEqual({});
  });

  test("a volume that is not told right still counts, so that no other takes its place unasked", () => {
    expect(statusOf({ dataVolume: { claimName: 7 } })).toEqual({ dataVolume: { claimName: "", uid: "" } });
    expect(statusOf({ dataVolume: "data" })).toEqual({ dataVolume: { claimName: "", uid: "" } });
  });

  test.each([
    ["text", "Running"],
    ["a list", [{ phase: "Running" }]],
    ["a number", 5],
    ["null", null],
  ])("%s in place of all of it is no status", (_title, status) => {
    expect(readNode({ ...rawNode(), status })?.status).toEqual({});
  });

  test("texts of a plan are cut, and names that are none are left out, so that nothing endless is copied on", () => {
    const plan = {
      ...rawPlan("mark-ready"),
      detector: ENDLESS,
      reason: "two words",
      message: ENDLESS,
      createdAt: "then",
      failedTaskIndex: -1,
      failedTaskDetail: { type: ENDLESS, id: "a b", error: ENDLESS, retryCount: 2 ** 40, maxRetries: "many" },
      incarnation: { podUid: ENDLESS, containerId: "c", restartCount: 0 },
    };
    const tasks = [{ ...Object(plan)["tasks"][0], error: ENDLESS, startedAt: "then", maxRetries: 1.5, retryCount: -1 }];
    const read = readNode(rawNode({ plan: { ...plan, tasks } }))?.status.plan;
    expect(JSON.stringify(read).length).toBeLessThan(5000);
    const { detector, reason, createdAt, failedTaskIndex, incarnation } = read ?? {};
    expect([detector, reason, createdAt, failedTaskIndex, incarnation]).toEqual(Array.from({ length: 5 }));
    expect(read?.failedTaskDetail).toMatchObject({ type: "", id: "", retryCount: 0, maxRetries: 0 });
    expect(read?.tasks[0]).not.toHaveProperty("retryCount");
  });

  test("a plan for a thousand peers is a plan", () => {
    const endpoints = Array.from(
      { length: 1000 },
      (_none, index) => `rpc-${index}-0.rpc-${index}.a-fleet.svc.cluster.local`,
    );
    const plan = rawPlan("discover-peers");
    const tasks = [{ ...Object(plan)["tasks"][0], params: { sources: [{ type: "dnsEndpoints", endpoints }] } }];
    expect(readNode(rawNode({ plan: { ...plan, tasks } }))?.status.plan?.phase).toBe("Active");
  });
});

describe("of metadata", () => {
  test("annotations that are too long to be a switch are forgotten", () => {
    const raw = rawNode();
    const annotations = { short: "yes", long: ENDLESS };
    const node = readNode({ ...raw, metadata: { ...Object(raw["metadata"]), annotations } });
    expect(node?.metadata.annotations).toEqual({ short: "yes" });
  });

  test.each([
    ["a number", 5],
    ["a list", ["a"]],
    ["null", null],
  ])("%s in place of labels and annotations is none of them", (_title, value) => {
    const raw = rawNode();
    const metadata = { ...Object(raw["metadata"]), labels: value, annotations: value, generation: "new" };
    expect(readNode({ ...raw, metadata })?.metadata).toMatchObject({ labels: {}, annotations: {}, generation: 0 });
  });
});

describe("of spec", () => {
  const whole = { chainId: "pacific-1", image: "sei:1", fullNode: { snapshot: { s3: { targetHeight: 5 } } } };
  const height = (targetHeight: unknown): object => ({ fullNode: { snapshot: { s3: { targetHeight } } } });
  const high = "spec.fullNode.snapshot.s3.targetHeight: must be an integer between 1 and 9007199254740991, got";

  test.each([
    ["an integer that a double rounds", JSON.parse('{"n":9007199254740993}').n, "9007199254740992"],
    ["an integer out of int64", JSON.parse('{"n":1e30}').n, "1e+30"],
    ["an integer below the range", 0, "0"],
    ["no number", Number.NaN, "NaN"],
    ["no end", Number.POSITIVE_INFINITY, "Infinity"],
    ["a fraction", 1.5, "1.5"],
    ["a text", "5", '"5"'],
    ["a list", [5], "a list"],
    ["null where something is required", null, "nothing"],
  ])("%s is refused in words and never rounded", (_title, value, got) => {
    const reading = readSpec(seiNode({ ...whole, ...height(value) }));
    expect(reading).toEqual({ ok: false, reason: "InvalidSpec", message: `${high} ${got}` });
  });

  test.each(
    examples().flatMap(({ title, name, spec }) =>
      leavesOf(spec).map((path) => [`${title}: ${path.join(".")}`, name, spec, path] as const),
    ),
  )("%s that is spoilt is refused or left alone, in one short line", (_title, name, spec, path) => {
    for (const value of [
      null,
      [],
      {},
      "\u001b\n",
      -1,
      2 ** 60,
      true,
      ENDLESS,
      JSON.parse('{"__proto__":{"polluted":1}}'),
    ]) {
      const reading = readSpec(seiNode(spoilt(spec, path, value), { name }));
      if (!reading.ok) expect(reading.message).toMatch(/^spec[\x20-\x7e]{1,1023}$/);
    }
    expect("polluted" in {}).toBe(false);
  });
});

function leavesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [
    ...(path.length === 0 ? [] : [path]),
    ...Object.entries(value).flatMap(([name, item]) => leavesOf(item, [...path, name])),
  ];
}

function spoilt(value: unknown, [name, ...rest]: readonly string[], by: unknown): object {
  const copy = structuredClone(value);
  if (name !== undefined) Object(copy)[name] = rest.length === 0 ? by : spoilt(Object(copy)[name], rest, by);
  return Object(copy);
}
