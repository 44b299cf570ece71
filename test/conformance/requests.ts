/** Requests that the simulated API server must answer as a real one does; `{ns}` is the namespace. Run in order. */

import { expect } from "bun:test";
import { runsOfRemovals } from "./removal-requests.ts";
import { runsOfSeiNodes, runsOfStatefulSets } from "./workload-requests.ts";

/** One request and what of its answer is asserted. `{name}` stands for what an earlier reply was remembered by. */
export interface ConformanceCase {
  readonly title: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly contentType?: string;
  readonly body?: object;
  readonly status: number;
  /** Must be contained in the reply. */
  readonly reply: object;
  /** Dotted paths that the reply must not have. */
  readonly absent?: readonly string[];
  /** Names for later cases, by dotted path of the reply. */
  readonly remember?: Readonly<Record<string, string>>;
  /** Asked again until the reply is so: controllers take their time. */
  readonly eventually?: true;
}

/** A watch and the first of its events. */
export interface WatchCase {
  readonly title: string;
  readonly watch: string;
  /** One each, in order; what is named must be contained. */
  readonly frames: readonly object[];
}

const leases = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases";
const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };
const merge = "application/merge-patch+json";
const applied = "application/apply-patch+yaml";
const details = { name: "a", group: "coordination.k8s.io", kind: "leases" };

/** Selected by a label, so that other Leases of the namespace do not count. */
const paged = (name: string, page = "yes") => ({ ...lease, metadata: { name, labels: { page } }, spec: {} });

