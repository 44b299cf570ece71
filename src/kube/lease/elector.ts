/** Leader election by a Lease: the driver around elector-step.ts. */
import {
  assertElectorTiming,
  electorStart,
  type ElectorState,
  electorStep,
  electorTiming,
  type ElectorTiming,
  seeLease,
  takeableInMs,
} from "./elector-step.ts";
import { compareVersions, type Result } from "../client/index.ts";
import type { ElectorOptions } from "./elector-options.ts";
import { watchLease } from "./lease-watch.ts";
import { isAbsent, type LeaseCall, type LeaseDoor, leaseDoor } from "./lease-door.ts";
import { type Lease, readLease } from "./lease.ts";
import type { ReflectorHealth } from "../watch/index.ts";
import { OwnRenewals } from "./own-renewals.ts";

export type { ElectorOptions } from "./elector-options.ts";

/** A candidate for a Lease, later perhaps its holder. */
export interface Elector {
  readonly role: "standby" | "leading" | "lost";
  /** Who holds the Lease, as last seen; `null` when nobody does. */
  readonly holder: string | null;
  readonly health: ReflectorHealth;
  /** Whether an effect may start now: true only within 10 s of sending the last write that succeeded. */
  readonly fence: () => boolean;
  /** How long the Lease is left to its holder; 0 when it could be taken now. */
  readonly takeableInMs: number;
  /** Decides anew at once: whether to stand, or what to write as the holder, may have changed. */
  readonly nudge: () => void;
  /** Gives a Lease that ran out back for its holder, so that others who watched it for less long need not wait. */
  readonly vacate: () => void;
  /**
   * Stands down. Call it only when all work has ended: a holder gives the Lease back, and a watching standby takes it
   * at once. Resolves when that is done or has been tried for 3 s.
   */
  readonly release: () => Promise<void>;
}

const RELEASE_TRIES = 2;
/** Holders that share a Lease conflict with one another. The next try comes after a tenth of the period, not all of it. */
const CONFLICT_PAUSE = 0.1;

/** Stands for election until it wins and loses, or is released. Throws when the timing could elect two. */
export function startElector(options: ElectorOptions): Elector {
  assertElectorTiming(options.timing ?? electorTiming);
  return new Candidate(options);
}

class Candidate implements Elector {
  readonly #options: ElectorOptions;
  readonly #timing: ElectorTiming;
  readonly #door: LeaseDoor;
  readonly #stop = new AbortController();
  readonly #watch: ReturnType<typeof watchLease>;
  readonly #renewals = new OwnRenewals();
  #state: ElectorState = electorStart;
  #isBusy = false;
  #isNudged = false;
  #idle: (() => void) | null = null;
  #cancel: () => void = () => {};

