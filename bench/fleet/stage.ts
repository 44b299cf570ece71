/** Where big scenarios play: an API server with nobody else on it, fleets of clones, and their sidecars. */
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { takenAs } from "../../test/cluster/harness/taken-as.ts";
import type { Program } from "../contenders.ts";
import { type Clone, cloneFleet } from "./clone.ts";
import { type Player, startPlayer } from "./player-process.ts";
import { type History, historyOf, writeHistory } from "./history.ts";
import { endMachinery, makeTemplate, type Template } from "./template.ts";

/** Whose nodes a fleet is made of, and what they remember. */
export interface Breed {
  readonly program: Program;
  readonly history: History;
}

/** Idle nodes whose sidecars answer, and nobody who works on them. */
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
  readonly player: Player;
  raise(count: number, options?: RaiseOptions): Promise<BigFleet>;
  /** Lets a fleet that is idle remember what it did when it was raised: a status patch a node, where it makes a difference. */
  rewind(fleet: BigFleet): Promise<void>;
  /** An address that no Pod has had. */
  freshAddress(): number;
}

/** The first 1,024 addresses are kwok's. */
const FIRST_ADDRESS = 1024;
const RAISE_MS = 180_000;

/** A stage a breed, all on one API server with one process for their sidecars; takes about half a minute. */
export interface Ground {
  stageFor(breed: Breed): Promise<Stage>;
  /** To be called when every stage is there, before a fleet is raised: nobody in Kubernetes acts any more. */
  still(): void;
}

/** Begins. */
export async function layGround(cluster: Cluster): Promise<Ground> {
  const player = await startPlayer();
  let next = FIRST_ADDRESS;
  return {
    still: () => endMachinery(cluster.dir),
    async stageFor(breed) {
      const template = await makeTemplate(cluster, breed);
      const past = await historyOf(cluster.api, template.namespace, template.name);
      return {
        cluster,
        program: breed.program,
        player,
        freshAddress: () => next++,
        async raise(count, options = {}) {
          const firstAddress = next;
          next += count;
          return raise({ cluster, player, template }, { ...options, count, firstAddress });
        },
        async rewind({ namespace, clones }) {
          const names = clones.map(({ name }) => name);
          if (breed.history === "empty") await writeHistory(cluster.api, { namespace, names }, past);
        },
      };
    },
  };
}

/** A stage of one breed. */
export async function buildStage(cluster: Cluster, breed: Breed): Promise<Stage> {
  const ground = await layGround(cluster);
  const stage = await ground.stageFor(breed);
  ground.still();
  return stage;
}

interface Mould {
  readonly cluster: Cluster;
  readonly player: Player;
  readonly template: Template;
}

async function raise(
  { cluster, player, template }: Mould,
  {
    bare = false,
    ownListeners = false,
    count,
    firstAddress,
  }: RaiseOptions & { readonly count: number; readonly firstAddress: number },
): Promise<BigFleet> {
  const namespace = await cluster.namespace(bare ? "bare" : "ours");
  const clones = await cloneFleet(template, { namespace, count, firstAddress, bare });
  await player.add(clones, ownListeners);
  const paths = [`/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`, `/api/v1/namespaces/${namespace}/pods`];
  for (const path of paths) {
    const isThere = async (): Promise<boolean> => (await countAt(cluster, path)) === count;
    await eventually(`${count} objects at ${path}`, isThere, RAISE_MS);
  }
  return { namespace, clones, ips: clones.map(({ ip }) => ip) };
}

/** Objects of a collection, by the API server's own count. */
async function countAt(cluster: Cluster, path: string): Promise<number> {
  await Bun.sleep(200);
  const reply = await cluster.api.request("GET", `${path}?limit=1`);
  const list = takenAs<{ items?: readonly unknown[]; metadata?: { remainingItemCount?: number } }>(reply.json);
  return (list.items?.length ?? 0) + (list.metadata?.remainingItemCount ?? 0);
}
