/** The detector `sidecar-ready`. */
import { describe, expect, test } from "bun:test";
import type { SidecarView, OwnedObjects } from "../../src/model/index.ts";
import { sidecarReady, type SidecarSeen } from "../../src/drift/sidecar-ready.ts";
import { incarnationOf } from "../../src/model/gate/index.ts";
import { aClaim, aPod, aRunningStatus, Stage } from "../fixtures/stage.ts";

const pod = aPod("pod-1");
const owned: OwnedObjects = { pod, statefulSet: null, service: null, claim: aClaim("claim-1"), sidecarImage: null };
const incarnation = incarnationOf(pod);
const shut: SidecarSeen = { health: { state: "notReady", history: { kind: "mayOpen" } }, incarnation };
const onPurpose: SidecarSeen = { health: { state: "notReady", history: { kind: "shutOnPurpose" } }, incarnation };
const unknown: SidecarSeen = {
  health: { state: "notReady", history: { kind: "unknown", why: "a gate task has no readable time" } },
  incarnation,
};
const cause = "no answer";

/** The same Pod after its sidecar container was started again. */
function restarted() {
  return { ...pod, containers: pod.containers.map((one) => ({ ...one, containerId: "c-2", restartCount: 1 })) };
}

function detect(seen: SidecarSeen | null, change: { status?: object; owned?: Partial<OwnedObjects> } = {}) {
  const node = new Stage({ ...aRunningStatus(), ...change.status }).node();
  return sidecarReady.detect({ node, owned: { ...owned, ...change.owned }, observed: seen, now: 0 });
}

test("exactly a 503 of the life that stands there makes a plan of one task, bound to that life", () => {
  const drift = detect(shut);
  expect(drift?.tasks.map(({ type }) => type)).toEqual(["mark-ready"]);
  expect(drift).toMatchObject({ reason: "SidecarNotReady", incarnation: incarnationOf(pod), targetPhase: "Running" });
  expect(drift).not.toHaveProperty("failedPhase");
});

test.each<[string, SidecarSeen | null, Parameters<typeof detect>[1]]>([
  ["nothing was observed", null, {}],
  ["the gate is open", { ...shut, health: { state: "ready" } }, {}],
  ["no answer came", { ...shut, health: { state: "unreachable", cause } }, {}],
  ["an odd answer came", { ...shut, health: { state: "probeError", cause } }, {}],
  ["it is not known who answered", { ...shut, incarnation: null }, {}],
  ["the gate was shut on purpose", onPurpose, {}],
  ["whether it was on purpose is not known", unknown, {}],
  ["a workflow adopted the node", shut, { status: { adoptedWorkflow: { name: "restore" } } }],
  ["the Pod is gone", shut, { owned: { pod: null } }],
  ["another Pod stands there", shut, { owned: { pod: aPod("pod-2") } }],
  ["its container was started again", shut, { owned: { pod: restarted() } }],
  ["the claim is gone", shut, { owned: { claim: null } }],
  ["the claim is another", shut, { owned: { claim: aClaim("claim-2") } }],
  ["the home is on no claim, though the Pod has the volume", shut, { owned: { pod: { ...pod, home: null } } }],
  ["the home is on another claim", shut, { owned: { pod: { ...pod, home: { claim: "other", subPath: "" } } } }],
  [
    "the home is a folder of the volume",
    shut,
    { owned: { pod: { ...pod, home: { claim: "data-node", subPath: "x" } } } },
  ],
  ["the volume that counts is not known", shut, { status: { dataVolume: undefined } }],
])("no plan when %s", (_title, seen, change) => {
  expect(detect(seen, change)).toBeNull();
});

test("a container id that the kubelet has not told yet stands for any", () => {
  const early = { ...pod, containers: pod.containers.map((one) => ({ ...one, containerId: "" })) };
  expect(detect({ ...shut, incarnation: incarnationOf(early) })?.reason).toBe("SidecarNotReady");
});

