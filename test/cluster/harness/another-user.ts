/** A second user of the test cluster. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Cluster } from "./cluster.ts";
import type { Installation } from "./controller.ts";
import { untilInForce } from "./permissions.ts";
import { takenAs } from "./taken-as.ts";

/** A ServiceAccount of its own with the same rights, so that the audit log tells the replicas apart; of another ClusterRole if named. */
export async function anotherUser(
  cluster: Cluster,
  first: Installation,
  name: string,
  roleName = "tidekeeper",
): Promise<Installation> {
  const { namespace } = first;
  const meta = { namespace, name };
  const { api } = cluster;
  await api.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: meta });
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const apiGroup = "rbac.authorization.k8s.io";
  const apiVersion = `${apiGroup}/v1`;
  const clusterRole = { apiGroup, kind: "ClusterRole", name: roleName };
  const role = { apiGroup, kind: "Role", name: "tidekeeper-lease" };
  await api.apply({
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name: `${name}-${namespace}` },
    roleRef: clusterRole,
    subjects,
  });
  await api.apply({ apiVersion, kind: "RoleBinding", metadata: meta, roleRef: role, subjects });
  await untilInForce(api, meta);
  const reply = await api.request("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 7200 },
  });
  const { token } = takenAs<{ status: { token: string } }>(reply.json).status;
  const config = takenAs<Record<string, unknown>>(JSON.parse(readFileSync(first.kubeconfigPath, "utf8")));
  const kubeconfigPath = `${first.kubeconfigPath}-${name}`;
  const users = [{ name: "tidekeeper", user: { token } }];
  writeFileSync(kubeconfigPath, JSON.stringify({ ...config, users }), { mode: 0o600 });
  return { namespace, kubeconfigPath };
}
