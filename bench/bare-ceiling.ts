/** What the API server can take of the same status patches, and the bare loop that heals with them. */
import { startClock } from "./api-server.ts";
import { type BareLoop, startBare } from "./contenders.ts";
import type { BigFleet, Stage } from "./fleet/stage.ts";
import type { Bodies } from "./shut-gates.ts";
import { type Usage, usageOf, usageSince } from "./usage.ts";

/** Both patches for every node, 64 nodes at a time. */
export interface Patching {
  /** Until every node was patched once, and twice. */
  readonly oneMs: number;
  readonly twoMs: number;
  /** Seconds of CPU that the API server used for both. */
  readonly apiSeconds: number;
}

/** The bare loop on a fleet of its own. */
export interface Bare extends Patching {
  /** Until the bare loop had asked every sidecar and healed every node. */
  readonly healMs: number;
  readonly healing: Usage;
}

/** Lets the bare loop store the plan in every node, then close it in every node. */
export async function patchBoth(
  loop: BareLoop,
  { cluster }: Pick<Stage, "cluster">,
  bodies: Bodies,
): Promise<Patching> {
  const apiSeconds = startClock(cluster);
  const oneMs = await loop.order(`patch ${JSON.stringify(bodies.opening)}`);
  const twoMs = oneMs + (await loop.order(`patch ${JSON.stringify(bodies.closing)}`));
  return { oneMs, twoMs, apiSeconds: apiSeconds() };
}

/** Patches are measured twice over, since a loop that has just begun is slower; the second round counts. */
export async function bareCeiling(stage: Stage, { namespace, ips }: BigFleet, bodies: Bodies): Promise<Bare> {
  const loop = startBare(stage.cluster, namespace);
  await loop.order("follow");
  await patchBoth(loop, stage, bodies);
  const ceiling = await patchBoth(loop, stage, bodies);
  await stage.player.shut(ips);
  const before = usageOf(loop.pid);
  const healMs = await loop.order("poll");
  const healing = usageSince(loop.pid, before);
  loop.kill();
  return { ...ceiling, healMs, healing };
}
