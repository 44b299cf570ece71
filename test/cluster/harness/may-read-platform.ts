/** What a person may do beyond a controller: read the ConfigMap of its platform inputs. */
import type { Cluster } from "./cluster.ts";
import { untilAllowed } from "./permissions.ts";

/** Grants it to a ServiceAccount, and waits until it is in force. */
export async function mayReadPlatform({ api }: Cluster, namespace: string, name: string): Promise<void> {
  const apiGroup = "rbac.authorization.k8s.io";
  const apiVersion = `${apiGroup}/v1`;
  const metadata = { namespace, name: `${name}-platform` };
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }];
  await api.apply({ apiVersion, kind: "Role", metadata, rules });
  const roleRef = { apiGroup, kind: "Role", name: metadata.name };
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  await api.apply({ apiVersion, kind: "RoleBinding", metadata, roleRef, subjects });
  await untilAllowed(api, { namespace, name }, { verb: "get", resource: "configmaps", namespace });
}
