/** Leases of others: looked at, never written. */
import type { Lease } from "./lease.ts";
import { type LeaseWatchOptions, namedLeases, type PlacedLease, readPlacedLease, watchLeases } from "./lease-watch.ts";
import { type ListPage, requestPage } from "../watch/index.ts";
import { compareVersions } from "../client/index.ts";

/** `unknown` until a change, or a silence as long as its holder may keep, has told. Take it for `alive`. */
export type LeaseLife = "unknown" | "alive" | "absent";

/** Somebody's Lease and whether somebody renews it. */
export interface ObservedLease extends PlacedLease {
  readonly life: LeaseLife;
}

/** What a look came to. `isForbidden`: by RBAC, so that asking again is of no use. */
export type LeaseLook =
  | { readonly ok: true }
  | { readonly ok: false; readonly isForbidden: boolean; readonly why: string };

/** Which Leases to look at, and with what. */
export interface LeaseObserverOptions extends Omit<LeaseWatchOptions, "namespace"> {
  /** Null = in every namespace. */
  readonly namespace: string | null;
  /** Milliseconds from the first look to the second, so that two observers do not read at once; as between all others unless given. */
  readonly secondReadMs?: number;
  /** Called when a Lease is another, or its life. */
  readonly onChange: () => void;
}

/** A look at all Leases of one name. */
export interface LeaseObserver {
  readonly leases: readonly ObservedLease[];
  /**
   * Reads what is stored now, past every cache. After one that succeeded `leases` are no older than when it began. The
   * first one that succeeds begins the watch.
   */
  look(): Promise<LeaseLook>;
}

interface LeaseView {
  readonly lease: Lease;
  readonly life: LeaseLife;
  readonly cancel: () => void;
}

const SILENCE_MS = 15_000;
/** A watch may be half-open, and tells nothing then: the Leases are read besides, this often. */
const READ_EVERY_MS = 5_000;
const READ_DEADLINE_MS = 3_000;
/** Nobody has as many; past it nothing more is noted, and each look fails. */
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

  look(): Promise<LeaseLook> {
    return this.#look(false);
  }

  /** `isCached`: what the API server has at hand will do; it may be old. */
  async #look(isCached: boolean): Promise<LeaseLook> {
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
      // A look that began after all that is known is believed, also with a lower version: a server may have been set back.
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
      await this.#look(true);
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
    // Of one that was there already when we came it is yet to be seen.
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

  /** Its holder was silent for long enough, as far as was heard. */
  async #judge(namespace: string, lease: Lease): Promise<void> {
    const { ok } = await this.#look(false);
    const view = this.#views.get(namespace);
    // A sign of life since has begun another wait.
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
