/** Who may write: the holder of our Lease (and of the node's shard), only while the reference's manager is not alive. */
import { createClient } from "../../kube/client.ts";
import { type Elector, startElector } from "../../kube/elector.ts";
import { type LeaseLife, observeLease } from "../../kube/lease-observer.ts";
import type { ReflectorReport } from "../../kube/reflector.ts";
import type { ApiTransport, Clock, Random, Timers } from "../../kube/transport.ts";
import { shardOf } from "../../kube/shard-of.ts";
import { LEASE_NAME, REFERENCE_LEASE_NAME } from "../../seinode/rbac.ts";
import type { Instruments, Logger } from "../../telemetry/index.ts";
import { isSharedIdentity, sharedIdentity, type Sharding, startSharding } from "./sharding.ts";

/** What leadership is built from. */
export interface LeadershipOptions {
  readonly api: ApiTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Null = no election: we are the only one. `shards`: 1 unless given; with more, replicas share the work. */
  readonly lease: { readonly namespace: string; readonly identity: string; readonly shards?: number } | null;
  readonly mode: "act" | "observe";
  readonly instruments: Pick<Instruments, "set">;
  readonly log: Pick<Logger, "info" | "warn" | "change">;
  /** True when there is something to look at; until then nobody is stood for election. */
  readonly synced: () => boolean;
  /** Begins to work on a shard that is ours now. */
  readonly acquired: (shard: number) => void;
  /** Ends the work on a shard that is ours no more; resolves when none is under way. */
  readonly leave: (shard: number) => Promise<void>;
  /** Begins to look at these shards without writing. */
  readonly look: (shards: readonly number[]) => void;
  /** Called once: the Lease was lost. */
  readonly onOver: (why: string) => void;
}

/** A part in the election. */
export interface Leadership {
  /** Asked right before each write about a node. */
  readonly mayWrite: (key: string) => boolean;
  /** True while anything may be written. */
  readonly leads: () => boolean;
  /** How the shards are shared out, in one line; null where there is but one. */
  readonly shards: () => string | null;
  /** Takes no Lease from now on: a standby is out of the election at once, a leader keeps what it has. */
  retire(): void;
  /** Gives the Lease back when `isIdle`; otherwise it runs out, since work under way may still have an effect. */
  stop(end: { readonly isIdle: boolean }): Promise<void>;
}

const SYNC_LOOK_MS = 20;

/** Stands for election as soon as there is something to look at. */
export function startLeadership(options: LeadershipOptions): Leadership {
  return new Candidacy(options);
}

