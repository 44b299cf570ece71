/** A promise that nothing breaks proves nothing: each invariant is shown its breach, and what is no breach. */
import { describe, expect, test } from "bun:test";
import { LEASE_NAME } from "../../src/seinode/crd/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";
import { bounded, oneAtATime } from "./invariants/bounds.ts";
import { noGuess, truthOfImage } from "./invariants/evidence.ts";
import type { Happening, Invariant } from "./invariants/index.ts";
import { fenced, ownedOnly } from "./invariants/ownership.ts";
import { appendOnly, oneIdPerTask, onePlan, storedBefore } from "./invariants/plans.ts";
import { noReplay } from "./invariants/replays.ts";
import { steadyConditions, trueEvents } from "./invariants/telling.ts";
import { noLostUpdate, noTimeTravel } from "./invariants/versions.ts";

const NAMESPACE = "b7e89c3a-4f12-4d8b-9a6e-1c2d3e4f5a6b";
const idOf = (plan: string): string => Bun.randomUUIDv5(`${plan}/mark-ready/0`, NAMESPACE);
const NODE = { name: "a", namespace: "sei", uid: "u", generation: 1 };
const STATUS = "/apis/sei.io/v1alpha1/namespaces/sei/seinodes/a/status";
const SET = "/apis/apps/v1/namespaces/sei/statefulsets/a";
let version = 100;

function committed(plural: string, object: object, more: object = {}): Happening {
  version += 1;
  const revision = {
    rv: version,
    type: "MODIFIED",
    resource: { plural },
    object,
    previous: null,
    at: version,
    ...more,
  };
  return takenAs<Happening>({ kind: "committed", at: version, revision });
}

/** A row of statuses of one node, each after the one before. */
function statuses(...all: readonly object[]): readonly Happening[] {
  return all.map((status, index) => {
    const before = all[index - 1];
    const previous = before === undefined ? null : { metadata: NODE, status: before };
    return committed("seinodes", { metadata: NODE, status }, { previous });
  });
}

function plan(id: string, more: object = {}, task: object = {}): object {
  const one = { type: "mark-ready", id: idOf(id), status: "Pending", params: {}, ...task };
  return { plan: { id, phase: "Active", reason: "ImageChanged", tasks: [one], ...more } };
}

function request(method: string, path: string, body: object | null, more: object = {}): Happening {
  const sent = { method, path, host: null, ...(body === null ? {} : { body: JSON.stringify(body) }) };
  return takenAs<Happening>({ kind: "sent", at: version, by: "one", sent, number: 1, ...more });
}

function patchedAt(at: number): object {
  const body = JSON.stringify({ metadata: { resourceVersion: "7", uid: "u" }, status: TIMED });
  return { at, sent: { method: "PATCH", path: STATUS, host: null, body } };
}

function answer(path: string, status: number, body: object | string, host: string | null = null): Happening {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reply = { status, headers: {}, body: new TextEncoder().encode(text) };
  const sent = { method: path.endsWith("status") ? "PATCH" : "GET", path, host, body: "{}" };
  return takenAs<Happening>({ kind: "answered", at: version, by: "one", sent, number: 1, reply });
}

const posted = (id: string, more: object = {}): Happening =>
  request("POST", "/v0/tasks", { id, type: "mark-ready", ...more }, {});
const TIMED = { phaseTransitionTime: "2027-01-15T08:00:07.232Z" };
const patched = (resourceVersion: string, by = "one", at = version): Happening =>
  request("PATCH", STATUS, { metadata: { resourceVersion, uid: "u" }, status: TIMED }, { by, at });
const conflict: readonly Happening[] = [
  { ...answer(STATUS, 409, {}), ...patchedAt(9_000) },
  request("GET", STATUS.replace("/status", ""), null, { at: 9_000, number: 2 }),
  takenAs<Happening>({ ...answer(STATUS.replace("/status", ""), 200, { resourceVersion: "7" }), at: 9_001, number: 2 }),
];
const told = (line: object): Happening => ({ kind: "told", at: version, by: "one", line: JSON.stringify(line) });
const condition = (more: object): object => {
  const usual = {
    type: "Ready",
    status: "True",
    reason: "Ready",
    message: "",
    lastTransitionTime: "t",
    observedGeneration: 1,
  };
  return { conditions: [{ ...usual, ...more }] };
};
const held = (holderIdentity: string): Happening =>
  committed("leases", { metadata: { name: LEASE_NAME }, spec: { holderIdentity } });
