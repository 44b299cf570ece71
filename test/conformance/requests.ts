/** Requests that the simulated API server must answer as a real one does; `{ns}` is the namespace. Run in order. */

/** One request and what of its answer is asserted. */
export interface ConformanceCase {
  readonly title: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly contentType?: string;
  readonly body?: object;
  readonly status: number;
  /** Must be contained in the reply. */
  readonly reply: object;
}

const leases = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases";
const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };
const merge = "application/merge-patch+json";
const applied = "application/apply-patch+yaml";
const details = { name: "a", group: "coordination.k8s.io", kind: "leases" };

/** What is asserted so far: Leases only, so neither generation nor status nor keyed lists are. */
export const conformanceCases: readonly ConformanceCase[] = [
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
];
