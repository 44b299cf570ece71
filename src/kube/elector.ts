import type { KubeClient } from "./client.ts";
import {
  assertElectorTiming,
  electorStart,
  electorStep,
  electorTiming,
  seeLease,
  type ElectorMove,
  type ElectorState,
  type ElectorTiming,
} from "./elector-step.ts";
import type { Result } from "./failure.ts";
import { watchLease, type LeaseWatchOptions } from "./lease-watch.ts";
import { heldSpec, leaseRef, readLease, RELEASED_SPEC, type Lease } from "./lease.ts";
import type { ResourceRef } from "./paths.ts";
import type { ReflectorHealth } from "./reflector.ts";
import { compareVersions } from "./resource-version.ts";

/** Who stands for election to what, and whom to tell. */
export interface ElectorOptions extends Omit<LeaseWatchOptions, "signal"> {
  readonly client: KubeClient;
  /** Pod name and UID: no two live processes share it. */
  readonly identity: string;
  readonly timing?: ElectorTiming;
  /** Called once, when the Lease is ours. */
  readonly onAcquired: () => void;
  /** Called once, when it no longer is: by then `fence()` is false. The elector is over. */
  readonly onLost: (why: string) => void;
  /** Called after a try that failed; one line. */
  readonly onTrouble: (why: string) => void;
}

/** A candidate for a Lease, later perhaps its holder. */
export interface Elector {
  readonly role: "standby" | "leading" | "lost";
  /** Who holds the Lease, as last seen; `null` when nobody does. */
  readonly holder: string | null;
  readonly health: ReflectorHealth;
  /** Whether an effect may start now: true only within 10 s of sending the last write that succeeded (S6). */
  readonly fence: () => boolean;
  /**
   * Stands down. Call it only when all work has ended: a holder gives the Lease back, and a watching standby takes it
   * at once. Resolves when that is done or has been tried for 3 s.
   */
  readonly release: () => Promise<void>;
}

/** A GET and a write fit into the renew deadline twice. */
const CALL_DEADLINE_MS = 2_400;
const RELEASE_TRIES = 2;
const RELEASE_DEADLINE_MS = 1_500;
const FIELD_MANAGER = "tidekeeper";

/** Stands for election until it wins and loses, or is released. Throws when the timing could elect two. */
export function startElector(options: ElectorOptions): Elector {
  assertElectorTiming(options.timing ?? electorTiming);
  return new Candidate(options);
}

class Candidate implements Elector {
  readonly #options: ElectorOptions;
  readonly #timing: ElectorTiming;
  readonly #ref: ResourceRef;
  readonly #stop = new AbortController();
  readonly #watch: ReturnType<typeof watchLease>;
  #state: ElectorState = electorStart;
  #isBusy = false;
  #idle: (() => void) | null = null;
  #cancel: () => void = () => {};

