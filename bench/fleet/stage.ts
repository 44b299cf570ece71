/** Where big scenarios play: an API server with nobody else on it, fleets of clones, and their sidecars. */
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { takenAs } from "../../test/cluster/harness/taken-as.ts";
import { type Program } from "../contenders.ts";
import { type Clone, cloneFleet } from "./clone.ts";
import { type Player, startPlayer } from "./player-process.ts";
import { makeTemplate, type Template } from "./template.ts";

/** Nodes at rest whose sidecars answer, and nobody who works on them. */
export interface BigFleet {
  readonly namespace: string;
  readonly clones: readonly Clone[];
  readonly ips: readonly string[];
}

/** How a fleet differs from the usual. */
export interface RaiseOptions {
  /** A SeiNode and a Pod each, which is all that the bare loop looks at. */
  readonly bare?: boolean;
  /** Sidecars that refuse connections until they are up, for Pods that are replaced. */
  readonly ownListeners?: boolean;
}

/** What a big scenario is given. */
export interface Stage {
  readonly cluster: Cluster;
  readonly program: Program;
  readonly template: Template;
  readonly player: Player;
  raise(count: number, options?: RaiseOptions): Promise<BigFleet>;
  /** An address that no Pod has had. */
  freshAddress(): number;
}

/** The first 1,024 addresses are kwok's. */
const FIRST_ADDRESS = 1024;
const RAISE_MS = 180_000;

/** Builds it; takes about half a minute. */
export async function buildStage(cluster: Cluster, program: Program): Promise<Stage> {
  const template = await makeTemplate(cluster, program);
  const player = await startPlayer();
  let next = FIRST_ADDRESS;
  return {
    cluster,
    program,
    template,
    player,
    freshAddress: () => next++,
    async raise(count, { bare = false, ownListeners = false } = {}) {
      const namespace = await cluster.namespace(bare ? "bare" : "ours");
      const clones = await cloneFleet(template, { namespace, count, firstAddress: next, bare });
      next += count;
      const fleet = { namespace, clones, ips: clones.map(({ ip }) => ip) };
      await player.add(clones, ownListeners);
      const paths = [`/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`, `/api/v1/namespaces/${namespace}/pods`];
      for (const path of paths) {
        const isThere = async (): Promise<boolean> => (await countAt(cluster, path)) === count;
        await eventually(`${count} objects at ${path}`, isThere, RAISE_MS);
      }
      return fleet;
    },
  };
}

/** Objects of a collection, by the API server's own count. */
async function countAt(cluster: Cluster, path: string): Promise<number> {
  await Bun.sleep(200);
  const reply = await cluster.api.request("GET", `${path}?limit=1`);
  const list = takenAs<{ items?: readonly unknown[]; metadata?: { remainingItemCount?: number } }>(reply.json);
  return (list.items?.length ?? 0) + (list.metadata?.remainingItemCount ?? 0);
}
