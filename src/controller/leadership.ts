/** Who may write: the holder of our Lease (and of the node's shard), only while nobody else acts on the same nodes. */
import { FIELD_MANAGER } from "../model/index.ts";
import { createClient } from "../kube/client/index.ts";
import { type Elector, type Lease, shardOf, startElector } from "../kube/lease/index.ts";
import type { ApiTransport, Clock, Random, Timers } from "../base/index.ts";
import { LEASE_NAME } from "../seinode/crd/index.ts";
import { type Scope, scopeAnnotations, scopeOf, scopeText } from "./lease-scope.ts";
import {
  type Leadership,
  type LeadershipOptions,
  type LeadershipWork,
  type LeaseOptions,
  NO_WORK_YET,
} from "./leadership-options.ts";
import { placeOf, tellLeaseTrouble } from "./lease-trouble.ts";
import { type Rivals, startRivals } from "./rivals.ts";
import { type Sharding, sharedIdentity, startSharding } from "./sharding.ts";
import { sayWaits, waitOf } from "./wait.ts";

const SYNC_CHECK_MS = 20;
/** A holder that sees another Lease held reads it again this often, and gives way after the grace if it stays held. */
const READ_AGAIN_MS = 500;
const GRACE_MS = 5_000;

/** A part in the election, which begins with `start`. */
export function createLeadership(options: LeadershipOptions): Leadership {
  return new Candidacy(options);
}