class Candidacy implements Leadership {
  readonly #options: LeadershipOptions;
  readonly #ending = new AbortController();
  readonly #shards: number;
  #elector: Elector | null = null;
  #sharding: Sharding | null = null;
  #reference: LeaseLife;
  #isLooking = false;
  /** Everything is looked at, also what is not ours. */
  #looksOn = false;
  #isRetired = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#shards = options.lease?.shards ?? 1;
    this.#reference = options.lease === null ? "absent" : "unknown";
    if (options.lease !== null) this.#tellLeading(false);
    this.#whenSynced();
  }

  readonly mayWrite = (key: string): boolean =>
    this.#mayLead() && (this.#sharding?.fence(shardOf(key, this.#shards)) ?? true);

  readonly leads = (): boolean => {
    const shares = this.#sharding;
    return this.#mayLead() && (shares === null || this.#all().some((shard) => shares.fence(shard)));
  };

  readonly shards = (): string | null => {
    if (this.#shards === 1) return null;
    const holder = this.#elector?.holder ?? null;
    if (this.#sharding === null) return "not in the election yet";
    return this.#elector?.fence() === true ? this.#sharding.summary() : `standing by: ${holder ?? "nobody"} leads`;
  };

  retire(): void {
    this.#isRetired = true;
    this.#sharding?.retire();
    // It has no work that could be under way; and where others wait for our shards, they are told at once.
    if (this.#elector?.role === "standby") void this.#elector.release();
    else if (this.#sharding !== null) this.#elector?.nudge();
  }

  async stop({ isIdle }: { readonly isIdle: boolean }): Promise<void> {
    this.retire();
    this.#ending.abort();
    if (!isIdle) return;
    await this.#sharding?.release();
    if (this.#elector === null) return;
    await this.#elector.release();
    // The last push of metrics is still to come.
    this.#tellLeading(false);
  }

  #all(): readonly number[] {
    return Array.from({ length: this.#shards }, (_one, shard) => shard);
  }

  #mayLead(): boolean {
    return !this.#ending.signal.aborted && this.#reference === "absent" && this.#holds();
  }

  #holds(): boolean {
    return this.#options.lease === null ? this.#options.mode === "act" : (this.#elector?.fence() ?? false);
  }

  #whenSynced(): void {
    if (this.#isRetired) return;
    const { timers, synced, mode, lease } = this.#options;
    if (!synced()) return void timers.after(SYNC_LOOK_MS, () => this.#whenSynced());
    if (mode === "observe") this.#look();
    if (lease === null) this.#begin();
    else this.#watchReference(lease.namespace);
  }

  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#looksOn = true;
    this.#options.look(this.#all());
  }

  #begin(): void {
    const { log, lease, acquired } = this.#options;
    // Won in the very moment of standing down: it goes back unused.
    if (this.#isRetired) return;
    this.#tellLeading(true);
    log.info("Leading", { lease: lease?.namespace ?? "none", ...(this.#shards === 1 ? {} : { shards: this.#shards }) });
    this.#isLooking = true;
    if (this.#sharding === null) acquired(0);
    else this.#sharding.join();
  }

  /** Both managers would act on the same nodes, so nobody stands for election before the other is known to be away. */
  #watchReference(namespace: string): void {
    const { log } = this.#options;
    observeLease({
      ...this.#ports(),
      namespace,
      name: REFERENCE_LEASE_NAME,
      signal: this.#ending.signal,
      report: (report) => this.#tellTrouble(REFERENCE_LEASE_NAME, report),
      onChange: (life) => {
        this.#reference = life;
        if (this.#isRetired) return;
        if (life === "alive") {
          log.warn("The reference's manager is alive, so nothing is written. Stop it first", {
            lease: REFERENCE_LEASE_NAME,
          });
          this.#look();
        }
        if (life === "absent") this.#stand();
      },
    });
  }

  #stand(): void {
    const { api, lease, log, onOver } = this.#options;
    if (lease === null || this.#elector !== null) return;
    const sharding = this.#shards === 1 ? null : this.#share(lease);
    this.#sharding = sharding;
    const identity = sharding === null ? lease.identity : sharedIdentity(this.#shards);
    this.#elector = startElector({
      ...this.#ports(),
      client: createClient(api),
      namespace: lease.namespace,
      name: LEASE_NAME,
      identity,
      report: (report) => this.#tellTrouble(LEASE_NAME, report),
      onAcquired: () => this.#begin(),
      onLost: (why) => {
        this.#tellLeading(false);
        onOver(why);
      },
      onTrouble: (why) => log.change("lease", "warn", "The Lease could not be renewed", { why }),
      onSeen: (seen) => {
        sharding?.see(seen);
        this.#tellStandby(seen?.holder ?? "", identity);
      },
      ...(sharding === null ? {} : { shared: sharding.shared }),
    });
  }

  #share({ namespace, identity }: { readonly namespace: string; readonly identity: string }): Sharding {
    const { acquired, leave, look, instruments, log } = this.#options;
    return startSharding({
      ...this.#ports(),
      namespace,
      identity,
      shards: this.#shards,
      instruments,
      log,
      report: (report) => this.#tellTrouble("of a shard", report),
      acquired,
      leave,
      left: (shard) => {
        if (this.#looksOn && !this.#isRetired) look([shard]);
      },
    });
  }

  /** Replicas that share the work otherwise, or do not share it, never act beside us: whoever waits should know for whom. */
  #tellStandby(holder: string, identity: string): void {
    const isOther = holder !== "" && holder !== identity;
    if (!isOther || (this.#shards === 1 && !isSharedIdentity(holder))) return;
    this.#options.log.change("standby", "warn", "Standing by: the Lease is held for another number of shards", {
      holder,
      shards: this.#shards,
    });
  }

  /** A Lease that cannot be watched leaves a replica waiting for good, so somebody should hear of it. */
  #tellTrouble(name: string, report: ReflectorReport): void {
    if (report.type !== "denied" && report.type !== "retry") return;
    this.#options.log.change(`watch ${name}`, "warn", "A Lease cannot be watched", { lease: name, why: report.why });
  }

  #tellLeading(leads: boolean): void {
    this.#options.instruments.set("leading", leads ? 1 : 0, { name: LEASE_NAME });
  }

  #ports(): { transport: ApiTransport; clock: Clock; timers: Timers; random: Random } {
    const { api, clock, timers, random } = this.#options;
    return { transport: api, clock, timers, random };
  }
}