const runsOfLeases: readonly (ConformanceCase | WatchCase)[] = [
  {
    title: "an absent object is 404",
    method: "GET",
    path: `${leases}/a`,
    status: 404,
    reply: {
      kind: "Status",
      status: "Failure",
      reason: "NotFound",
      code: 404,
      details,
      message: 'leases.coordination.k8s.io "a" not found',
    },
  },
  {
    title: "a created object comes back whole",
    method: "POST",
    path: leases,
    body: { ...lease, metadata: { name: "a" }, spec: { holderIdentity: "x", leaseDurationSeconds: 15 } },
    status: 201,
    reply: { kind: "Lease", metadata: { name: "a" }, spec: { holderIdentity: "x" } },
  },
  {
    title: "the same name again is 409 AlreadyExists",
    method: "POST",
    path: leases,
    body: { ...lease, metadata: { name: "a" } },
    status: 409,
    reply: { reason: "AlreadyExists", details, message: 'leases.coordination.k8s.io "a" already exists' },
  },
  {
    title: "a merge patch with a stale version is 409 Conflict",
    method: "PATCH",
    path: `${leases}/a`,
    contentType: merge,
    body: { metadata: { resourceVersion: "1" }, spec: { holderIdentity: "y" } },
    status: 409,
    reply: { reason: "Conflict", details },
  },
  {
    title: "a merge patch takes away what it sets to null",
    method: "PATCH",
    path: `${leases}/a`,
    contentType: merge,
    body: { spec: { holderIdentity: "z", leaseDurationSeconds: null } },
    status: 200,
    reply: { spec: { holderIdentity: "z" } },
  },
  {
    title: "an apply without a manager is refused",
    method: "PATCH",
    path: `${leases}/b`,
    contentType: applied,
    body: { ...lease, metadata: { name: "b" } },
    status: 422,
    reply: { reason: "Invalid" },
  },
  {
    title: "an apply creates",
    method: "PATCH",
    path: `${leases}/b?fieldManager=one`,
    contentType: applied,
    body: { ...lease, metadata: { name: "b" }, spec: { holderIdentity: "one" } },
    status: 201,
    reply: {
      metadata: {
        managedFields: [{ manager: "one", operation: "Apply", fieldsV1: { "f:spec": { "f:holderIdentity": {} } } }],
      },
    },
  },
  {
    title: "an apply of a field that another manager owns is 409 and names it",
    method: "PATCH",
    path: `${leases}/b?fieldManager=two`,
    contentType: applied,
    body: { ...lease, metadata: { name: "b" }, spec: { holderIdentity: "two" } },
    status: 409,
    reply: {
      reason: "Conflict",
      message: 'Apply failed with 1 conflict: conflict with "one": .spec.holderIdentity',
      details: {
        causes: [{ reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".spec.holderIdentity" }],
      },
    },
  },
  {
    title: "a delete for another UID is 409",
    method: "DELETE",
    path: `${leases}/a`,
    body: { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid: "other" } },
    status: 409,
    reply: { reason: "Conflict" },
  },
  {
    title: "a delete answers with a Status",
    method: "DELETE",
    path: `${leases}/a`,
    status: 200,
    reply: { kind: "Status", status: "Success" },
  },
  {
    title: "a list names its version and what is left",
    method: "GET",
    path: `${leases}?limit=1`,
    status: 200,
    reply: { kind: "LeaseList", items: [{ metadata: { name: "b" } }] },
  },
  ...["l1", "l2", "l3"].map((name): ConformanceCase => ({
    title: `${name} is made`,
    method: "POST",
    path: leases,
    body: paged(name),
    status: 201,
    reply: { metadata: { name } },
    remember: { [name]: "metadata.resourceVersion", [`${name}uid`]: "metadata.uid" },
  })),
  {
    title: "a page of a selection says how to go on, and not how much is left",
    method: "GET",
    path: `${leases}?labelSelector=page%3Dyes&limit=2`,
    status: 200,
    reply: { items: [{ metadata: { name: "l1" } }, { metadata: { name: "l2" } }] },
    absent: ["metadata.remainingItemCount"],
    remember: { next: "metadata.continue", listed: "metadata.resourceVersion" },
  },
  {
    title: "a page of everything says how much is left",
    method: "GET",
    path: `${leases}?limit=1`,
    status: 200,
    reply: { items: [{ metadata: { name: "b" } }], metadata: { remainingItemCount: 3 } },
  },
  {
    title: "an object is made between two pages",
    method: "POST",
    path: leases,
    body: paged("l4"),
    status: 201,
    reply: {},
  },
  {
    title: "the next page is of the same moment as the first, and the last one",
    method: "GET",
    path: `${leases}?labelSelector=page%3Dyes&limit=2&continue={next}`,
    status: 200,
    reply: { items: [{ metadata: { name: "l3" } }], metadata: { resourceVersion: "{listed}" } },
    absent: ["metadata.continue", "items.1"],
  },
  ...["", "&resourceVersion=0"].map((version): ConformanceCase => ({
    title: `a list across namespaces by name${version === "" ? "" : ", of what is at hand"}`,
    method: "GET",
    path: `/apis/coordination.k8s.io/v1/leases?fieldSelector=metadata.name%3Db%2Cmetadata.namespace%3D{ns}${version}`,
    status: 200,
    reply: { kind: "LeaseList", items: [{ metadata: { name: "b", namespace: "{ns}" } }] },
  })),
  {
    title: "a watch across namespaces by name begins with what is there",
    watch: `/apis/coordination.k8s.io/v1/leases?fieldSelector=metadata.name%3Dl3%2Cmetadata.namespace%3D{ns}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    frames: [{ type: "ADDED", object: { metadata: { name: "l3", namespace: "{ns}" } } }],
  },
  {
    title: "a continue token that is none is refused",
    method: "GET",
    path: `${leases}?limit=2&continue=nonsense`,
    status: 400,
    reply: { reason: "BadRequest" },
  },
  {
    title: "a version to come is 504 and says so in its cause",
    method: "GET",
    path: `${leases}?resourceVersion=999999999&resourceVersionMatch=NotOlderThan`,
    status: 504,
    reply: {
      reason: "Timeout",
      code: 504,
      details: { causes: [{ reason: "ResourceVersionTooLarge" }], retryAfterSeconds: 1 },
    },
  },
  {
    title: "an object is changed",
    method: "PATCH",
    path: `${leases}/l1`,
    contentType: merge,
    body: { spec: { holderIdentity: "x" } },
    status: 200,
    reply: {},
    remember: { l1changed: "metadata.resourceVersion" },
  },
  {
    title: "a patch that changes nothing leaves the version",
    method: "PATCH",
    path: `${leases}/l1`,
    contentType: merge,
    body: { spec: { holderIdentity: "x" } },
    status: 200,
    reply: { metadata: { resourceVersion: "{l1changed}" } },
  },
  {
    title: "an object leaves the selection",
    method: "PATCH",
    path: `${leases}/l2`,
    contentType: merge,
    body: { metadata: { labels: { page: "no" } } },
    status: 200,
    reply: {},
    remember: { l2left: "metadata.resourceVersion" },
  },
  {
    title: "a delete over another version is 409",
    method: "DELETE",
    path: `${leases}/l3`,
    body: { kind: "DeleteOptions", apiVersion: "v1", preconditions: { resourceVersion: "1" } },
    status: 409,
    reply: {
      reason: "Conflict",
      details: { name: "l3", group: "coordination.k8s.io", kind: "Lease" },
      message: expect.stringMatching(
        /^Operation cannot be fulfilled on Lease.coordination.k8s.io "l3": the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(\d+\). The object might have been modified$/,
      ),
    },
  },
  {
    title: "a delete of the UID that is there is done",
    method: "DELETE",
    path: `${leases}/l3`,
    body: { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid: "{l3uid}" } },
    status: 200,
    reply: { kind: "Status", status: "Success", details: { ...details, name: "l3", uid: "{l3uid}" } },
  },
  {
    title: "a watch tells each change once and in order; what leaves the selection is DELETED",
    watch: `${leases}?labelSelector=page%3Dyes&resourceVersion={l3}`,
    frames: [
      { type: "ADDED", object: { kind: "Lease", metadata: { name: "l4" } } },
      {
        type: "MODIFIED",
        object: { metadata: { name: "l1", resourceVersion: "{l1changed}" }, spec: { holderIdentity: "x" } },
      },
      { type: "DELETED", object: { metadata: { name: "l2", resourceVersion: "{l2left}" } } },
      { type: "DELETED", object: { metadata: { name: "l3" } } },
    ],
  },
  {
    title: "a watch that begins with a list ends that with an annotated bookmark",
    watch: `${leases}?labelSelector=page%3Dyes&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    frames: [
      { type: "ADDED", object: { metadata: { name: "l1" } } },
      { type: "ADDED", object: { metadata: { name: "l4" } } },
      {
        type: "BOOKMARK",
        object: {
          kind: "Lease",
          apiVersion: "coordination.k8s.io/v1",
          metadata: {
            resourceVersion: expect.stringMatching(/^\d+$/),
            annotations: { "k8s.io/initial-events-end": "true" },
          },
        },
      },
    ],
  },
  {
    title: "initial events without a rule for their version are refused",
    method: "GET",
    path: `${leases}?watch=true&sendInitialEvents=true`,
    status: 422,
    reply: {
      reason: "Invalid",
      message:
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    },
  },
];

/** Everything that is asserted, in order. */
export const conformanceCases: readonly (ConformanceCase | WatchCase)[] = [
  ...runsOfLeases,
  ...runsOfSeiNodes,
  ...runsOfStatefulSets,
  ...runsOfRemovals,
];
