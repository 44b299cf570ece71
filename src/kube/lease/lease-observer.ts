/** Observes the Leases of others; writes none. */
import type { Lease } from "./lease.ts";
import { type LeaseWatchOptions, namedLeases, type PlacedLease, readPlacedLease, watchLeases } from "./lease-watch.ts";
import { type ListPage, requestPage } from "../watch/index.ts";
import { compareVersions } from "../client/index.ts";

/** `unknown` = neither a change nor a long enough silence was seen yet; treat it as `alive`. */
export type LeaseLife = "unknown" | "alive" | "absent";

/** Somebody's Lease and whether somebody renews it. */
export interface ObservedLease extends PlacedLease {
  readonly life: LeaseLife;
}

/** How one read ended. `isForbidden`: RBAC forbids it, so there is no use in asking again. */
export type LeaseRead =
  | { readonly ok: true }
  | { readonly ok: false; readonly isForbidden: boolean; readonly why: string };

/** Which Leases to observe, and with what. */
export interface LeaseObserverOptions extends Omit<LeaseWatchOptions, "namespace"> {
  /** Null = in every namespace. */
  readonly namespace: string | null;
  /** Milliseconds between the first read and the second, so that two observers do not read at once. Unless given, as between any two. */
  readonly secondReadMs?: number;
  /** Called when a Lease or its life changed. */
  readonly onChange: () => void;
}

/** All Leases of one name, as they are observed. */
export interface LeaseObserver {
  readonly leases: readonly ObservedLease[];
  /**
   * Reads what is stored now, past every cache. After a read that succeeded, `leases` are no older than the moment it
   * began. The first read that succeeds begins the watch.
   */
  read(): Promise<LeaseRead>;
}

interface LeaseView {
  readonly lease: Lease;
  readonly life: LeaseLife;
  readonly cancel: () => void;
}

const SILENCE_MS = 15_000;
/** A half-open watch tells nothing, so the Leases are read as well, this often. */
const READ_EVERY_MS = 5_000;
const READ_DEADLINE_MS = 3_000;
/** Nobody has as many. Beyond it no other Lease is noted, and each read fails. */
const MAX_LEASES = 1_000;

/**
 * Reports who renews the Leases of one name. It counts the changes that it sees itself, on our own clock, since a `renewTime`
 * comes from another machine's clock. It takes a holder for silent only after it has read the Lease anew.
 */
export function observeLeases(options: LeaseObserverOptions): LeaseObserver {
  return new Observer(options);
}

class Observer implements LeaseObserver {
  readonly #options: LeaseObserverOptions;
  readonly #views = new Map<string, LeaseView>();
  readonly #path: string;
  #isKnown = false;
  #cancelRead: () => void = () => {};

