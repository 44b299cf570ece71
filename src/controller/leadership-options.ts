/** What leadership takes and gives. */
import type { ApiTransport, Clock, Random, Timers } from "../base/index.ts";
import type { Instruments, Logger } from "../telemetry/index.ts";
import type { Scope } from "./lease-scope.ts";
import type { LeasePlace } from "./rivals.ts";

/** Where we stand for election and as whom. */
export interface LeaseOptions {
  readonly namespace: string;
  readonly identity: string;
  /** 1 unless given; with more, replicas share the work. */
  readonly shards?: number;
  /** Leases of others that are heeded besides those that are found. */
  readonly others?: readonly LeasePlace[];
}

/** What leadership is built from. `namespace` and `selector`: which nodes are ours. */
export interface LeadershipOptions extends Scope {
  readonly api: ApiTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Null = no election: we are the only one. */
  readonly lease: LeaseOptions | null;
  readonly mode: "act" | "observe";
  readonly instruments: Pick<Instruments, "set">;
  readonly log: Pick<Logger, "info" | "warn" | "error" | "change">;
  /** Called once: the Lease was lost. */
  readonly onOver: (why: string) => void;
}

/** The work that leadership begins and ends. */
export interface LeadershipWork {
  /** True when there is something to observe; before that we do not stand for election. */
  readonly synced: () => boolean;
  /** Begins to work on a shard that is ours now. */
  readonly acquired: (shard: number) => void;
  /** Ends the work on a shard that is ours no more; resolves when none is under way. */
  readonly leave: (shard: number) => Promise<void>;
  /** Begins to observe these shards without writing. */
  readonly observe: (shards: readonly number[]) => void;
}

/** Before the start: nothing is synced, so nothing else is called. */
export const NO_WORK_YET: LeadershipWork = {
  synced: () => false,
  acquired: () => undefined,
  leave: async () => undefined,
  observe: () => undefined,
};

/** A part in the election. */
export interface Leadership {
  /** Stands for election as soon as the work is synced; until then nothing may be written. Called once. */
  start(work: LeadershipWork): void;
  /** Asked right before each write about a node. */
  readonly mayWrite: (key: string) => boolean;
  /** True while anything may be written. */
  readonly leads: () => boolean;
  /** Who leads, this one or another, in one line. */
  readonly leader: () => string;
  /** How the shards are shared out, in one line; null where there is but one. */
  readonly shards: () => string | null;
  /** Takes no Lease from now on: a standby is out of the election at once, a leader keeps what it has. */
  retire(): void;
  /** Gives the Lease back when `isIdle`; otherwise it runs out, since work under way may still have an effect. */
  stop(end: { readonly isIdle: boolean }): Promise<void>;
}
