/** What a ServiceAccount may do: the API server goes by its own watches of roles and bindings, a moment after they changed. */
import type { AdminApi } from "./admin-api.ts";
import { eventually } from "./eventually.ts";
import { takenAs } from "./taken-as.ts";

/** A ServiceAccount. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** One thing to do. Without a namespace it is meant for all of them. */
export interface Access {
  readonly verb: string;
  readonly group?: string;
  /** `resource` or `resource/subresource`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Waits until the account may do this; with `want` false, until it may not. */
export async function untilAllowed(api: AdminApi, account: Account, access: Access, want = true): Promise<void> {
  const [resource, subresource] = access.resource.split("/");
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: {
      user: `system:serviceaccount:${account.namespace}:${account.name}`,
      resourceAttributes: { ...access, resource, subresource },
    },
  };
  await eventually(`${want ? "leave" : "a refusal"} to ${access.verb} ${access.resource}`, async () => {
    const { json } = await api.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
    return takenAs<{ status: { allowed: boolean } }>(json).status.allowed === want;
  });
}

/** Waits until what `tidekeeper manifests` prints for a controller in the account's namespace is in force. */
export async function untilInForce(api: AdminApi, account: Account): Promise<void> {
  const { namespace } = account;
  // One of the ClusterRole, one of the Role.
  await untilAllowed(api, account, { verb: "patch", group: "sei.io", resource: "seinodes/status", namespace });
  const lease = { resource: "leases", namespace, name: "tidekeeper.sei.io" };
  await untilAllowed(api, account, { verb: "patch", group: "coordination.k8s.io", ...lease });
}
