/** The requests about SeiNodes, Events and StatefulSets. */
import { expect } from "bun:test";
import type { ConformanceCase } from "./requests.ts";

const merge = "application/merge-patch+json";
const applied = "application/apply-patch+yaml";
const nodes = "/apis/sei.io/v1alpha1/namespaces/{ns}/seinodes";
const sets = "/apis/apps/v1/namespaces/{ns}/statefulsets";
const pods = "/api/v1/namespaces/{ns}/pods";
const events = "/apis/events.k8s.io/v1/namespaces/{ns}/events";
const spec = { chainId: "sei-test", image: "sei:1", fullNode: {} };
const node = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { name: "n" }, spec };
const aboutNode = { name: "n", group: "sei.io", kind: "seinodes" };

/** Status, generation, the optimistic lock and Events. */
export const runsOfSeiNodes: readonly ConformanceCase[] = [
  {
    title: "a custom object is made without the status that came with it",
    method: "POST",
    path: nodes,
    body: { ...node, status: { phase: "Running" } },
    status: 201,
    reply: { metadata: { generation: 1 }, spec },
    absent: ["status"],
  },
  {
    title: "its status is not written through the object itself",
    method: "PATCH",
    path: `${nodes}/n`,
    contentType: merge,
    body: { status: { phase: "Running" } },
    status: 200,
    reply: { metadata: { generation: 1 } },
    absent: ["status"],
    remember: { before: "metadata.resourceVersion" },
  },
  {
    title: "nor its spec through the status, and a status counts as no generation",
    method: "PATCH",
    path: `${nodes}/n/status`,
    contentType: merge,
    body: {
      metadata: { resourceVersion: "{before}" },
      spec: { image: "no" },
      status: { phase: "Running", currentImage: "sei:1" },
    },
    status: 200,
    reply: { metadata: { generation: 1 }, spec, status: { phase: "Running", currentImage: "sei:1" } },
    remember: { written: "metadata.resourceVersion", uid: "metadata.uid" },
  },
  {
    title: "a status over a version that has passed is 409",
    method: "PATCH",
    path: `${nodes}/n/status`,
    contentType: merge,
    body: { metadata: { resourceVersion: "{before}" }, status: { phase: "Failed" } },
    status: 409,
    reply: {
      kind: "Status",
      status: "Failure",
      reason: "Conflict",
      code: 409,
      details: aboutNode,
      message:
        'Operation cannot be fulfilled on seinodes.sei.io "n": the object has been modified; please apply your changes to the latest version and try again',
    },
  },
  {
    title: "a UID in a status patch protects nothing: only the version does",
    method: "PATCH",
    path: `${nodes}/n/status`,
    contentType: merge,
    body: { metadata: { uid: "other" }, status: { phase: "Pending" } },
    status: 200,
    reply: { metadata: { uid: "{uid}" }, status: { phase: "Pending", currentImage: "sei:1" } },
  },
  {
    title: "null takes a member of the status away and leaves its neighbours",
    method: "PATCH",
    path: `${nodes}/n/status`,
    contentType: merge,
    body: { status: { currentImage: null } },
    status: 200,
    reply: { status: { phase: "Pending" } },
    absent: ["status.currentImage"],
  },
  {
    title: "a changed spec counts as a generation and leaves the status",
    method: "PATCH",
    path: `${nodes}/n`,
    contentType: merge,
    body: { spec: { image: "sei:2" } },
    status: 200,
    reply: { metadata: { generation: 2 }, spec: { image: "sei:2" }, status: { phase: "Pending" } },
  },
  {
    title: "a status of a node that is not there is 404",
    method: "PATCH",
    path: `${nodes}/none/status`,
    contentType: merge,
    body: { status: { phase: "Running" } },
    status: 404,
    reply: { reason: "NotFound", details: { ...aboutNode, name: "none" }, message: 'seinodes.sei.io "none" not found' },
  },
  ...[201, 409].map((status): ConformanceCase => ({
    title: `an Event told ${status === 201 ? "once is made" : "again is there already"}`,
    method: "POST",
    path: events,
    body: {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: "n.1" },
      eventTime: "2026-01-02T03:04:05.000000Z",
      type: "Normal",
      reason: "Told",
      action: "Tell",
      note: "a note",
      reportingController: "test",
      reportingInstance: "test-0",
      regarding: { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", name: "n", namespace: "{ns}", uid: "{uid}" },
    },
    status,
    reply: status === 201 ? { reason: "Told" } : { reason: "AlreadyExists", details: { name: "n.1" } },
  })),
];

