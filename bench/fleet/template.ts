/**
 * One node that the program itself brought up, with the objects around it, exactly as they were left: what a big fleet
 * is cloned from. Afterwards the machinery of Kubernetes ends: it would act on ten thousand clones.
 */
import { readFileSync } from "node:fs";
import type { KubeObject } from "../../test/cluster/harness/admin-api.ts";
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { type Program, raiseFleet } from "../contenders.ts";

/** The objects of one node at rest. */
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
export async function makeTemplate(cluster: Cluster, program: Program): Promise<Template> {
  const fleet = await raiseFleet(cluster, { program, count: 1, prefix: "template", nameOf: () => "zz-template-zz" });
  const { namespace } = fleet;
  const [name = ""] = fleet.names;
  const get = async <T extends KubeObject>(path: string): Promise<T> => {
    const found = await cluster.api.get<T>(path);
    if (found === null) throw new Error(`template: ${path} is not there`);
    return found;
  };
  const pod = await get<Template["pod"]>(`/api/v1/namespaces/${namespace}/pods/${name}-0`);
  const template = {
    namespace,
    name,
    ip: pod.status.podIP,
    node: await get(`/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes/${name}`),
    statefulSet: await get(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`),
    service: await get(`/api/v1/namespaces/${namespace}/services/${name}`),
    claim: await get(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/data-${name}`),
    pod,
  };
  endMachinery(cluster.dir);
  return template;
}

const MACHINERY: ReadonlySet<string> = new Set(["kube-controller-manager", "kube-scheduler", "kwok", "sidecars"]);

/** Ends what `scripts/cluster.sh` started beside the API server and its etcd. */
function endMachinery(dir: string): void {
  for (const line of readFileSync(`${dir}/pids`, "utf8").trim().split("\n")) {
    const [pid = "", name = ""] = line.split(" ");
    if (MACHINERY.has(name)) process.kill(Number(pid), "SIGKILL");
  }
}