  constructor(options: ElectorOptions) {
    this.#options = options;
    this.#timing = options.timing ?? electorTiming;
    this.#door = leaseDoor({ ...options, leaseMs: this.#timing.leaseMs });
    this.#watch = watchLease({ ...options, signal: this.#stop.signal }, (lease, version) => {
      // A watch may lag behind the reply to a write of our own.
      if (this.#isOld(version)) return;
      this.#see(lease);
      if (this.#isSettledByNews) this.#state = { ...this.#state, isUnsure: false };
      this.#shown(lease);
      this.#move();
    });
    this.#watch.stopped.catch((error: unknown) =>
      options.onTrouble(`lease: ${options.name}: watch failed: ${String(error)}`),
    );
    this.#move();
  }

  get role(): ElectorState["role"] {
    return this.#state.role;
  }
  get holder(): string | null {
    const holder = this.#state.lease?.holder ?? "";
    return holder === "" ? null : holder;
  }
  get health(): ReflectorHealth {
    return this.#watch.health;
  }

  readonly fence = (): boolean =>
    this.#state.role === "leading" && this.#options.clock.mono() - this.#state.renewedAt < this.#timing.renewMs;

  get takeableInMs(): number {
    const { clock, identity } = this.#options;
    return takeableInMs(this.#state, { now: clock.mono(), identity });
  }

  readonly nudge = (): void => {
    if (this.#isBusy) this.#isNudged = true;
    else if (this.#state.role === "leading") this.#state = { ...this.#state, triedAt: null };
    if (!this.#isBusy) this.#move();
  };

  readonly vacate = (): void => {
    const { lease, role, isUnsure } = this.#state;
    if (this.#isBusy || role !== "standby" || isUnsure || !lease || lease.holder === "" || this.takeableInMs > 0)
      return;
    void this.#act({ kind: "vacate", lease });
  };

  readonly release = async (): Promise<void> => {
    this.#end();
    if (this.#isBusy) await new Promise<void>((resolve) => (this.#idle = resolve));
    const tries = this.#options.shared === undefined ? RELEASE_TRIES : 2 * RELEASE_TRIES;
    for (let left = tries; left > 0; left--) {
      const { lease } = this.#state;
      if (!lease || lease.holder !== this.#options.identity || (await this.#isHandedOver(lease))) return;
    }
  };

  /** One try; after one that failed the Lease is read again. */
  async #isHandedOver(lease: Lease): Promise<boolean> {
    const { shared } = this.#options;
    const isLast = shared?.isLast() ?? true;
    const marks = shared?.lastMarks();
    const after = this.#taken(await (isLast ? this.#door.giveBack(lease, marks) : this.#door.mark(marks ?? {})), lease);
    if (after === null) this.#taken(await this.#door.readAgain(), lease);
    // Two that leave at once may each have seen the other; the reply to the later one shows nobody else.
    return after !== null && (isLast || shared?.isLast() === false);
  }

  #end(): void {
    this.#state = { ...this.#state, role: "lost" };
    this.#stop.abort();
    this.#cancel();
  }

  /** Makes the next move from what is known; one call to the API server at a time. */
  #move(): void {
    this.#cancel();
    if (this.#state.role === "lost") return;
    const { clock, random, timers, identity } = this.#options;
    const at = { now: clock.mono(), u32: random.u32(), identity, timing: this.#timing };
    const move = electorStep(this.#state, at);
    switch (move.kind) {
      case "lose":
        this.#end();
        return this.#options.onLost(move.why);
      case "wait":
        this.#cancel = timers.after(move.ms, () => this.#move());
        return;
      case "create":
      case "hold":
        if (this.#state.role === "standby" && this.#options.mayStand?.() === false) return;
        return this.#start(move);
      case "read":
        return this.#start(move);
    }
  }

  #start(move: LeaseCall): void {
    this.#guard();
    if (!this.#isBusy) void this.#act(move);
  }

  /** A call that hangs must not keep us from losing the Lease in time. */
  #guard(): void {
    if (this.#state.role !== "leading") return;
    const leftMs = this.#state.renewedAt + this.#timing.renewMs - this.#options.clock.mono();
    this.#cancel = this.#options.timers.after(Math.max(0, leftMs), () => this.#move());
  }

  async #act(move: LeaseCall): Promise<void> {
    const sentAt = this.#options.clock.mono();
    this.#isBusy = true;
    this.#state = { ...this.#state, triedAt: sentAt };
    const known = this.#state.lease;
    const reply = await this.#call(move);
    this.#isBusy = false;
    const lease = this.#taken(reply, known);
    // A creation that ends in "not found" misses its namespace.
    const isNowhere = move.kind === "create" && isAbsent(reply);
    if (isNowhere) this.#options.onNowhere?.();
    const isKnown = lease !== null || isAbsent(reply) || this.#isSettled({ sentAt, known });
    this.#state = { ...this.#state, isUnsure: !isKnown, isBlind: !isKnown && move.kind === "read" };
    if (lease?.holder === this.#options.identity && move.kind === "hold") this.#held(sentAt);
    else if (!isNowhere) this.#hasten(reply, { lease, sentAt });
    if (this.#isNudged) this.#state = { ...this.#state, triedAt: null };
    this.#isNudged = false;
    this.#idle?.();
    this.#move();
  }

  /** Acts at once on what a read or a creation showed; tries again soon after a lost race. */
  #hasten(reply: Result<unknown>, { lease, sentAt }: { readonly lease: Lease | null; readonly sentAt: number }): void {
    if (lease !== null || isAbsent(reply)) this.#state = { ...this.#state, triedAt: null };
    else if (this.#options.shared !== undefined && this.#isRace(reply)) {
      this.#state = { ...this.#state, triedAt: sentAt - this.#timing.retryMs * (1 - CONFLICT_PAUSE) };
    }
  }

  /** News settles what a failed try left open, so that a Lease that was given back is taken without a read first. */
  get #isSettledByNews(): boolean {
    return this.#state.role === "standby" || this.#options.shared !== undefined;
  }

  /** Whether the watch has told what the reply did not: this very write, or a later state. */
  #isSettled({ sentAt, known }: { readonly sentAt: number; readonly known: ElectorState["lease"] }): boolean {
    const { role, renewedAt, lease } = this.#state;
    return (role === "leading" && renewedAt === sentAt) || (this.#isSettledByNews && lease !== known);
  }

  /** The watch shows a renewal of ours on a Lease that is still ours; its reply may be late, or lost. */
  #shown(lease: Lease | null): void {
    const sentAt = lease?.holder === this.#options.identity ? this.#renewals.shownBy(lease) : null;
    if (sentAt === null || sentAt < this.#state.renewedAt) return;
    this.#state = { ...this.#state, isUnsure: false };
    this.#held(sentAt);
  }

  #held(sentAt: number): void {
    const isLate = this.#options.clock.mono() - sentAt >= this.#timing.renewMs;
    if (this.#state.role === "lost" || (this.#state.role === "standby" && isLate)) return;
    const isNew = this.#state.role === "standby";
    this.#state = { ...this.#state, role: "leading", renewedAt: Math.max(sentAt, this.#state.renewedAt) };
    if (isNew) this.#options.onAcquired();
  }

  #call(move: LeaseCall): Promise<Result<unknown>> {
    switch (move.kind) {
      case "read":
        return this.#door.read();
      case "create":
        return this.#door.create();
      case "hold":
        return this.#hold(move.lease);
      case "vacate":
        return this.#door.giveBack(move.lease);
    }
  }

  #hold(lease: Lease): Promise<Result<unknown>> {
    const { clock } = this.#options;
    const at = { mono: clock.mono(), wall: clock.wall() };
    return this.#renewals.hold(this.#door, { ...this.#options, lease }, at);
  }

  /** Somebody who shares the Lease, or wants it as we do, wrote in between. */
  #isRace(reply: Result<unknown>): boolean {
    const isCommon = this.#options.shared !== undefined || this.#state.role === "standby";
    return isCommon && !reply.ok && reply.failure.kind === "conflict";
  }

  /** Takes in what a reply shows, unless the watch has told more since `known`; returns its Lease. */
  #taken(reply: Result<unknown>, known: ElectorState["lease"]): Lease | null {
    const isOvertaken = this.#state.lease !== known;
    if (isAbsent(reply)) {
      if (!isOvertaken) this.#see(null);
      return null;
    }
    if (!reply.ok) {
      if (!this.#isRace(reply)) this.#options.onTrouble(`lease: ${this.#options.name}: ${reply.failure.message}`);
      return null;
    }
    const lease = readLease(reply.value);
    if (lease === null)
      this.#options.onTrouble(`lease: ${this.#options.name}: got an object without a version, want a Lease.`);
    else if (!isOvertaken || (this.#state.lease !== null && !this.#isOld(lease.version))) this.#see(lease);
    return lease;
  }

  #isOld(version: string): boolean {
    const known = this.#state.lease ?? null;
    return known !== null && compareVersions(version, known.version) === "older";
  }

  #see(lease: Lease | null): void {
    this.#state = seeLease(this.#state, lease, { now: this.#options.clock.mono(), timing: this.#timing });
    this.#options.onSeen?.(lease);
  }
}
