/** From the audit log: was each node written by nobody but the holder of its shard? */
import { shardOf } from "../../../src/kube/lease/index.ts";
import type { AuditEntry } from "./audit-log.ts";
import { takenAs } from "./taken-as.ts";

interface LeaseObject {
  readonly spec?: { readonly holderIdentity?: string | null };
}

interface Tenure {
  readonly holder: string;
  readonly fromMs: number;
  /** The request that ended it; infinite while it lasts. */
  toMs: number;
}

/** What replicas write of a node: its status, and the objects that carry its name. */
const OF_NODES = new Set([
  "seinodes/status",
  "seinodes",
  "jobs",
  "statefulsets",
  "services",
  "pods",
  "persistentvolumeclaims",
]);
const MAIN = "tidekeeper.sei.io";
/** A holder that dies is never told of; a successor's first write tells. Requests are stamped in whole milliseconds. */
const TIE_MS = 1;

/** What the log says. */
export interface Judgement {
  /** Stored writes about nodes that were looked at. */
  readonly judged: number;
  /** Those by somebody who did not hold the node's shard when the API server received them, a line each. */
  readonly strays: readonly string[];
}

/** Judges every stored write about a node. Users are called as their identities; a main Lease of one is his alone. */
export function judgeWrites(entries: readonly AuditEntry[], namespace: string): Judgement {
  const stored = entries.filter((entry) => entry.namespace === namespace && entry.code < 300);
  const tenures = tenuresOf(stored.filter(({ resource }) => resource === "leases"));
  const ofNodes = stored.filter(({ resource }) => OF_NODES.has(resource));
  const strays = ofNodes.flatMap((entry) => {
    const user = entry.user.split(":").at(-1) ?? "";
    const lease = leaseOf(entry, tenures);
    const holders = holdersAt(tenures.get(lease), entry.atMs);
    if (holders.includes(user)) return [];
    return [`${entry.verb} ${entry.resource} ${entry.name} by ${user}, while ${lease} was ${holders.join(" or ")}'s`];
  });
  return { judged: ofNodes.length, strays };
}

function leaseOf({ namespace, name, atMs }: AuditEntry, tenures: ReadonlyMap<string, readonly Tenure[]>): string {
  const node = name.replace(/^data-/, "").replace(/-0$/, "");
  const [main] = holdersAt(tenures.get(MAIN), atMs);
  const shards = /^shards-(\d+)(?:\.|$)/.exec(main ?? "")?.[1];
  return shards === undefined ? MAIN : `shard-${shardOf(`${namespace}/${node}`, Number(shards))}.${MAIN}`;
}

function tenuresOf(leases: readonly AuditEntry[]): ReadonlyMap<string, readonly Tenure[]> {
  const tenures = new Map<string, Tenure[]>();
  // A line of the log is written when its request has ended, so a hand-over may stand in the wrong order.
  for (const { name, atMs, responseObject } of leases.toSorted((one, other) => one.atMs - other.atMs)) {
    const holder = takenAs<LeaseObject | null>(responseObject)?.spec?.holderIdentity ?? "";
    const known = tenures.get(name) ?? [];
    tenures.set(name, known);
    const last = known.at(-1);
    if (last?.holder === holder) continue;
    if (last !== undefined) last.toMs = atMs;
    known.push({ holder, fromMs: atMs, toMs: Number.POSITIVE_INFINITY });
  }
  return tenures;
}

function holdersAt(tenures: readonly Tenure[] | undefined, atMs: number): readonly string[] {
  return (tenures ?? [])
    .filter(({ fromMs, toMs }) => fromMs - TIE_MS <= atMs && atMs <= toMs + TIE_MS)
    .map(({ holder }) => holder);
}
