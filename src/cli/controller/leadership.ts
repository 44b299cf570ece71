/** Who may write: the holder of our Lease, and only while the reference's manager is not alive. */
import { createClient } from "../../kube/client.ts";
import { type Elector, startElector } from "../../kube/elector.ts";
import { type LeaseLife, observeLease } from "../../kube/lease-observer.ts";
import type { ReflectorReport } from "../../kube/reflector.ts";
import type { ApiTransport, Clock, Random, Timers } from "../../kube/transport.ts";
import { LEASE_NAME, REFERENCE_LEASE_NAME } from "../../seinode/rbac.ts";
import type { Instruments, Logger } from "../../telemetry/index.ts";

/** What leadership is built from. */
export interface LeadershipOptions {
  readonly api: ApiTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Null = no election: we are the only one. */
  readonly lease: { readonly namespace: string; readonly identity: string } | null;
  readonly mode: "act" | "observe";
  readonly instruments: Pick<Instruments, "set">;
  readonly log: Pick<Logger, "info" | "warn" | "change">;
  /** True when there is something to look at; until then nobody is stood for election. */
  readonly synced: () => boolean;
  /** The Lease is ours: brings what was seen as a standby up to date, then begins to work. Its rejection ends all. */
  readonly acquired: () => Promise<void>;
  /** Begins to look without writing. Called at most once. */
  readonly look: () => void;
  /** Called once: the Lease was lost, or the work could not begin. */
  readonly onOver: (why: string) => void;
}

/** A part in the election. */
export interface Leadership {
  /** Asked right before each write. */
  readonly mayWrite: () => boolean;
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
  #elector: Elector | null = null;
  #reference: LeaseLife;
  #isLooking = false;
  #isRetired = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#reference = options.lease === null ? "absent" : "unknown";
    if (options.lease !== null) this.#tellLeading(false);
    this.#whenSynced();
  }

  readonly mayWrite = (): boolean => !this.#ending.signal.aborted && this.#reference === "absent" && this.#holds();

  retire(): void {
    this.#isRetired = true;
    // It has no work that could be under way.
    if (this.#elector?.role === "standby") void this.#elector.release();
  }

  async stop({ isIdle }: { readonly isIdle: boolean }): Promise<void> {
    this.retire();
    this.#ending.abort();
    if (isIdle) await this.#elector?.release();
  }

  #holds(): boolean {
    return this.#options.lease === null ? this.#options.mode === "act" : (this.#elector?.fence() ?? false);
  }

  #whenSynced(): void {
    if (this.#isRetired) return;
    const { timers, synced, mode, lease } = this.#options;
    if (!synced()) return void timers.after(SYNC_LOOK_MS, () => this.#whenSynced());
    if (mode === "observe") this.#look();
    if (lease === null) void this.#begin();
    else this.#watchReference(lease.namespace);
  }

  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#options.look();
  }

  async #begin(): Promise<void> {
    const { log, lease, acquired, onOver } = this.#options;
    // Won in the very moment of standing down: it goes back unused.
    if (this.#isRetired) return;
    this.#isLooking = true;
    this.#tellLeading(true);
    log.info("Leading", { lease: lease?.namespace ?? "none" });
    try {
      await acquired();
    } catch (error) {
      onOver(`work could not begin: ${String(error)}`);
    }
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
    this.#elector = startElector({
      ...this.#ports(),
      client: createClient(api),
      namespace: lease.namespace,
      name: LEASE_NAME,
      identity: lease.identity,
      report: (report) => this.#tellTrouble(LEASE_NAME, report),
      onAcquired: () => void this.#begin(),
      onLost: (why) => {
        this.#tellLeading(false);
        onOver(why);
      },
      onTrouble: (why) => log.change("lease", "warn", "The Lease could not be renewed", { why }),
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
