/** Several replicas at once: what they tell one another on the Lease they share, and this one's share of the shards. */
import { FIELD_MANAGER } from "../model/index.ts";
import { createClient } from "../kube/client/index.ts";
import {
  deadReplicas,
  isLastReplica,
  type Lease,
  type LeaseWatchOptions,
  replicaKey,
  replicaMark,
  type ReplicasSeen,
  seeReplicas,
  type SharedLease,
  type Shares,
  startShares,
  stayingReplicas,
} from "../kube/lease/index.ts";
import { hash32 } from "../base/index.ts";
import type { Scope } from "./lease-scope.ts";
import { shardLeaseName } from "../seinode/crd/index.ts";
import type { Instruments, Logger } from "../telemetry/index.ts";

/** What a share is built from. */
export interface ShardingOptions extends Omit<LeaseWatchOptions, "name" | "signal"> {
  readonly identity: string;
  readonly shards: number;
  readonly instruments: Pick<Instruments, "set">;
  readonly log: Pick<Logger, "info" | "warn" | "error" | "change">;
  /** Begins to work on a shard that is ours now. */
  readonly acquired: (shard: number) => void;
  /** Ends the work on a shard; resolves when none is under way. */
  readonly leave: (shard: number) => Promise<void>;
  /** A shard is another's now. */
  readonly left: (shard: number) => void;
}

/** A part in the sharing. */
export interface Sharding {
  /** What is written on the shared Lease. */
  readonly shared: SharedLease;
  /** Takes in the shared Lease. */
  see(lease: Lease | null): void;
  /** The shared Lease is ours too: takes shards from now on. */
  join(): void;
  readonly fence: (shard: number) => boolean;
  /** One line for whoever asks how it is shared out. */
  summary(): string;
  /** Takes nothing from now on, and says so to the others. */
  retire(): void;
  /** Gives all back. */
  release(): Promise<void>;
}

/** Each replica has an annotation of its own on the shared Lease. */
const REPLICA_PREFIX = "replica.tidekeeper.sei.io/";
/** So many replicas would not be believed. */
const MAX_REPLICAS = 1_000;

/**
 * The identity under which replicas with so many shards, of the same nodes, hold the Lease: one with another number, or
 * that looks after others, stands by.
 */
export function sharedIdentity(shards: number, scope: Scope): string {
  if (scope.namespace === null && scope.selector === null) return `shards-${shards}`;
  const mark = hash32(JSON.stringify([scope.namespace, scope.selector]))
    .toString(16)
    .padStart(8, "0");
  return `shards-${shards}.${mark}`;
}

/** Begins to watch the Leases of the shards. */
export function startSharding(options: ShardingOptions): Sharding {
  return new Sharer(options);
}

class Sharer implements Sharding {
  readonly #options: ShardingOptions;
  readonly #shares: Shares;
  #replicas: ReplicasSeen = new Map();
  #beat: number;
  #isIn = false;
  #isLeaving = false;

  constructor(options: ShardingOptions) {
    this.#options = options;
    this.#beat = options.random.u32();
    const names = Array.from({ length: options.shards }, (_one, shard) => shardLeaseName(shard));
    for (const shard of names.keys()) this.#tellShard(shard, false);
    options.instruments.set("shards", options.shards, {});
    this.#shares = startShares({
      ...options,
      client: createClient(options.transport),
      fieldManager: FIELD_MANAGER,
      names,
      members: () => this.#members(),
      onAcquired: (shard) => this.#acquired(shard),
      onSurplus: async (shard) => {
        options.log.info("Giving a shard up", { shard, replicas: this.#members().length });
        await options.leave(shard);
      },
      onGone: (shard, why) => this.#gone(shard, why),
      onTrouble: (shard, why) => options.log.change(`lease of shard ${shard}`, "warn", "A shard's Lease", { why }),
    });
  }

  readonly shared: SharedLease = {
    marks: () => ({ ...this.#buried(), [this.#key]: replicaMark(this.#self, (this.#beat += 1)) }),
    lastMarks: () => ({ [this.#key]: null }),
    isLast: () => isLastReplica(this.#replicas, this.#options.identity, this.#options.clock.mono()),
  };

  see(lease: Lease | null): void {
    const annotations = Object.fromEntries(Object.entries(lease?.annotations ?? {}).slice(0, MAX_REPLICAS));
    const before = this.#members().join();
    this.#replicas = seeReplicas(this.#replicas, {
      annotations,
      prefix: REPLICA_PREFIX,
      now: this.#options.clock.mono(),
    });
    const after = this.#members();
    this.#options.instruments.set("shardReplicas", after.length, {});
    if (after.join() !== before) this.#shares.reconsider();
  }

  join(): void {
    this.#isIn = true;
    this.#shares.reconsider();
  }

  readonly fence = (shard: number): boolean => this.#shares.fence(shard);

  summary(): string {
    const { ours } = this.#shares;
    const { shards } = this.#options;
    const which = ours.length === 0 ? "" : `: ${ours.join(", ")}`;
    return `${ours.length} of ${shards} held${which}; ${this.#members().length} replicas share them`;
  }

  retire(): void {
    this.#isLeaving = true;
    this.#shares.retire();
  }

  async release(): Promise<void> {
    await this.#shares.release();
    for (let shard = 0; shard < this.#options.shards; shard += 1) this.#tellShard(shard, false);
  }

  get #key(): string {
    return replicaKey(REPLICA_PREFIX, this.#options.identity);
  }

  get #self(): { readonly identity: string; readonly isLeaving: boolean } {
    return { identity: this.#options.identity, isLeaving: this.#isLeaving };
  }

  #members(): readonly string[] {
    if (!this.#isIn) return [];
    const { identity, clock } = this.#options;
    const others = stayingReplicas(this.#replicas, clock.mono()).filter((one) => one !== identity);
    return this.#isLeaving ? others : [...others, identity].toSorted();
  }

  /** What the dead left behind is taken away by whoever sees it. */
  #buried(): Readonly<Record<string, null>> {
    return Object.fromEntries(
      deadReplicas(this.#replicas, this.#options.clock.mono()).map((key) => [key, null] as const),
    );
  }

  #acquired(shard: number): void {
    this.#tellShard(shard, true);
    this.#options.log.info("A shard is ours", { shard, replicas: this.#members().length });
    this.#options.acquired(shard);
  }

  #gone(shard: number, why: string | null): void {
    const { log, leave, left } = this.#options;
    this.#tellShard(shard, false);
    if (why === null) log.info("A shard was given up", { shard });
    else log.error("A shard was lost", { shard, lease: `${this.#options.namespace}/${shardLeaseName(shard)}`, why });
    // One that was given up has no work left; one that was lost may not write any more.
    if (why !== null) void leave(shard).then(() => left(shard));
    else left(shard);
  }

  #tellShard(shard: number, isOurs: boolean): void {
    const value = isOurs ? 1 : 0;
    this.#options.instruments.set("leading", value, { name: shardLeaseName(shard) });
    this.#options.instruments.set("shardOwned", value, { shard: String(shard) });
  }
}
