/** Readers of objects: what is kept, and that no JSON makes them throw. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { ContainerView } from "../../../src/model/index.ts";
import { readClaim } from "../../../src/seinode/read/read-claim.ts";
import { readNode } from "../../../src/seinode/read/read-node.ts";
import { readPlan } from "../../../src/seinode/read/read-plan.ts";
import { readPod } from "../../../src/seinode/read/read-pod.ts";
import { readService } from "../../../src/seinode/read/read-service.ts";
import { readStatefulSet } from "../../../src/seinode/read/read-stateful-set.ts";
import { PLAN_ID, rawNode, rawPlan, rawPod } from "./raw-objects.ts";

const AT = "2026-01-02T03:04:05Z";

describe("a Pod", () => {
  test("is trimmed to identity, owner, address, claims and the containers that last", () => {
    expect(readPod(rawPod())).toEqual({
      namespace: "chain",
      name: "rpc-1-0",
      uid: "pod-uid",
      resourceVersion: "9",
      generation: 1,
      node: "rpc-1",
      component: null,
      ip: "10.0.0.7",
      phase: "Running",
      deleting: false,
      ready: false,
      revision: "rpc-1-abc",
      ownerUid: "sts-uid",
      ownerKind: "StatefulSet",
      containers: [
        container("sei-sidecar", "seictl:1", { state: "running", containerId: "c://1", restartCount: 2 }),
        container("seid", "sei:1", { state: "waiting", stateReason: "ImagePullBackOff" }),
      ],
      createdAt: "2026-01-02T03:04:00Z",
      claims: ["data-rpc-1"],
      home: { claim: "data-rpc-1", subPath: "" },
      sidecarPort: 7778,
      trouble: {
        reason: "ImagePullBackOff",
        message: "Pod rpc-1-0: container seid: ImagePullBackOff: image sei:1",
      },
    });
  });

  test.each([
    ["no container of that name", [{ name: "other", ports: [{ name: "sidecar", containerPort: 7778 }] }]],
    ["no port of that name", [{ name: "sei-sidecar", ports: [{ name: "http", containerPort: 7778 }] }]],
    ["no ports", [{ name: "sei-sidecar" }]],
    ["text for a port", [{ name: "sei-sidecar", ports: [{ name: "sidecar", containerPort: "7778" }] }]],
    ["text for ports", [{ name: "sei-sidecar", ports: "sidecar" }]],
    ["a port that is none", [{ name: "sei-sidecar", ports: [{ name: "sidecar", containerPort: 70_000 }] }]],
    ["port 0", [{ name: "sei-sidecar", ports: [{ name: "sidecar", containerPort: 0 }] }]],
  ])("with %s says nothing of where its sidecar listens", (_title, initContainers) => {
    expect(readPod({ ...rawPod(), spec: { initContainers } })?.sidecarPort).toBeNull();
  });

  test("without status has no address and containers in an unknown state", () => {
    const pod = readPod({ ...rawPod(), status: undefined });
    expect(pod?.ip).toBeNull();
    expect(pod?.containers.map((item) => item.state)).toEqual(["unknown", "unknown"]);
  });

  test("of nobody's node is not read", () => {
    expect(readPod({ ...rawPod(), metadata: { namespace: "a", name: "b", uid: "c", labels: {} } })).toBeNull();
  });
});

function container(name: string, image: string, more: Partial<ContainerView>): ContainerView {
  return { name, image, state: "unknown", stateReason: "", containerId: "", restartCount: 0, ready: false, ...more };
}

test("a StatefulSet is trimmed to its revisions, replicas and the seid image of its template", () => {
  const raw = {
    metadata: { namespace: "chain", name: "rpc-1", uid: "u", generation: 4, labels: { "sei.io/node": "rpc-1" } },
    spec: {
      replicas: 0,
      template: {
        spec: {
          containers: [
            { name: "x", image: "y" },
            { name: "seid", image: "sei:2" },
          ],
        },
      },
    },
    status: { observedGeneration: 3, updateRevision: "r2" },
  };
  expect(readStatefulSet(raw)).toEqual({
    namespace: "chain",
    name: "rpc-1",
    uid: "u",
    resourceVersion: "",
    node: "rpc-1",
    ownerUid: null,
    createdAt: "",
    generation: 4,
    observedGeneration: 3,
    replicas: 0,
    updatedReplicas: 0,
    updateRevision: "r2",
    deleting: false,
    templateImage: "sei:2",
    templateSidecarImage: null,
    home: null,
    isOnDelete: false,
    ownedDigest: null,
    isOfReference: false,
  });
});

test.each([
  ["RollingUpdate", "seinode-controller", { isOnDelete: false, isOfReference: true }],
  ["OnDelete", "tidekeeper", { isOnDelete: true, isOfReference: false }],
])(
  "a StatefulSet tells who replaces its Pods (%s), and whether the reference still owns a part (%s)",
  (type, manager, want) => {
    const labels = { "sei.io/node": "rpc-1" };
    const managedFields = [
      { manager, operation: "Apply", fieldsV1: { "f:spec": {} } },
      { manager: "seinode-controller", operation: "Update", fieldsV1: { "f:status": {} } },
    ];
    const metadata = { namespace: "chain", name: "rpc-1", uid: "u", labels, managedFields };
    expect(readStatefulSet({ metadata, spec: { updateStrategy: { type } } })).toMatchObject(want);
    expect(readService({ metadata })).toMatchObject({ isOfReference: want.isOfReference });
  },
);

test("a claim that is being deleted says so", () => {
  const metadata = { namespace: "chain", name: "data-rpc-1", uid: "u", labels: { "sei.io/node": "rpc-1" } };
  const raw = { metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" }, status: { phase: "Bound" } };
  expect(readClaim(raw)).toMatchObject({ name: "data-rpc-1", phase: "Bound", deleting: true, node: "rpc-1" });
});

describe("a SeiNode", () => {
  test("keeps the status fields the loop owns", () => {
    const status = {
      phase: "Running",
      currentImage: "sei:1",
      conditions: [{ type: "SidecarReady", status: "True", reason: "Ready", message: "m", lastTransitionTime: AT }],
      plan: rawPlan("mark-ready"),
      history: [
        { id: "x", outcome: "Complete", healed: true, detector: "d", reason: "r", createdAt: AT, finishedAt: AT },
      ],
      rolledOutPod: { name: "rpc-1-0", uid: "p" },
      dataVolume: { claimName: "data-rpc-1", uid: "c" },
      readinessTransitions: [{ to: "Ready", at: AT }],
      adoptedWorkflow: { name: "w" },
      resolvedPeers: ["a", "b"],
    };
    const node = readNode(rawNode(status));
    expect(node?.status).toMatchObject(status);
    expect(node?.metadata).toMatchObject({ namespace: "chain", name: "rpc-1", generation: 3, resourceVersion: "7" });
  });

  test("with a corrupt plan carries a Failed plan without tasks, so that nothing of it is ever sent", () => {
    const plan = { ...rawPlan("mark-ready"), tasks: [{ type: "mark-ready", id: "wrong", status: "Pending" }] };
    const read = readNode(rawNode({ phase: "Running", plan }))?.status.plan;
    expect(read).toEqual({
      id: PLAN_ID,
      phase: "Failed",
      tasks: [],
      reason: "CorruptPlan",
      message: 'CorruptPlan: task 0: id "wrong" does not match planID/type/index',
    });
  });
});

describe("a stored plan", () => {
  test("of the reference, without our fields, is taken over as it is", () => {
    const raw = { ...rawPlan("apply-statefulset", "observe-image"), targetPhase: "Running", failedPhase: "" };
    expect(readPlan(raw)).toEqual({
      plan: expect.objectContaining({ id: PLAN_ID, targetPhase: "Running" }),
      corrupt: null,
    });
    expect(readPlan(raw).plan).not.toHaveProperty("failedPhase");
  });

  const swapped = rawPlan("apply-statefulset", "apply-service");
  test.each([
    ["a plan that is no object", 7, "id: got nothing, want a UUID"],
    ["an id that is no UUID", { ...rawPlan("a"), id: "x\u001b" }, 'id: got "x?", want a UUID'],
    ["an unknown phase", { ...rawPlan("a"), phase: "Paused" }, 'phase: got "Paused", want Active, Complete or Failed'],
    ["no tasks", { ...rawPlan("a"), tasks: [] }, "tasks: got none, want at least one task"],
    ["tasks in another order", { ...swapped, tasks: [...Object(swapped["tasks"])].toReversed() }, "task 0: id "],
    [
      "a task twice",
      { ...rawPlan("a"), tasks: [Object(rawPlan("a")["tasks"])[0], Object(rawPlan("a")["tasks"])[0]] },
      "task 1: id ",
    ],
    ["an unknown state", edited({ status: "Odd" }), 'task 0: status: got "Odd"'],
    ["params that are a list", edited({ params: [] }), "task 0: params: got object, want an object"],
    ["params too large", edited({ params: { a: "x".repeat(300_000) } }), "task 0: params: got 300008 characters"],
    [
      "an endless madeFrom",
      { ...rawPlan("a"), madeFrom: { a: "x".repeat(300_000) } },
      "madeFrom: got 300008 characters",
    ],
    [
      "more tasks than any plan has",
      rawPlan(...Array.from({ length: 65 }, () => "a")),
      "tasks: got 65, want at most 64",
    ],
    ["params too deep", edited({ params: { a: deep(1000) } }), "task 0: params: nested deeper than 32 levels"],
    [
      "another node's plan",
      edited({ params: { nodeName: "other" } }),
      "task 0: params: got those of chain/other, want those of chain/rpc-1",
    ],
  ])("with %s is corrupt", (_title, raw, why) => {
    const reading = readPlan(raw, { namespace: "chain", name: "rpc-1" });
    expect(reading.plan).toBeNull();
    expect(reading.corrupt).toStartWith(`CorruptPlan: ${why}`);
  });
});

function edited(change: object): object {
  const plan = rawPlan("mark-ready");
  return { ...plan, tasks: [{ ...Object(plan["tasks"])[0], ...change }] };
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

test("no reader throws, whatever stands there, and none reaches a prototype", () => {
  const key = fc.constantFrom(
    "__proto__",
    "constructor",
    "prototype",
    "metadata",
    "spec",
    "status",
    "plan",
    "tasks",
    "labels",
  );
  const anything = fc.jsonValue({ maxDepth: 4 });
  const object = fc.dictionary(fc.oneof(key, fc.string()), anything);
  fc.assert(
    fc.property(object, object, object, (metadata, spec, status) => {
      const named = {
        ...metadata,
        namespace: "a",
        name: "b",
        uid: "c",
        labels: { ...Object(metadata["labels"]), "sei.io/node": "b" },
      };
      const raw: unknown = JSON.parse(JSON.stringify({ metadata: named, spec, status: { ...status, polluted: 1 } }));
      for (const read of [readNode, readPod, readStatefulSet, readClaim]) expect(read(raw)).not.toBeNull();
      readPlan(status);
      expect("polluted" in {}).toBe(false);
    }),
  );
  for (const read of [readNode, readPod, readStatefulSet, readClaim]) {
    for (const raw of [null, undefined, 1, "x", [], {}, { metadata: [] }]) expect(read(raw)).toBeNull();
  }
});
