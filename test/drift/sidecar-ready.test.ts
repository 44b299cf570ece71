import { describe, expect, test } from "bun:test";
import type { SidecarTask, SidecarView, Surroundings } from "../../src/core/detector.ts";
import { incarnationOf, sidecarReady, type SidecarSeen } from "../../src/drift/index.ts";
import { aClaim, aPod, aRunningStatus, Stage } from "../fixtures/stage.ts";

const pod = aPod("pod-1");
const around: Surroundings = { pod, statefulSet: null, service: null, claim: aClaim("claim-1"), sidecarImage: null };
const shut: SidecarSeen = { health: { state: "notReady" }, incarnation: incarnationOf(pod), purpose: "none" };
const cause = "no answer";

/** The same Pod after its sidecar container was started again. */
function restarted() {
  return { ...pod, containers: pod.containers.map((one) => ({ ...one, containerId: "c-2", restartCount: 1 })) };
}

function detect(seen: SidecarSeen | null, change: { status?: object; around?: Partial<Surroundings> } = {}) {
  const node = new Stage({ ...aRunningStatus(), ...change.status }).node();
  return sidecarReady.detect({ node, around: { ...around, ...change.around }, observed: seen, now: 0 });
}

test("exactly a 503 of the life that stands there makes a plan of one task, bound to that life", () => {
  const drift = detect(shut);
  expect(drift?.tasks.map(({ type }) => type)).toEqual(["mark-ready"]);
  expect(drift).toMatchObject({ reason: "SidecarNotReady", incarnation: incarnationOf(pod), targetPhase: "Running" });
  expect(drift).not.toHaveProperty("failedPhase");
});

test.each<[string, SidecarSeen | null, Parameters<typeof detect>[1]]>([
  ["nothing was looked at", null, {}],
  ["the gate is open", { ...shut, health: { state: "ready" } }, {}],
  ["no answer came", { ...shut, health: { state: "unreachable", cause } }, {}],
  ["an odd answer came", { ...shut, health: { state: "probeError", cause } }, {}],
  ["it is not known who answered", { ...shut, incarnation: null }, {}],
  ["the gate was shut on purpose", { ...shut, purpose: "onPurpose" }, {}],
  ["whether it was on purpose is not known", { ...shut, purpose: "unknown" }, {}],
  ["a workflow adopted the node", shut, { status: { adoptedWorkflow: { name: "restore" } } }],
  ["the Pod is gone", shut, { around: { pod: null } }],
  ["another Pod stands there", shut, { around: { pod: aPod("pod-2") } }],
  ["its container was started again", shut, { around: { pod: restarted() } }],
  ["the claim is gone", shut, { around: { claim: null } }],
  ["the claim is another", shut, { around: { claim: aClaim("claim-2") } }],
  ["the home is on no claim, though the Pod has the volume", shut, { around: { pod: { ...pod, home: null } } }],
  ["the home is on another claim", shut, { around: { pod: { ...pod, home: { claim: "other", subPath: "" } } } }],
  [
    "the home is a folder of the volume",
    shut,
    { around: { pod: { ...pod, home: { claim: "data-node", subPath: "x" } } } },
  ],
  ["the volume that counts is not known", shut, { status: { dataVolume: undefined } }],
])("no plan when %s", (_title, seen, change) => {
  expect(detect(seen, change)).toBeNull();
});

test("a container id that the kubelet has not told yet stands for any", () => {
  const early = { ...pod, containers: pod.containers.map((one) => ({ ...one, containerId: "" })) };
  expect(detect({ ...shut, incarnation: incarnationOf(early) })?.reason).toBe("SidecarNotReady");
});

/** A sidecar that answers as told, and counts how often its tasks were asked for. */
function sidecarOf(state: "ready" | "notReady", tasks: readonly SidecarTask[] | null) {
  const asked = { tasks: 0 };
  const sidecar: SidecarView = {
    health: async () => ({ state }),
    tasks: async () => {
      asked.tasks += 1;
      return tasks;
    },
  };
  return { sidecar, asked };
}

function observe(sidecar: SidecarView | null, phase = "Running") {
  const node = new Stage({ ...aRunningStatus(), phase }).node();
  return sidecarReady.observe?.({ node, around, sidecar, signal: new AbortController().signal }) ?? null;
}

const shutting = {
  id: "x",
  type: "mark-not-ready",
  status: "completed",
  error: null,
  submittedAt: "2026-01-01T00:00:00Z",
} as const;

