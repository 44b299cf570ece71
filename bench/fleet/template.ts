/**
 * One node that the program itself brought up, with the objects around it, exactly as they were left: what a big fleet
 * is cloned from, with what it remembers. Afterwards the machinery of Kubernetes ends: it would act on ten thousand clones.
 */
import type { KubeObject } from "../../test/cluster/harness/admin-api.ts";
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { raiseFleet } from "../contenders.ts";
import { clusterProcesses } from "../api-server.ts";
import type { Breed } from "./stage.ts";

/** The objects of one idle node. */
export interface Template {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly node: KubeObject;
  readonly statefulSet: KubeObject;
  readonly service: KubeObject;
  readonly claim: KubeObject;
  readonly pod: KubeObject & { readonly status: { readonly podIP: string } };
}

/** Brings the node up. Its name stands nowhere else in the objects, so that a clone is a matter of replacing it. */
export async function makeTemplate(cluster: Cluster, breed: Breed): Promise<Template> {
  const nameOf = (): string => "zz-template-zz";
  const fleet = await raiseFleet(cluster, { ...breed, count: 1, prefix: "template", nameOf });
  const { namespace } = fleet;
  const [name = ""] = fleet.names;
  const get = async <T extends KubeObject>(path: string): Promise<T> => {
    const found = await cluster.api.get<T>(path);
    if (found === null) throw new Error(`template: ${path} is not there`);
    return found;
  };
  const pod = await get<Template["pod"]>(`/api/v1/namespaces/${namespace}/pods/${name}-0`);
  return {
    namespace,
    name,
    ip: pod.status.podIP,
    node: await get(`/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes/${name}`),
    statefulSet: await get(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`),
    service: await get(`/api/v1/namespaces/${namespace}/services/${name}`),
    claim: await get(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/data-${name}`),
    pod,
  };
}

const MACHINERY: ReadonlySet<string> = new Set(["kube-controller-manager", "kube-scheduler", "kwok", "sidecars"]);

/** Ends what `scripts/cluster.sh` started beside the API server and its etcd. */
export function endMachinery(dir: string): void {
  for (const { pid, name } of clusterProcesses(dir)) {
    if (MACHINERY.has(name)) process.kill(pid, "SIGKILL");
  }
}
