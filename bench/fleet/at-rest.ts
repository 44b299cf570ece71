/** When a fleet is idle: nothing is written any more, and no plan is open. */
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { isAtRest, type SeiNodeObject } from "../../test/cluster/harness/fleet.ts";

/** What a renewed Lease leaves in the log in between. */
const QUIET_BYTES = 20_000;
const LOOK_MS = 1500;

/** Waits for it. Asked by the length of the log first: a list of the whole fleet would cost what is measured. */
export async function untilAtRest({ api, audit }: Cluster, namespace: string, withinMs: number): Promise<void> {
  const isOver = async (): Promise<boolean> => {
    const size = audit.offset();
    await Bun.sleep(LOOK_MS);
    if (audit.offset() - size > QUIET_BYTES) return false;
    const nodes = await api.list<SeiNodeObject>(`/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`);
    return nodes.every(isAtRest);
  };
  await eventually(`every plan in ${namespace} to be closed`, isOver, withinMs);
}
