/** The pure step that decides which shards a replica takes and gives back. */
import { hash32 } from "../../base/index.ts";

/**
 * A shard as one replica sees it: `ours` = we hold it and work on it; `leaving` = we hold it while its work ends;
 * `free` = nobody holds it; `expired` = whoever holds it let it run out, so it can be taken all the same; `held` = another
 * holds it, or that is not known.
 */
export type ShardState = "ours" | "leaving" | "free" | "expired" | "held";

/** What to do about the shards. */
export interface ShareMove {
  /** Shards to stand for, and no others. */
  readonly stand: readonly number[];
  /** Shards that ran out and are due to another: given back for the dead, since one that came later would wait for longer. */
  readonly vacate: readonly number[];
  /** Shards of ours to end the work on and then to give back. */
  readonly giveUp: readonly number[];
}

/** How many of `shards` are `self`'s: members in order of their names, the first ones take one more where it does not divide. */
export function quotaOf(self: string, members: readonly string[], shards: number): number {
  const all = [...new Set(members)].toSorted();
  const place = all.indexOf(self);
  if (place < 0) return 0;
  return Math.floor(shards / all.length) + (place < shards % all.length ? 1 : 0);
}

/**
 * The fair and sticky share of `self`. Nobody takes what another holds, and nobody holds more than its quota for long,
 * so the shares meet whatever order the replicas move in. Each has its own order of liking (rendezvous hashing), so that
 * they do not all reach for the same shard.
 */
export function shareStep(
  self: string,
  { members, shards }: { readonly members: readonly string[]; readonly shards: readonly ShardState[] },
): ShareMove {
  const quota = quotaOf(self, members, shards.length);
  const liked = shards.map((_state, shard) => shard).toSorted((a, b) => liking(self, b) - liking(self, a) || a - b);
  const ours = liked.filter((shard) => shards[shard] === "ours");
  const takeable = liked.filter((shard) => shards[shard] === "free" || shards[shard] === "expired");
  const stand = takeable.slice(0, Math.max(0, quota - ours.length));
  const vacate = takeable.filter((shard) => shards[shard] === "expired" && !stand.includes(shard));
  return { stand, vacate: members.includes(self) ? vacate : [], giveUp: ours.slice(quota) };
}

function liking(self: string, shard: number): number {
  return hash32(`${self} ${shard}`);
}
