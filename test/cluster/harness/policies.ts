/** Admission as a cluster may have it: policies of the API server's own, for one node each. */
import type { AdminApi } from "./admin-api.ts";
import { eventually } from "./eventually.ts";

const GROUP = "admissionregistration.k8s.io/v1";

/** Which objects of a node are meant. */
export interface Meant {
  readonly namespace: string;
  /** Name of the SeiNode. */
  readonly node: string;
  readonly resource: "pods" | "statefulsets" | "services";
  readonly operations?: readonly string[];
}

/** Takes a policy away again. */
export type Lift = () => Promise<void>;

/** What a mirror does to the images it meets: a registry before them, or a digest after them. */
export type Mirror = "registry" | "digest";

/** Rewrites images of the node as they come by; resolves when the policy is in force. */
export async function mirror(
  api: AdminApi,
  meant: Meant & { readonly containers: "all" | "sidecar"; readonly to?: Mirror },
): Promise<Lift> {
  const at = meant.resource === "pods" ? "spec" : "spec.template.spec";
  const all = ["containers[0]", "initContainers[0]", "initContainers[1]"];
  const patches = (meant.containers === "all" ? all : all.slice(2)).map((item) => {
    const image = `object.${at}.${item}.image`;
    const path = `/${`${at}.${item}`.replaceAll(/[.[]/g, "/").replaceAll("]", "")}/image`;
    return `JSONPatch{op: "replace", path: "${path}", value: ${rewritten(image, meant.to ?? "registry")}}`;
  });
  const mutations = [{ patchType: "JSONPatch", jsonPatch: { expression: `[${patches.join(", ")}]` } }];
  return policy(api, meant, { kind: "Mutating", spec: { reinvocationPolicy: "Never", mutations } });
}

/** Denies what of the node the expression is false for, with 403 and these words. */
export async function deny(api: AdminApi, meant: Meant, rule: { expression: string; message: string }): Promise<Lift> {
  return policy(api, meant, { kind: "Validating", spec: { validations: [{ ...rule, reason: "Forbidden" }] } });
}

function rewritten(image: string, to: Mirror): string {
  return to === "registry"
    ? `${image}.startsWith("mirror.local/") ? ${image} : "mirror.local/" + ${image}`
    : `${image}.contains("@") ? ${image} : ${image} + "@sha256:${"a".repeat(64)}"`;
}

async function policy(
  api: AdminApi,
  meant: Meant,
  { kind, spec }: { readonly kind: "Mutating" | "Validating"; readonly spec: object },
): Promise<Lift> {
  const name = `${meant.node}-${meant.resource}-${meant.namespace}`;
  const plural = `${kind.toLowerCase()}admissionpolic`;
  const paths = [`/apis/${GROUP}/${plural}ybindings/${name}`, `/apis/${GROUP}/${plural}ies/${name}`];
  const matchConstraints = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": meant.namespace } },
    objectSelector: { matchLabels: { "sei.io/node": meant.node } },
    resourceRules: [
      {
        apiGroups: [meant.resource === "statefulsets" ? "apps" : ""],
        apiVersions: ["v1"],
        operations: meant.operations ?? ["CREATE", "UPDATE"],
        resources: [meant.resource],
      },
    ],
  };
  const before = await answer(api, meant);
  const validationActions = kind === "Validating" ? { validationActions: ["Deny"] } : {};
  const metadata = { name };
  await api.apply({
    apiVersion: GROUP,
    kind: `${kind}AdmissionPolicy`,
    metadata,
    spec: { failurePolicy: "Fail", matchConstraints, ...spec },
  });
  await api.apply({
    apiVersion: GROUP,
    kind: `${kind}AdmissionPolicyBinding`,
    metadata,
    spec: { policyName: name, ...validationActions },
  });
  await eventually("the policy to be in force", async () => (await answer(api, meant)) !== before);
  return async () => {
    for (const path of paths) await api.remove(path);
    await eventually("the policy to be gone", async () => (await answer(api, meant)) === before);
  };
}

/** What comes of something that the policy is about, tried without an effect. */
async function answer(api: AdminApi, meant: Meant): Promise<string> {
  const { namespace, node, resource, operations = [] } = meant;
  const path = `${resource === "statefulsets" ? "/apis/apps/v1" : "/api/v1"}/namespaces/${namespace}/${resource}`;
  const reply = operations.includes("DELETE")
    ? await api.request("DELETE", `${path}/${node}${resource === "pods" ? "-0" : ""}?dryRun=All`)
    : await api.request("POST", `${path}?dryRun=All`, probe(meant));
  return `${reply.status} ${/"image":"[^"]*(?:mirror|@)/.test(reply.text)}`;
}

/** An object of the node that is never made, and that no rule of a test lets through. */
function probe({ node, resource }: Meant): object {
  const labels = { "sei.io/node": node };
  const image = "probe:denied";
  const metadata = { name: `probe-${node}`, labels };
  const spec = {
    initContainers: [
      { name: "seid-init", image },
      { name: "sei-sidecar", image, restartPolicy: "Always" },
    ],
    containers: [{ name: "seid", image }],
  };
  switch (resource) {
    case "pods":
      return { apiVersion: "v1", kind: "Pod", metadata, spec };
    case "services":
      return { apiVersion: "v1", kind: "Service", metadata, spec: { clusterIP: "None", selector: labels } };
    case "statefulsets": {
      const template = { metadata: { labels }, spec };
      const set = { serviceName: node, selector: { matchLabels: labels }, template };
      return { apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: set };
    }
  }
}
