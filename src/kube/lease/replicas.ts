/**
 * The replicas that share one Lease, as they show in its annotations: each changes its own with every renewal. Who is
 * alive is judged by changes seen here, on our own clock.
 */
import { hash32 } from "../../base/index.ts";

/** What a replica says of itself. */
export interface Replica {
  readonly identity: string;
  /** It takes no shard any more; what it holds is still being worked on. */
  readonly isLeaving: boolean;
}

/** Replicas by the name of their annotation: what it said last, and when that was seen to change. */
export type ReplicasSeen = ReadonlyMap<string, Replica & { readonly mark: string; readonly changedAt: number }>;

/** A replica that was not heard of for so long is dead: its fence has been over for 5 s. */
export const REPLICA_SILENCE_MS = 15_000;
const MARK = /^\d+ (in|leaving) (.+)$/;

/** Name of a replica's annotation, behind `prefix` (`example.com/`): its identity may hold what a name may not. */
export function replicaKey(prefix: string, identity: string): string {
  const hex = (text: string): string => hash32(text).toString(16).padStart(8, "0");
  return prefix + hex(identity) + hex(`${identity}#`);
}

/** Value of a replica's annotation; another `beat` each time. */
export function replicaMark({ identity, isLeaving }: Replica, beat: number): string {
  return `${beat} ${isLeaving ? "leaving" : "in"} ${identity}`;
}

/** Takes in the annotations as they were seen at `now`. One that is malformed, or has not the prefix, is nobody's. */
export function seeReplicas(
  before: ReplicasSeen,
  {
    annotations,
    prefix,
    now,
  }: { readonly annotations: Readonly<Record<string, string>>; readonly prefix: string; readonly now: number },
): ReplicasSeen {
  const seen = new Map<string, Replica & { readonly mark: string; readonly changedAt: number }>();
  for (const [key, mark] of Object.entries(annotations)) {
    if (!key.startsWith(prefix)) continue;
    const [, state, identity] = MARK.exec(mark) ?? [];
    if (identity === undefined) continue;
    const known = before.get(key);
    const changedAt = known?.mark === mark ? known.changedAt : now;
    seen.set(key, { identity, isLeaving: state === "leaving", mark, changedAt });
  }
  return seen;
}

/** Identities of those who are alive and stay, in order. */
export function stayingReplicas(seen: ReplicasSeen, now: number): readonly string[] {
  const alive = [...seen.values()].filter(({ isLeaving, changedAt }) => !isLeaving && isAlive(changedAt, now));
  return alive.map(({ identity }) => identity).toSorted();
}

/** Whether nobody but `identity` can still be working under the Lease, also not one that is leaving. */
export function isLastReplica(seen: ReplicasSeen, identity: string, now: number): boolean {
  return [...seen.values()].every((one) => one.identity === identity || !isAlive(one.changedAt, now));
}

/**
 * Annotations of the dead. They are removed at once: a replica that came later has watched their silence for less long, and
 * would still count them. A replica that was taken for dead by mistake writes its own anew.
 */
export function deadReplicas(seen: ReplicasSeen, now: number): readonly string[] {
  return [...seen].filter(([, { changedAt }]) => !isAlive(changedAt, now)).map(([key]) => key);
}

function isAlive(changedAt: number, now: number): boolean {
  return now - changedAt < REPLICA_SILENCE_MS;
}
