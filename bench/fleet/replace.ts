/** Replaces Pods of a big fleet, as the StatefulSet controller, the scheduler and a kubelet would together. */
import type { Pod } from "../../test/cluster/harness/pods.ts";
import { addressAt } from "./clone.ts";
import { wallMs } from "./player-orders.ts";
import type { BigFleet, Stage } from "./stage.ts";

/** One replaced Pod. */
export interface Replaced {
  /** Of its node. */
  readonly name: string;
  readonly ip: string;
  /** Unix milliseconds: the address was committed. */
  readonly addressedAt: number;
}

/** How Pods are replaced. */
export interface ReplaceOptions {
  /** All of them are spread evenly over so long. */
  readonly overMs: number;
  /** From the Pod's address to the sidecar taking connections, drawn evenly. */
  readonly upAfterMs: readonly [number, number];
}

/** From the new Pod to its address. */
const ADDRESS_MS = 300;

/** Replaces every Pod of the fleet once; resolves when the last has its address. */
export async function replaceAll(
  stage: Stage,
  { namespace, clones }: Pick<BigFleet, "namespace" | "clones">,
  { overMs, upAfterMs: [from, to] }: ReplaceOptions,
): Promise<readonly Replaced[]> {
  const { api } = stage.cluster;
  // Nobody makes it here, and no Pod is accepted without.
  await api.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name: "default" } });
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const pods = new Map((await api.list<Pod>(path)).map((pod) => [pod.metadata.name, pod]));
  const startedAt = performance.now();
  const under: Promise<Replaced>[] = [];
  for (const [index, { name, ip: before }] of clones.entries()) {
    const pod = pods.get(`${name}-0`);
    if (pod === undefined) throw new Error(`replace: Pod ${name}-0 is not there`);
    await Bun.sleep(startedAt + (overMs * index) / clones.length - performance.now());
    const ip = addressAt(stage.freshAddress());
    under.push(
      replaced(stage, { path, pod, ip }).then(async (addressedAt) => {
        const afterMs = from + Math.random() * (to - from);
        await stage.player.replace({ name, from: before, ip, afterMs });
        return { name, ip, addressedAt };
      }),
    );
  }
  return Promise.all(under);
}

interface Next {
  readonly path: string;
  readonly pod: Pod;
  readonly ip: string;
}

async function replaced({ cluster: { api } }: Stage, { path, pod, ip }: Next): Promise<number> {
  const { name, namespace, labels = {}, annotations = {}, ownerReferences = [] } = pod.metadata;
  await api.remove(`${path}/${name}?gracePeriodSeconds=0`);
  const metadata = { name, namespace, labels, annotations, ownerReferences };
  const made = await api.request("POST", path, { apiVersion: "v1", kind: "Pod", metadata, spec: pod["spec"] });
  if (made.status !== 201) throw new Error(`replace: POST ${path}: ${made.status}: ${made.text.slice(0, 300)}`);
  await Bun.sleep(ADDRESS_MS);
  const status = { ...pod.status, podIP: ip, podIPs: [{ ip }], ...freshContainers(pod) };
  await api.patch(`${path}/${name}/status`, { status });
  return wallMs();
}

/** Container ids of another life. */
function freshContainers({ status }: Pod): object {
  const fresh = (all: Pod["status"]["containerStatuses"] = []): object[] =>
    all.map((one) => ({ ...one, containerID: `kwok://${crypto.randomUUID()}` }));
  return {
    initContainerStatuses: fresh(status.initContainerStatuses),
    containerStatuses: fresh(status.containerStatuses),
  };
}
