/** Replaces Pods of a big fleet, and tells how soon each new sidecar was marked ready. */
import { eventually } from "../test/cluster/harness/eventually.ts";
import { startClock } from "./api-server.ts";
import { replaceAll, type Replaced } from "./fleet/replace.ts";
import type { BigFleet, Stage } from "./fleet/stage.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { type Usage, usageOf, usageSince } from "./usage.ts";

const UP_AFTER_MS = [1000, 5000] as const;
const MARKED_MS = 60_000;

/** What stands beside the API server's figures. */
export const REPLACED = "The writes that replaced the Pods are in the API server's CPU too.";

/** What came of it. */
export interface Reactions {
  readonly spread: Spread;
  readonly usage: Usage;
  /** Seconds of CPU that the API server used. */
  readonly apiSeconds: number;
  readonly replaced: readonly Replaced[];
}

/** Replaces every Pod of these once while process `pid` works on the fleet; resolves when the last is marked ready. */
export async function reactions(
  stage: Stage,
  fleet: Pick<BigFleet, "namespace" | "clones">,
  { pid, overMs }: { readonly pid: number; readonly overMs: number },
): Promise<Reactions> {
  const apiSeconds = startClock(stage.cluster);
  const before = usageOf(pid);
  const replaced = await replaceAll(stage, fleet, { overMs, upAfterMs: UP_AFTER_MS });
  const ips = replaced.map(({ ip }) => ip);
  const areMarked = async (): Promise<boolean> => {
    await Bun.sleep(500);
    return (await stage.player.tell(ips)).every((life) => life?.markedAt !== null);
  };
  await eventually("every gate to be marked ready", areMarked, MARKED_MS);
  const used = { usage: usageSince(pid, before), apiSeconds: apiSeconds() };
  return { ...used, replaced, spread: spreadOf(await reactionsOf(stage, replaced)) };
}

async function reactionsOf({ player }: Stage, replaced: readonly Replaced[]): Promise<readonly number[]> {
  const lives = await player.tell(replaced.map(({ ip }) => ip));
  return replaced.map(({ addressedAt }, index) => {
    const { listeningAt = null, markedAt = null } = lives[index] ?? {};
    return (markedAt ?? Number.NaN) - Math.max(addressedAt, listeningAt ?? Number.NaN);
  });
}