const labels = { "sei.io/node": "s" };
const set = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "s" } };
const containers = (...all: readonly object[]) => ({ ...set, spec: { template: { spec: { containers: all } } } });
const own = (env: readonly object[], { replicas = 0, tag = "sei:1" } = {}) => ({
  ...set,
  spec: {
    replicas,
    serviceName: "s",
    updateStrategy: { type: "OnDelete" },
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [{ name: "seid", image: tag, env, ports: [{ name: "one", containerPort: 1, protocol: "TCP" }] }],
      },
    },
  },
});
const [a, b] = [
  { name: "A", value: "1" },
  { name: "B", value: "2" },
];
const image = (name: string) => ({
  spec: { template: { spec: { containers: [{ name: "seid", image: name }] } } },
});
const applying = (
  manager: string,
  body: object,
): Pick<ConformanceCase, "method" | "path" | "contentType" | "body"> => ({
  method: "PATCH",
  path: `${sets}/s?fieldManager=${manager}`,
  contentType: applied,
  body,
});

/** Server-side apply of keyed lists, and a roll-out that waits for a deletion. */
export const runsOfStatefulSets: readonly ConformanceCase[] = [
  {
    title: "an apply makes a set",
    ...applying("one", own([a, b])),
    status: 201,
    reply: { metadata: { generation: 1 }, spec: { updateStrategy: { type: "OnDelete" } } },
  },
  {
    title: "another manager's items of keyed lists come beside ours",
    ...applying(
      "two",
      containers({ name: "seid", env: [{ name: "C", value: "3" }], ports: [{ containerPort: 2, protocol: "TCP" }] }),
    ),
    status: 200,
    reply: {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "seid",
                image: "sei:1",
                env: [a, b, { name: "C", value: "3" }],
                ports: [{ containerPort: 1 }, { containerPort: 2 }],
              },
            ],
          },
        },
      },
    },
  },
  {
    title: "what its manager no longer names is taken away, and nothing of others",
    ...applying("one", own([a])),
    status: 200,
    reply: { spec: { template: { spec: { containers: [{ env: [a, { name: "C", value: "3" }] }] } } } },
    absent: ["spec.template.spec.containers.0.env.2"],
  },
  {
    title: "an item that another owns is a conflict, named by its keys",
    ...applying("two", containers({ name: "seid", env: [{ name: "A", value: "9" }] })),
    status: 409,
    reply: {
      reason: "Conflict",
      message:
        'Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="seid"].env[name="A"].value',
      details: {
        causes: [
          {
            reason: "FieldManagerConflict",
            message: 'conflict with "one"',
            field: '.spec.template.spec.containers[name="seid"].env[name="A"].value',
          },
        ],
      },
    },
  },
  {
    title: "of several conflicts each is named",
    ...applying("two", containers({ name: "seid", image: "sei:9", env: [{ name: "A", value: "9" }] })),
    status: 409,
    reply: {
      message: expect.stringMatching(
        /^Apply failed with 2 conflicts: conflicts with "one":\n- \.spec\.template\.spec\.containers\[name="seid"\]\.(env|image)/,
      ),
    },
  },
  {
    title: "the set gets a replica",
    method: "PATCH",
    path: `${sets}/s`,
    contentType: merge,
    body: { spec: { replicas: 1 } },
    status: 200,
    reply: {},
  },
  {
    title: "its Pod carries the revision of the template",
    method: "GET",
    path: `${sets}/s`,
    status: 200,
    reply: { status: { replicas: 1, updatedReplicas: 1, updateRevision: expect.stringMatching(/^s-/) } },
    remember: { revisionA: "status.updateRevision" },
    eventually: true,
  },
  {
    title: "in a label",
    method: "GET",
    path: `${pods}/s-0`,
    status: 200,
    reply: { metadata: { labels: { ...labels, "controller-revision-hash": "{revisionA}" } } },
    remember: { pod: "metadata.uid" },
  },
  {
    title: "with OnDelete another template is another revision",
    ...applying("one", own([a], { replicas: 1, tag: "sei:2" })),
    path: `${sets}/s?fieldManager=one&force=true`,
    status: 200,
    reply: { spec: image("sei:2").spec },
    remember: { generationB: "metadata.generation" },
  },
  {
    title: "which no Pod has yet",
    method: "GET",
    path: `${sets}/s`,
    status: 200,
    reply: {
      status: {
        observedGeneration: "{generationB}",
        currentRevision: "{revisionA}",
      },
    },
    absent: ["status.updatedReplicas"],
    eventually: true,
  },
  {
    title: "and the Pod stays",
    method: "GET",
    path: `${pods}/s-0`,
    status: 200,
    reply: { metadata: { uid: "{pod}", labels: { "controller-revision-hash": "{revisionA}" } } },
  },
  {
    title: "the old template again",
    ...applying("one", own([a], { replicas: 1 })),
    status: 200,
    reply: { spec: image("sei:1").spec },
    remember: { generationC: "metadata.generation" },
  },
  {
    title: "is the old revision again, and the Pod is of it",
    method: "GET",
    path: `${sets}/s`,
    status: 200,
    reply: { status: { observedGeneration: "{generationC}", updateRevision: "{revisionA}", updatedReplicas: 1 } },
    eventually: true,
  },
];