test.each<[string, readonly SidecarTask[] | null, SidecarSeen["purpose"]]>([
  ["no tasks", [], "none"],
  ["a shutting task newest", [shutting], "onPurpose"],
  ["tasks that cannot be read", null, "unknown"],
])("behind a shut gate, %s", async (_title, tasks, purpose) => {
  expect(await observe(sidecarOf("notReady", tasks).sidecar)).toEqual({ ...shut, purpose });
});

test("behind an open gate nobody's tasks are asked for", async () => {
  const { sidecar, asked } = sidecarOf("ready", [shutting]);
  expect(await observe(sidecar)).toMatchObject({ health: { state: "ready" }, purpose: "none" });
  expect(asked.tasks).toBe(0);
});

test("without a Pod that could answer the sidecar is unreachable, and nobody was asked", async () => {
  expect(await observe(null)).toMatchObject({ health: { state: "unreachable" }, incarnation: null });
});

test.each(["Initializing", "Failed", "Pending", "Terminating"])("a node that is %s is not asked", async (phase) => {
  expect(await observe(sidecarOf("ready", []).sidecar, phase)).toBeNull();
});

test.each<[string, SidecarSeen, boolean, readonly string[]]>([
  ["open", { ...shut, health: { state: "ready" } }, false, ["SidecarReady True Ready", "HeldByWorkflow False NotHeld"]],
  ["shut", shut, false, ["SidecarReady False NotReady", "HeldByWorkflow False NotHeld"]],
  [
    "shut on purpose",
    { ...shut, purpose: "onPurpose" },
    false,
    ["SidecarReady False NotReady", "HeldByWorkflow True GateShutOnPurpose"],
  ],
  [
    "silent",
    { ...shut, health: { state: "unreachable", cause } },
    false,
    ["SidecarReady Unknown Unreachable", "HeldByWorkflow False NotHeld"],
  ],
  [
    "odd",
    { ...shut, health: { state: "probeError", cause } },
    false,
    ["SidecarReady Unknown ProbeError", "HeldByWorkflow False NotHeld"],
  ],
  [
    "open on a paused node",
    { ...shut, health: { state: "ready" } },
    true,
    ["SidecarReady Unknown Paused", "HeldByWorkflow False NotHeld"],
  ],
])("a gate that is %s, as conditions", (_title, seen, paused, want) => {
  const stage = new Stage();
  stage.raw.spec = { ...stage.raw.spec, paused };
  const said = sidecarReady.conditions?.({ node: stage.node(), around, observed: seen, now: 0 }) ?? [];
  expect(said.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([...want]);
});

describe("what is told of a sidecar that cannot be reached", () => {
  const at = "2026-01-01T00:00:00Z";
  const told = (known: object, health: SidecarSeen["health"], sinceMs: number) => {
    const condition = { type: "SidecarReady", lastTransitionTime: at, observedGeneration: 1, ...known };
    const node = new Stage({ ...aRunningStatus(), conditions: [condition] }).node();
    const observed = { ...shut, health };
    const said = sidecarReady.conditions?.({ node, around, observed, now: Date.parse(at) + sinceMs }) ?? [];
    return said.find(({ type }) => type === "SidecarReady");
  };
  const unreachable = { status: "Unknown", reason: "Unreachable", message: "there is no Pod that could answer" };
  const refused = { state: "unreachable", cause: "connection refused" } as const;

  test.each<[string, Parameters<typeof told>, object]>([
    ["keeps its words while it may only be a Pod on its way", [unreachable, refused, 59_999], unreachable],
    [
      "tells the cause of the day after a minute",
      [unreachable, refused, 60_000],
      { ...unreachable, message: refused.cause },
    ],
    [
      "is another reason when something answers oddly",
      [unreachable, { state: "probeError", cause: "sidecar replied 404" }, 10],
      { status: "Unknown", reason: "ProbeError", message: "sidecar replied 404" },
    ],
    ["does not outlive an answer", [unreachable, { state: "ready" }, 10], { status: "True", reason: "Ready" }],
    [
      "is told anew after an answer",
      [{ status: "True", reason: "Ready", message: "" }, refused, 10],
      { ...unreachable, message: refused.cause },
    ],
  ])("%s", (_title, given, want) => {
    expect(told(...given)).toMatchObject(want);
  });
});
