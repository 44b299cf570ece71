/** The requests about a status that is wiped, edited Pods, writes that admission denies, and deletions that leave things. */
import type { ConformanceCase } from "./requests.ts";

const merge = "application/merge-patch+json";
const nodes = "/apis/sei.io/v1alpha1/namespaces/{ns}/seinodes";
const sets = "/apis/apps/v1/namespaces/{ns}/statefulsets";
const pods = "/api/v1/namespaces/{ns}/pods";

/** Whatever carries it is denied, with that status: on both servers there is a policy that says so. */
export const DENY_LABEL = "tidekeeper.test/deny";
/** What that policy says. */
export const DENIAL = "denied for a test";

const denied = (status: 403 | 422, name: string) => ({
  metadata: { name, labels: { [DENY_LABEL]: String(status) } },
});

/** They come after those of StatefulSets, whose set and Pod they use. */
export const runsOfRemovals: readonly ConformanceCase[] = [
  {
    title: "a status that is set to null is gone whole",
    method: "PATCH",
    path: `${nodes}/n/status`,
    contentType: merge,
    body: { status: null },
    status: 200,
    reply: { metadata: { name: "n" } },
    absent: ["status"],
  },
  {
    title: "a policy about the status does not hold back what is written past it",
    method: "PATCH",
    path: `${nodes}/n`,
    contentType: merge,
    body: denied(403, "n"),
    status: 200,
    reply: { metadata: { name: "n", labels: { [DENY_LABEL]: "403" } } },
  },
  {
    title: "but a write of the status it does, with its words",
    method: "PATCH",
    path: `${nodes}/n/status`,
    contentType: merge,
    body: { status: { phase: "Running" } },
    status: 403,
    reply: {
      kind: "Status",
      status: "Failure",
      reason: "Forbidden",
      code: 403,
      details: { name: "n", group: "sei.io", kind: "seinodes", causes: [{ message: "{denial403}" }] },
      message: 'seinodes.sei.io "n" is forbidden: {denial403}',
    },
  },
  {
    title: "and nothing of it was written",
    method: "PATCH",
    path: `${nodes}/n`,
    contentType: merge,
    body: { metadata: { labels: { [DENY_LABEL]: null } } },
    status: 200,
    reply: { metadata: { name: "n" } },
    absent: ["status"],
  },
  {
    title: "a Pod has a generation",
    method: "GET",
    path: `${pods}/s-0`,
    status: 200,
    reply: { metadata: { generation: 1 } },
  },
  {
    title: "which an edit of its spec counts up",
    method: "PATCH",
    path: `${pods}/s-0`,
    contentType: merge,
    body: { spec: { activeDeadlineSeconds: 1_000_000 } },
    status: 200,
    reply: { metadata: { generation: 2 } },
  },
  {
    title: "and one of its labels does not",
    method: "PATCH",
    path: `${pods}/s-0`,
    contentType: merge,
    body: { metadata: { labels: { edited: "yes" } } },
    status: 200,
    reply: { metadata: { generation: 2 } },
  },
  ...([403, 422] as const).map((status): ConformanceCase => ({
    title: `an edit that admission denies is ${status}, with its words`,
    method: "PATCH",
    path: `${sets}/s`,
    contentType: merge,
    body: denied(status, "s"),
    status,
    reply: {
      kind: "Status",
      status: "Failure",
      reason: status === 403 ? "Forbidden" : "Invalid",
      code: status,
      details: { name: "s", group: "apps", kind: "statefulsets", causes: [{ message: `{denial${status}}` }] },
      message: `statefulsets.apps "s" is forbidden: {denial${status}}`,
    },
  })),
  {
    title: "a deletion that orphans goes on until what was owned is nobody's",
    method: "DELETE",
    path: `${sets}/s`,
    body: { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Orphan" },
    status: 200,
    reply: { kind: "StatefulSet", metadata: { name: "s", finalizers: ["orphan"] } },
  },
  {
    title: "then the owner is gone",
    method: "GET",
    path: `${sets}/s`,
    status: 404,
    reply: { reason: "NotFound" },
    eventually: true,
  },
  {
    title: "and what it owned is the same as before, but for its owner",
    method: "GET",
    path: `${pods}/s-0`,
    status: 200,
    reply: { metadata: { uid: "{pod}", labels: { edited: "yes" } } },
    absent: ["metadata.ownerReferences", "metadata.deletionTimestamp"],
  },
];