const asked = Array.from({ length: 257 }, () =>
  takenAs<Happening>({
    kind: "sent",
    at: 1,
    by: "one",
    sent: { method: "GET", path: "/v0/healthz", host: "h" },
    number: 1,
  }),
);
const HOST = "a-0.a.sei.svc.cluster.local";
const shutPlan = plan("p", { reason: "SidecarNotReady" });
const rolledOut = committed("statefulsets", {
  metadata: { name: "a", generation: 2, ownerReferences: [{ uid: "u" }] },
  spec: { template: { spec: { containers: [{ name: "seid", image: "sei:2" }] } } },
  status: { observedGeneration: 2, updatedReplicas: 1 },
});
const anothersSet = committed("statefulsets", {
  metadata: { name: "a", uid: "s", ownerReferences: [{ uid: "another", controller: true }] },
});
const node = committed("seinodes", { metadata: NODE });
const lost = { readinessTransitions: [{ to: "NotReady", at: "t1" }] };
const lossTold = committed(
  "events",
  { metadata: { name: "e" }, regarding: { name: "a" }, reason: "SidecarReadinessLost" },
  { type: "ADDED" },
);

type Case = readonly [title: string, make: () => Invariant, kept: readonly Happening[], broken: readonly Happening[]];
const lease = (): string => LEASE_NAME;