  constructor(options: LeaseObserverOptions) {
    this.#options = options;
    const { path, query } = namedLeases(options.namespace, options.name);
    this.#path = `${path}?${new URLSearchParams(query).toString()}`;
    options.signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  get leases(): readonly ObservedLease[] {
    return [...this.#views].map(([namespace, { lease, life }]) => ({ namespace, lease, life }));
  }

  read(): Promise<LeaseRead> {
    return this.#read(false);
  }

  /** `isCached`: the API server may answer from its cache, which may be old. */
  async #read(isCached: boolean): Promise<LeaseRead> {
    const { transport, signal } = this.#options;
    const before = new Map([...this.#views].map(([namespace, { lease }]) => [namespace, lease]));
    const path = isCached ? `${this.#path}&resourceVersion=0` : this.#path;
    const { ending, items } = await requestPage({ transport, path, signal, deadlineMs: READ_DEADLINE_MS });
    if (signal.aborted) return { ok: false, isForbidden: false, why: "it was called off" };
    if (ending.kind !== "page") return { ok: false, isForbidden: isForbidden(ending), why: whyOf(ending) };
    const found = new Map(
      items.map(readPlacedLease).flatMap((one) => (one === null ? [] : [[one.namespace, one.lease]])),
    );
    if (found.size > MAX_LEASES) return { ok: false, isForbidden: false, why: `got ${found.size} Leases of one name` };
    for (const [namespace, { lease }] of this.#views) {
      // A read that began after the last news is believed even with a lower version: a backup may have been restored.
      const isOvertaken = isCached || before.get(namespace) !== lease;
      const listed = found.get(namespace);
      if (isOvertaken && isOlder(listed?.version ?? ending.version, lease.version)) found.delete(namespace);
      else if (listed === undefined) this.#see(namespace, null);
    }
    for (const [namespace, lease] of found) this.#see(namespace, lease);
    if (!this.#isKnown) this.#begin();
    return { ok: true };
  }

  #begin(): void {
    this.#isKnown = true;
    watchLeases(this.#options, (namespace, lease, version) => {
      const known = this.#views.get(namespace)?.lease;
      if (known === undefined || !isOlder(version, known.version)) this.#see(namespace, lease);
    });
    const readOn = async (): Promise<void> => {
      await this.#read(true);
      if (!this.#options.signal.aborted)
        this.#cancelRead = this.#options.timers.after(READ_EVERY_MS, () => void readOn());
    };
    const { timers, secondReadMs = READ_EVERY_MS } = this.#options;
    this.#cancelRead = timers.after(secondReadMs, () => void readOn());
  }

  #see(namespace: string, lease: Lease | null): void {
    const before = this.#views.get(namespace);
    if (this.#options.signal.aborted || before?.lease === lease) return;
    if (lease === null) return this.#forget(namespace);
    if (before === undefined && this.#views.size >= MAX_LEASES) return;
    if (before !== undefined && lease.holder !== "" && before.lease.pulse === lease.pulse) {
      this.#views.set(namespace, { ...before, lease });
      return;
    }
    before?.cancel();
    // Of a Lease that was there when we started, nobody knows yet whether its holder lives.
    const isNews = before !== undefined || this.#isKnown;
    this.#become(namespace, this.#viewOf(namespace, lease, isNews));
  }

  #viewOf(namespace: string, lease: Lease, isNews: boolean): LeaseView {
    if (lease.holder === "") return { lease, life: "absent", cancel: () => {} };
    return { lease, life: isNews ? "alive" : "unknown", cancel: this.#wait(namespace, lease) };
  }

  #forget(namespace: string): void {
    this.#views.get(namespace)?.cancel();
    if (this.#views.delete(namespace)) this.#options.onChange();
  }

  #become(namespace: string, view: LeaseView): void {
    this.#views.set(namespace, view);
    this.#options.onChange();
  }

  #wait(namespace: string, lease: Lease): () => void {
    return this.#options.timers.after(
      Math.max(SILENCE_MS, lease.durationMs ?? 0),
      () => void this.#judge(namespace, lease),
    );
  }

  /** Its holder was silent for long enough, as far as the watch tells. */
  async #judge(namespace: string, lease: Lease): Promise<void> {
    const { ok } = await this.#read(false);
    const view = this.#views.get(namespace);
    // A sign of life since then has begun another wait.
    if (this.#options.signal.aborted || view === undefined || view.lease.pulse !== lease.pulse) return;
    if (ok) return this.#become(namespace, { ...view, life: "absent", cancel: () => {} });
    this.#become(namespace, { ...view, life: "unknown", cancel: this.#wait(namespace, lease) });
  }

  #end(): void {
    this.#cancelRead();
    for (const { cancel } of this.#views.values()) cancel();
  }
}

function isOlder(left: string, right: string): boolean {
  return compareVersions(left, right) === "older";
}

function isForbidden(ending: ListPage["ending"]): boolean {
  return ending.kind === "refused" && ending.refusal.status === 403;
}

function whyOf(ending: ListPage["ending"]): string {
  if (ending.kind === "refused") return `got ${ending.refusal.status} ${ending.refusal.message}`.trim();
  return "why" in ending ? ending.why : ending.kind;
}
