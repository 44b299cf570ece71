/** Shares the Leases of all shards out among replicas: the driver around share-step.ts. */
import { type Elector, startElector } from "./elector.ts";
import type { ElectorOptions } from "./elector-options.ts";
import { type ShardState, shareStep } from "./share-step.ts";

/** Which Leases to share with whom, and what to call when that changes. */
export interface SharesOptions extends Pick<
  ElectorOptions,
  "client" | "transport" | "clock" | "timers" | "random" | "namespace" | "identity" | "fieldManager" | "report"
> {
  /** The Lease of each shard. */
  readonly names: readonly string[];
  /** Who shares, us among them; without us nothing is taken. Asked often. */
  readonly members: () => readonly string[];
  /** The shard is ours. */
  readonly onAcquired: (shard: number) => void;
  /** Another is to have it: ends the work on it, and resolves when none is under way. Until then it stays ours. */
  readonly onSurplus: (shard: number) => Promise<void>;
  /** The shard is no longer ours: after `onSurplus` it was given back (`null`), else it was lost, and why. */
  readonly onGone: (shard: number, why: string | null) => void;
  /** Called after a try that failed; one line. */
  readonly onTrouble: (shard: number, why: string) => void;
}

/** A fair share of the shards. */
export interface Shares {
  /** Whether an effect of this shard may start now. */
  readonly fence: (shard: number) => boolean;
  /** Shards whose work is ours to do: without those that are being given up. */
  readonly ours: readonly number[];
  /** Who holds the shard's Lease, as last seen. */
  readonly holder: (shard: number) => string | null;
  /** Looks at once at what may have changed. */
  readonly reconsider: () => void;
  /** Takes no shard from now on, and keeps those it has. */
  readonly retire: () => void;
  /** Gives every shard back. Call it only when all work has ended. */
  readonly release: () => Promise<void>;
}

/** Leases run out, and replicas fall silent, without an event. */
const CHECK_MS = 250;

/** Watches the Lease of every shard, so that a dead replica's can be taken the moment it runs out, and takes its share. */
export function startShares(options: SharesOptions): Shares {
  return new Sharer(options);
}

interface Seat {
  readonly elector: Elector;
  isWanted: boolean;
  isLeaving: boolean;
}

class Sharer implements Shares {
  readonly #options: SharesOptions;
  readonly #seats: Seat[];
  #isRetired = false;
  #cancel: () => void = () => {};

  constructor(options: SharesOptions) {
    this.#options = options;
    this.#seats = options.names.map((name, shard) => this.#seat(name, shard));
    this.#check();
  }

  readonly fence = (shard: number): boolean => this.#seats[shard]?.elector.fence() ?? false;

  get ours(): readonly number[] {
    return [...this.#seats.keys()].filter((shard) => this.#stateOf(shard) === "ours");
  }

  readonly holder = (shard: number): string | null => this.#seats[shard]?.elector.holder ?? null;

  readonly reconsider = (): void => {
    if (this.#isRetired) return;
    const { identity, members } = this.#options;
    const shards = this.#seats.map((_seat, shard) => this.#stateOf(shard));
    const { stand, vacate, giveUp } = shareStep(identity, { members: members(), shards });
    for (const [shard, seat] of this.#seats.entries()) {
      const wasWanted = seat.isWanted;
      seat.isWanted = stand.includes(shard);
      if (seat.isWanted && !wasWanted) seat.elector.nudge();
    }
    for (const shard of vacate) this.#seats[shard]?.elector.vacate();
    for (const shard of giveUp) void this.#giveUp(shard);
  };

  readonly retire = (): void => {
    this.#isRetired = true;
    this.#cancel();
    for (const { elector } of this.#seats) if (elector.role === "standby") void elector.release();
  };

  readonly release = async (): Promise<void> => {
    this.retire();
    await Promise.all(this.#seats.map(({ elector }) => elector.release()));
  };

  #check(): void {
    if (this.#isRetired) return;
    this.reconsider();
    this.#cancel = this.#options.timers.after(CHECK_MS, () => this.#check());
  }

  #stateOf(shard: number): ShardState {
    const seat = this.#seats[shard];
    if (seat === undefined) return "held";
    if (seat.elector.role === "leading") return seat.isLeaving ? "leaving" : "ours";
    if (seat.elector.takeableInMs > 0) return "held";
    return seat.elector.holder === null ? "free" : "expired";
  }

  #seat(name: string, shard: number): Seat {
    const seat: { isWanted: boolean; isLeaving: boolean; elector?: Elector } = { isWanted: false, isLeaving: false };
    const { onAcquired, onTrouble } = this.#options;
    const elector = startElector({
      ...this.#options,
      name,
      mayStand: () => seat.isWanted && !this.#isRetired,
      onSeen: (lease) => {
        if (lease === null || lease.holder === "") this.reconsider();
      },
      onAcquired: () => onAcquired(shard),
      onLost: (why) => this.#gone(shard, why),
      onTrouble: (why) => onTrouble(shard, why),
    });
    return Object.assign(seat, { elector });
  }

  async #giveUp(shard: number): Promise<void> {
    const seat = this.#seats[shard];
    if (seat === undefined) return;
    seat.isLeaving = true;
    await this.#options.onSurplus(shard);
    // Lost meanwhile, or all is being given back.
    if (this.#seats[shard] !== seat || this.#isRetired) return;
    await seat.elector.release();
    this.#gone(shard, null);
  }

  /** What another does with it is watched from the beginning. */
  #gone(shard: number, why: string | null): void {
    const name = this.#options.names[shard];
    if (name !== undefined && !this.#isRetired) this.#seats[shard] = this.#seat(name, shard);
    this.#options.onGone(shard, why);
    this.reconsider();
  }
}