  constructor(options: ElectorOptions) {
    this.#options = options;
    this.#timing = options.timing ?? electorTiming;
    this.#ref = leaseRef(options.namespace, options.name);
    this.#watch = watchLease({ ...options, signal: this.#stop.signal }, (lease, version) => {
      const known = this.#state.lease ?? null;
      // A watch may lag behind the reply to a write of our own.
      if (known !== null && compareVersions(version, known.version) === "older") return;
      this.#see(lease);
      // News settles what a failed try left open, so that a Lease given back is taken without a look first.
      if (this.#state.role === "standby") this.#state = { ...this.#state, isUnsure: false };
      this.#turn();
    });
    this.#watch.stopped.catch((error: unknown) =>
      options.onTrouble(`lease: ${options.name}: watch failed: ${String(error)}`),
    );
    this.#turn();
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

  readonly release = async (): Promise<void> => {
    this.#end();
    if (this.#isBusy) await new Promise<void>((resolve) => (this.#idle = resolve));
    for (let tries = 0; tries < RELEASE_TRIES; tries++) {
      const { lease } = this.#state;
      if (!lease || lease.holder !== this.#options.identity) return;
      const reply = await this.#patch(lease, RELEASED_SPEC, RELEASE_DEADLINE_MS);
      if (this.#taken(reply) !== null) return;
      this.#taken(await this.#options.client.get(this.#ref, { deadlineMs: RELEASE_DEADLINE_MS }));
    }
  };

  #end(): void {
    this.#state = { ...this.#state, role: "lost" };
    this.#stop.abort();
    this.#cancel();
  }

  /** Looks at what is known and does what it calls for; one call to the API server at a time. */
  #turn(): void {
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
        this.#cancel = timers.after(move.ms, () => this.#turn());
        return;
      case "create":
      case "hold":
      case "read":
        this.#guard();
        if (!this.#isBusy) void this.#act(move);
    }
  }

  /** A call that hangs must not outlive the time that is ours. */
  #guard(): void {
    if (this.#state.role !== "leading") return;
    const leftMs = this.#state.renewedAt + this.#timing.renewMs - this.#options.clock.mono();
    this.#cancel = this.#options.timers.after(Math.max(0, leftMs), () => this.#turn());
  }

  async #act(move: Extract<ElectorMove, { kind: "create" | "hold" | "read" }>): Promise<void> {
    const sentAt = this.#options.clock.mono();
    this.#isBusy = true;
    this.#state = { ...this.#state, triedAt: sentAt };
    const reply = await this.#call(move);
    this.#isBusy = false;
    const lease = this.#taken(reply);
    this.#state = { ...this.#state, isUnsure: lease === null && !isAbsent(reply) };
    if (lease !== null && move.kind === "hold") this.#held(sentAt);
    // What a look or a creation has shown is acted on at once.
    else if (lease !== null || isAbsent(reply)) this.#state = { ...this.#state, triedAt: null };
    this.#idle?.();
    this.#turn();
  }

  #held(sentAt: number): void {
    const isLate = this.#options.clock.mono() - sentAt >= this.#timing.renewMs;
    if (this.#state.role === "lost" || (this.#state.role === "standby" && isLate)) return;
    const isNew = this.#state.role === "standby";
    this.#state = { ...this.#state, role: "leading", renewedAt: sentAt };
    if (isNew) this.#options.onAcquired();
  }

  #call(move: Extract<ElectorMove, { kind: "create" | "hold" | "read" }>): Promise<Result<unknown>> {
    const { client, clock, identity, namespace, name } = this.#options;
    const limits = { deadlineMs: CALL_DEADLINE_MS };
    switch (move.kind) {
      case "read":
        return client.get(this.#ref, limits);
      case "create": {
        // Created empty, then taken under an optimistic lock: two that create at once apply the same and one takes it.
        const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name } };
        return client.apply(this.#ref, body, { ...limits, fieldManager: FIELD_MANAGER, force: false });
      }
      case "hold": {
        const { leaseMs } = this.#timing;
        const spec = heldSpec(identity, { lease: move.lease, durationMs: leaseMs, wallMs: clock.wall() });
        return this.#patch(move.lease, spec, CALL_DEADLINE_MS);
      }
    }
  }

  #patch(lease: Lease, spec: Readonly<Record<string, unknown>>, deadlineMs: number): Promise<Result<unknown>> {
    const body = { metadata: { resourceVersion: lease.version }, spec };
    return this.#options.client.mergePatch(this.#ref, body, { deadlineMs });
  }

  /** Takes in what a reply shows; returns the Lease in it. */
  #taken(reply: Result<unknown>): Lease | null {
    if (isAbsent(reply)) {
      this.#see(null);
      return null;
    }
    if (!reply.ok) {
      const { kind, message } = reply.failure;
      this.#options.onTrouble(`lease: ${this.#options.name}: got ${kind} ${message}, want an answer.`);
      return null;
    }
    const lease = readLease(reply.value);
    if (lease !== null) this.#see(lease);
    else this.#options.onTrouble(`lease: ${this.#options.name}: got an object without a version, want a Lease.`);
    return lease;
  }

  #see(lease: Lease | null): void {
    this.#state = seeLease(this.#state, lease, { now: this.#options.clock.mono(), timing: this.#timing });
  }
}

function isAbsent(reply: Result<unknown>): boolean {
  return !reply.ok && reply.failure.kind === "notFound";
}