function observe(sidecar: SidecarView | null, phase = "Running") {
  const node = new Stage({ ...aRunningStatus(), phase }).node();
  return sidecarReady.observe?.({ node, owned, sidecar, signal: new AbortController().signal }) ?? null;
}

test("what the sidecar answered is seen, and of which life; its tasks are not asked for once more", async () => {
  const sidecar: SidecarView = {
    health: async () => onPurpose.health,
    tasks: () => Promise.reject(new Error("nobody asks")),
  };
  expect(await observe(sidecar)).toEqual(onPurpose);
});

test("a gate of which nobody knows is opened where a person names its Pod, and no other", () => {
  const opened = (uid: string) => {
    const stage = new Stage(aRunningStatus());
    stage.raw.metadata["annotations"] = { "tidekeeper.sei.io/open-gate": uid };
    return sidecarReady.detect({ node: stage.node(), owned, observed: unknown, now: 0 })?.reason ?? null;
  };
  expect([opened("pod-1"), opened("pod-2"), opened("")]).toEqual(["SidecarNotReady", null, null]);
});

test("without a Pod that could answer the sidecar is unreachable, and nobody was asked", async () => {
  expect(await observe(null)).toMatchObject({ health: { state: "unreachable" }, incarnation: null });
});

test.each(["Initializing", "Failed", "Pending", "Terminating"])("a node that is %s is not asked", async (phase) => {
  expect(await observe({ health: async () => shut.health, tasks: async () => [] }, phase)).toBeNull();
});

test.each<[string, SidecarSeen, boolean, readonly string[]]>([
  ["open", { ...shut, health: { state: "ready" } }, false, ["SidecarReady True Ready", "HeldByWorkflow False NotHeld"]],
  ["shut", shut, false, ["SidecarReady False NotReady", "HeldByWorkflow False NotHeld"]],
  ["shut on purpose", onPurpose, false, ["SidecarReady False NotReady", "HeldByWorkflow True GateShutOnPurpose"]],
  [
    "shut, nobody knows by whom",
    unknown,
    false,
    ["SidecarReady False NotReady", "HeldByWorkflow Unknown GateHistoryUnknown"],
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
  const said = sidecarReady.conditions?.({ node: stage.node(), owned, observed: seen, now: 0 }) ?? [];
  expect(said.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([...want]);
});

test.each<[string, string, SidecarSeen["health"], string]>([
  ["stands while the sidecar is silent", "GateShutOnPurpose", { state: "unreachable", cause }, "GateShutOnPurpose"],
  ["stands while a proxy answers for it", "GateHistoryUnknown", { state: "probeError", cause }, "GateHistoryUnknown"],
  ["is over when the gate is open", "GateHistoryUnknown", { state: "ready" }, "NotHeld"],
  ["is over when it may be opened", "GateShutOnPurpose", shut.health, "NotHeld"],
  ["of a workflow is over with it", "WorkflowInProgress", { state: "unreachable", cause }, "NotHeld"],
])("a hold that was told %s", (_title, reason, health, want) => {
  const known = { type: "HeldByWorkflow", status: "True", message: "m", lastTransitionTime: "", observedGeneration: 1 };
  const node = new Stage({ ...aRunningStatus(), conditions: [{ ...known, reason }] }).node();
  const said = sidecarReady.conditions?.({ node, owned, observed: { ...shut, health }, now: 0 }) ?? [];
  expect(said.find(({ type }) => type === "HeldByWorkflow")?.reason).toBe(want);
});

describe("what is told of a sidecar that cannot be reached", () => {
  const at = "2026-01-01T00:00:00Z";
  const told = (known: object, health: SidecarSeen["health"], sinceMs: number) => {
    const condition = { type: "SidecarReady", lastTransitionTime: at, observedGeneration: 1, ...known };
    const node = new Stage({ ...aRunningStatus(), conditions: [condition] }).node();
    const observed = { ...shut, health };
    const said = sidecarReady.conditions?.({ node, owned, observed, now: Date.parse(at) + sinceMs }) ?? [];
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