const cases: readonly Case[] = [
  [
    "plans: a plan that takes another's place",
    onePlan,
    statuses(plan("p"), {}, plan("q")),
    statuses(plan("p"), plan("q")),
  ],
  ["plans: a plan that comes back", onePlan, statuses(plan("p"), {}), statuses(plan("p"), {}, plan("p"))],
  [
    "plans: a plan told twice",
    onePlan,
    statuses({ outcomes: ["a id=p"] }),
    statuses({ outcomes: ["a id=p", "b id=p"] }),
  ],
  [
    "steps: a task that goes back",
    appendOnly,
    statuses(plan("p"), plan("p", {}, { status: "Running" })),
    statuses(plan("p", {}, { status: "Running" }), plan("p")),
  ],
  [
    "steps: a try that is not counted",
    appendOnly,
    statuses(
      plan("p", {}, { status: "Running", retryCount: 0, maxRetries: 1 }),
      plan("p", {}, { retryCount: 1, maxRetries: 1 }),
    ),
    statuses(
      plan("p", {}, { status: "Running", retryCount: 1, maxRetries: 1 }),
      plan("p", {}, { retryCount: 2, maxRetries: 1 }),
    ),
  ],
  [
    "steps: a task that is another",
    appendOnly,
    statuses(plan("p"), plan("p")),
    statuses(plan("p"), plan("p", {}, { type: "x" })),
  ],
  [
    "stored: a task of no stored plan",
    storedBefore,
    [...statuses(plan("p")), posted(idOf("p"))],
    [posted(idOf("p")), ...statuses(plan("p"))],
  ],
  ["ids: an id that does not follow", oneIdPerTask, statuses(plan("p")), statuses(plan("p", {}, { id: "x" }))],
  [
    "ids: two bodies under one id",
    oneIdPerTask,
    [posted("i"), posted("i")],
    [posted("i"), posted("i", { params: { a: 1 } })],
  ],
  [
    "evidence: a plan for a gate that nobody saw shut",
    noGuess,
    [answer("/v0/healthz", 503, "", HOST), ...statuses({}, shutPlan)],
    [answer("/v0/healthz", 503, "upstream connect error", HOST), ...statuses({}, shutPlan)],
  ],
  [
    "evidence: a gate told open that nobody saw open",
    noGuess,
    [answer("/v0/healthz", 200, "", HOST), ...statuses(condition({ type: "SidecarReady" }))],
    [answer("/v0/healthz", 500, "", HOST), ...statuses(condition({ type: "SidecarReady" }))],
  ],
  [
    "fence: a write while another holds the Lease",
    () => fenced(lease),
    [held("one"), patched("1")],
    [held("other"), patched("1")],
  ],
  [
    "fence: a task while another holds the Lease",
    () => fenced(lease),
    [held("one"), ...statuses(plan("p")), posted(idOf("p"))],
    [held("one"), ...statuses(plan("p")), held("other"), posted(idOf("p"))],
  ],
  [
    "versions: a write over what was not read",
    noLostUpdate,
    [told({ resourceVersion: "7" }), patched("7")],
    [told({ resourceVersion: "6" }), patched("7")],
  ],
  [
    "versions: a write without a version",
    noLostUpdate,
    [],
    [request("PATCH", STATUS, { metadata: { uid: "u" }, status: {} })],
  ],
  [
    "versions: what met a conflict, sent again",
    noReplay,
    [told({ resourceVersion: "7" }), ...conflict, patched("7", "one", 9_050)],
    [told({ resourceVersion: "7" }), ...conflict, patched("7", "one", 9_001)],
  ],
  ["versions: a write of a spec", noLostUpdate, [], [request("PATCH", STATUS.replace("/status", ""), { spec: {} })]],
  ["time: a write over an older version", noTimeTravel, [patched("5"), patched("6")], [patched("6"), patched("5")]],
  [
    "time: a write over what it has itself written over",
    noTimeTravel,
    [patched("5")],
    [
      answer(STATUS, 200, { metadata: { resourceVersion: "9" } }),
      request("PATCH", STATUS, { metadata: { resourceVersion: "5" } }),
    ],
  ],
  [
    "time: a read of any age",
    noTimeTravel,
    [request("GET", "/api/v1/pods?limit=500", null)],
    [request("GET", "/api/v1/pods?limit=500&resourceVersion=0", null)],
  ],
  [
    "owned: what another owns is forced",
    ownedOnly,
    [node, request("PATCH", `${SET}?fieldManager=tidekeeper&force=true`, {})],
    [node, anothersSet, request("PATCH", `${SET}?fieldManager=tidekeeper&force=true`, {})],
  ],
  [
    "owned: a deletion that names nobody",
    ownedOnly,
    [request("DELETE", SET, { preconditions: { uid: "s" } })],
    [request("DELETE", SET, {})],
  ],
  [
    "image: an image that was not rolled out",
    truthOfImage,
    [rolledOut, ...statuses({ currentImage: "sei:2" })],
    [rolledOut, ...statuses({ currentImage: "sei:3" })],
  ],
  [
    "conditions: a time that moves alone",
    steadyConditions,
    statuses(condition({}), condition({ status: "False", lastTransitionTime: "later" })),
    statuses(condition({}), condition({ lastTransitionTime: "later" })),
  ],
  [
    "conditions: a reason of its own",
    steadyConditions,
    statuses(condition({})),
    statuses(condition({ reason: "Whatever" })),
  ],
  [
    "conditions: an address in a message",
    steadyConditions,
    statuses(condition({ message: "refused" })),
    statuses(condition({ message: "dial 10.0.0.1:52341: refused" })),
  ],
  [
    "conditions: of a generation to come",
    steadyConditions,
    statuses(condition({})),
    statuses(condition({ observedGeneration: 2 })),
  ],
  ["events: an Event of nothing that was committed", trueEvents, [...statuses({}, lost), lossTold], [lossTold]],
  [
    "events: an Event that is written twice",
    trueEvents,
    [],
    [committed("events", { metadata: { name: "e" }, regarding: { name: "a" }, reason: "PlanFailed" })],
  ],
  [
    "isolation: two writes at once",
    oneAtATime,
    [patched("5"), answer(STATUS, 200, {}), patched("6")],
    [patched("5"), patched("6")],
  ],
  ["bounds: a text without end", bounded, statuses({ note: "x".repeat(1_024) }), statuses({ note: "x".repeat(1_025) })],
  [
    "bounds: a status without end",
    bounded,
    [],
    statuses(Object.fromEntries(Array.from({ length: 100 }, (_, at) => [at, "x".repeat(700)]))),
  ],
  ["bounds: questions without end", bounded, asked.slice(1), asked],
];

describe.each(cases)("%s", (_title, make, kept, broken) => {
  test("is found", () => {
    expect(breachesOf(make(), broken)).toHaveLength(1);
  });

  test("and what is right is not", () => {
    expect(breachesOf(make(), kept)).toEqual([]);
  });
});

function breachesOf(invariant: Invariant, happenings: readonly Happening[]): readonly string[] {
  return happenings.flatMap((one) => {
    const why = invariant.see(one);
    return why === null ? [] : [why];
  });
}