class Candidacy implements Leadership {
  readonly #options: LeadershipOptions;
  readonly #ending = new AbortController();
  readonly #shards: number;
  readonly #waits: ReturnType<typeof sayWaits>;
  #elector: Elector | null = null;
  #sharding: Sharding | null = null;
  #rivals: Rivals | null = null;
  /** Our Lease as last seen. */
  #lease: Lease | null = null;
  #isNowhere = false;
  /** At one moment the Lease was ours and nobody else had one for these nodes; it has been ours since. */
  #isProven = false;
  #work = NO_WORK_YET;
  #isObserving = false;
  /** Every shard is observed, also those that are not ours. */
  #observesAll = false;
  #isRetired = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#shards = options.lease?.shards ?? 1;
    this.#waits = sayWaits(options.timers, {
      read: () => this.#wait(),
      say: ({ level, message, fields }) => options.log[level](message, fields),
    });
    if (options.lease !== null) this.#tellLeading(false);
  }

  start(work: LeadershipWork): void {
    this.#work = work;
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

  readonly leader = (): string => {
    if (this.#options.lease === null) return "no election: this one acts alone";
    if (this.leads()) return `this one leads: ${this.#identity}`;
    const rival = this.#rivals?.all[0];
    if (rival !== undefined) return `standing by: ${rival.holder} holds ${rival.namespace}/${rival.name}`;
    const holder = this.#elector?.holder ?? null;
    return holder === null || holder === "" ? "nobody leads" : `standing by: ${holder} leads`;
  };

  retire(): void {
    this.#isRetired = true;
    this.#waits.stop();
    this.#sharding?.retire();
    // A standby has no work under way. With shards, the nudge tells at once the others that wait for ours.
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
    return !this.#ending.signal.aborted && (this.#rivals?.all.length ?? 0) === 0 && this.#holds();
  }

  #holds(): boolean {
    if (this.#options.lease === null) return this.#options.mode === "act";
    return this.#isProven && (this.#elector?.fence() ?? false);
  }

  #whenSynced(): void {
    if (this.#isRetired) return;
    const { timers, mode, lease } = this.#options;
    if (!this.#work.synced()) return void timers.after(SYNC_CHECK_MS, () => this.#whenSynced());
    if (mode === "observe") this.#observe();
    if (lease === null) return this.#begin();
    this.#rivals = startRivals({
      ...this.#ports(),
      namespace: lease.namespace,
      scope: this.#scope,
      others: lease.others ?? [],
      signal: this.#ending.signal,
      report: (name, report) => tellLeaseTrouble(this.#options.log, name, report),
      onChange: () => this.#reconsider(),
    });
  }

  get #scope(): Scope {
    const { namespace, selector } = this.#options;
    return { namespace, selector };
  }

  #observe(): void {
    if (this.#isObserving) return;
    this.#isObserving = true;
    this.#observesAll = true;
    this.#work.observe(this.#all());
  }

  #begin(): void {
    const { log, lease } = this.#options;
    // Won at the moment of standing down: it goes back unused.
    if (this.#isRetired) return;
    this.#isProven = true;
    this.#tellLeading(true);
    const unseen = this.#rivals?.unseen ?? null;
    log.info("Leading", {
      lease: lease === null ? "none" : placeOf(lease),
      scope: scopeText(this.#scope),
      ...(this.#shards === 1 ? {} : { shards: this.#shards }),
      ...(unseen === null ? {} : { unseen }),
    });
    this.#waits.tell();
    this.#isObserving = true;
    if (this.#sharding === null) this.#work.acquired(0);
    else this.#sharding.join();
  }

  /** Others would act on the same nodes, so we stand for election only when all of them are known to be away. */
  #reconsider(): void {
    if (this.#isRetired || this.#rivals === null) return;
    this.#waits.tell();
    if (this.#rivals.all.some(({ life }) => life === "alive")) this.#observe();
    if (!this.#mayStand()) return;
    if (this.#elector === null) this.#stand();
    else if (this.#elector.role === "standby") this.#elector.nudge();
  }

  #mayStand(): boolean {
    const rivals = this.#rivals;
    return !this.#isRetired && rivals !== null && rivals.isKnown && rivals.all.length === 0;
  }

  #stand(): void {
    const { api, lease, log, onOver } = this.#options;
    if (lease === null) return;
    if (this.#shards > 1) this.#sharding ??= this.#share(lease);
    const sharding = this.#sharding;
    const elector = startElector({
      ...this.#ports(),
      client: createClient(api),
      namespace: lease.namespace,
      name: LEASE_NAME,
      identity: this.#identity,
      fieldManager: FIELD_MANAGER,
      annotations: scopeAnnotations(this.#scope),
      mayStand: () => this.#mayStand(),
      report: (report) => tellLeaseTrouble(this.#options.log, LEASE_NAME, report),
      onAcquired: () => void this.#prove(elector),
      onLost: (why) => {
        this.#tellLeading(false);
        log.error("The Lease was lost", { lease: placeOf(lease), why });
        onOver(`lost the Lease ${placeOf(lease)}: ${why}`);
      },
      onTrouble: (why) => log.change("lease", "warn", "The Lease could not be renewed", { lease: placeOf(lease), why }),
      onNowhere: () => this.#see(null, true),
      onSeen: (seen) => {
        sharding?.see(seen);
        // An absent Lease does not tell whether its namespace exists.
        this.#see(seen, this.#isNowhere && seen === null);
      },
      ...(sharding === null ? {} : { shared: sharding.shared }),
    });
    this.#elector = elector;
  }

  get #identity(): string {
    return this.#shards === 1 ? (this.#options.lease?.identity ?? "") : sharedIdentity(this.#shards, this.#scope);
  }

  /**
   * The Lease is ours. Two processes that take theirs at once, in two namespaces, may each have seen the other's free. So
   * we read all of them once more: the store has one order, so whoever wrote later sees the earlier Lease. The one whose
   * namespace comes first then waits for the other to give way. Another that is still there by then was there before us.
   */
  async #prove(elector: Elector, until: number | null = null): Promise<void> {
    const { clock, timers, lease } = this.#options;
    const isSeen = await this.#rivals?.read();
    if (elector.role !== "leading" || this.#isRetired || lease === null) return;
    const rivals = this.#rivals?.all ?? [];
    if (isSeen === true && rivals.length === 0) return this.#begin();
    const isFirst = rivals.every(
      ({ namespace, isOfOurKind, scope }) => isOfOurKind && scope !== null && lease.namespace < namespace,
    );
    const graceUntil = rivals.length === 0 ? null : (until ?? clock.mono() + GRACE_MS);
    if (!isFirst || (graceUntil !== null && clock.mono() >= graceUntil)) return this.#giveWay(elector);
    timers.after(READ_AGAIN_MS, () => void this.#prove(elector, graceUntil));
  }

  async #giveWay(elector: Elector): Promise<void> {
    const { log, lease } = this.#options;
    log.info("Giving the Lease back unused", { lease: lease === null ? "none" : placeOf(lease) });
    await elector.release();
    if (this.#elector === elector) this.#elector = null;
    this.#reconsider();
  }

  #share({ namespace, identity }: LeaseOptions): Sharding {
    const { instruments, log } = this.#options;
    const { acquired, leave, observe } = this.#work;
    return startSharding({
      ...this.#ports(),
      namespace,
      identity,
      shards: this.#shards,
      instruments,
      log,
      report: (report) => tellLeaseTrouble(this.#options.log, "of a shard", report),
      acquired,
      leave,
      left: (shard) => {
        if (this.#observesAll && !this.#isRetired) observe([shard]);
      },
    });
  }

  #see(lease: Lease | null, isNowhere: boolean): void {
    this.#lease = lease;
    this.#isNowhere = isNowhere;
    if (!this.#isRetired) this.#waits.tell();
  }

  #wait(): ReturnType<typeof waitOf> {
    const { lease } = this.#options;
    const rivals = this.#rivals;
    if (lease === null || rivals === null) return null;
    const seen = this.#lease;
    const isOthers = seen !== null && seen.holder !== "" && seen.holder !== this.#identity;
    return waitOf({
      rivals,
      lease: placeOf(lease),
      namespace: lease.namespace,
      isNowhere: this.#isNowhere,
      scope: this.#scope,
      shards: this.#shards,
      holder: isOthers ? { name: seen.holder, scope: scopeOf(seen.annotations) } : null,
    });
  }

  #tellLeading(leads: boolean): void {
    this.#options.instruments.set("leading", leads ? 1 : 0, { name: LEASE_NAME });
  }

  #ports(): { transport: ApiTransport; clock: Clock; timers: Timers; random: Random } {
    const { api, clock, timers, random } = this.#options;
    return { transport: api, clock, timers, random };
  }
}
