/** Who else may act on our nodes: the reference's manager, and those of our own kind whose Lease is in another namespace. */
import { type LeaseObserver, type LeaseObserverOptions, observeLeases } from "../kube/lease/index.ts";
import type { ReflectorReport } from "../kube/watch/index.ts";
import { LEASE_NAME, REFERENCE_LEASE_NAME } from "../seinode/crd/index.ts";
import { doOverlap, type Scope, scopeOf } from "./lease-scope.ts";

const HALF_READ_MS = 2_500;

/** A Lease. */
export interface LeasePlace {
  readonly namespace: string;
  readonly name: string;
}

/** Somebody who may act on our nodes as far as is known. */
export interface Rival extends LeasePlace {
  readonly holder: string;
  /** `unknown`: a Lease is held, and whether anybody renews it is yet to be seen. */
  readonly life: "unknown" | "alive";
  /** Null where its Lease does not say; then it counts for every node. */
  readonly scope: Scope | null;
  /** It heeds our Lease as we heed its own. */
  readonly isOfOurKind: boolean;
}

/** What they are found with. */
export interface RivalsOptions extends Pick<
  LeaseObserverOptions,
  "transport" | "clock" | "timers" | "random" | "signal"
> {
  /** What a watch of Leases of this name has to tell. */
  readonly report: (name: string, report: ReflectorReport) => void;
  /** Namespace of our own Lease. */
  readonly namespace: string;
  readonly scope: Scope;
  /** Leases that are heeded besides, wherever they are. */
  readonly others: readonly LeasePlace[];
  /** Called when `all`, `isKnown` or `problem` changed. */
  readonly onChange: () => void;
}

/** What is known of them. */
export interface Rivals {
  /** False until all that can be seen has been seen once. */
  readonly isKnown: boolean;
  /** Those who keep us from acting. */
  readonly all: readonly Rival[];
  /** Why it is not known yet; null while nothing is wrong. */
  readonly problem: { readonly lease: string; readonly why: string } | null;
  /** What RBAC does not let us see; null where that is nothing. */
  readonly unseen: string | null;
  /** Reads what is stored now; false where a read failed. */
  read(): Promise<boolean>;
}

const RETRY_MS = 2_000;

/** Begins to observe them. */
export function startRivals(options: RivalsOptions): Rivals {
  return new Watched(options);
}

/** The Leases of one name. */
interface LeasesOfName {
  readonly name: string;
  /** For people: the name, with its namespace where only one is observed. */
  readonly place: string;
  /** The namespace to observe if all of them are forbidden (null: none); undefined where there is no way around. */
  readonly instead?: string | null;
  /** Null = nothing can be observed. */
  observer: LeaseObserver | null;
  isKnown: boolean;
  isBlind: boolean;
  problem: string | null;
}

class Watched implements Rivals {
  readonly #options: RivalsOptions;
  readonly #names: readonly LeasesOfName[];
  all: readonly Rival[] = [];
  #told = "";

  constructor(options: RivalsOptions) {
    this.#options = options;
    const [named, all] = [options.others, null];
    this.#names = [
      this.#leasesOf(REFERENCE_LEASE_NAME, all, options.namespace),
      // In our own namespace it is our own.
      this.#leasesOf(LEASE_NAME, all, null),
      ...named.map(({ name, namespace }) => this.#leasesOf(name, namespace)),
    ];
    for (const leases of this.#names) void this.#learn(leases);
  }

  get isKnown(): boolean {
    return this.#names.every((leases) => leases.isKnown);
  }

  get problem(): Rivals["problem"] {
    const leases = this.#names.find((one) => one.problem !== null);
    return leases?.problem === undefined || leases.problem === null
      ? null
      : { lease: leases.place, why: leases.problem };
  }

  get unseen(): string | null {
    const names = this.#names.filter(({ isBlind }) => isBlind).map(({ name }) => name);
    if (names.length === 0) return null;
    return `${names.join(" and ")} in other namespaces: got 403, want to list and watch them. Apply the ClusterRole that \`tidekeeper manifests\` prints, or name them with --other-manager-lease`;
  }

  async read(): Promise<boolean> {
    const reads = this.#names.map(async (leases) => {
      const seen = (await leases.observer?.read()) ?? { ok: true };
      // It was allowed before: what was seen until now still counts.
      if (!seen.ok && seen.isForbidden && leases.instead !== undefined) leases.isBlind = true;
      return seen.ok || leases.isBlind;
    });
    const isSeen = (await Promise.all(reads)).every(Boolean);
    this.#changed();
    return isSeen;
  }

  #leasesOf(name: string, namespace: string | null, instead?: string | null): LeasesOfName {
    const observer = this.#observe(name, namespace);
    const place = namespace === null ? name : `${namespace}/${name}`;
    return {
      name,
      place,
      observer,
      isKnown: false,
      isBlind: false,
      problem: null,
      ...(instead === undefined ? {} : { instead }),
    };
  }

  #observe(name: string, namespace: string | null): LeaseObserver {
    const report = (one: ReflectorReport): void => this.#options.report(name, one);
    // A credential that is refused is renewed after one request: two at once would both be refused.
    const apart = name === REFERENCE_LEASE_NAME ? { secondReadMs: HALF_READ_MS } : {};
    return observeLeases({ ...this.#options, ...apart, name, namespace, report, onChange: () => this.#changed() });
  }

  async #learn(leases: LeasesOfName): Promise<void> {
    const { timers, signal } = this.#options;
    const seen = (await leases.observer?.read()) ?? { ok: true };
    if (signal.aborted) return;
    if (seen.ok) Object.assign(leases, { isKnown: true, problem: null });
    else if (seen.isForbidden && !leases.isBlind && leases.instead !== undefined) {
      leases.isBlind = true;
      leases.observer = leases.instead === null ? null : this.#observe(leases.name, leases.instead);
      return this.#learn(leases);
    } else {
      leases.problem = seen.why;
      timers.after(RETRY_MS, () => void this.#learn(leases));
    }
    this.#changed();
  }

  #changed(): void {
    const { signal, onChange } = this.#options;
    this.all = this.#names.flatMap((leases) => this.#rivalsOf(leases));
    const told = JSON.stringify([this.all, this.isKnown, this.problem]);
    if (told === this.#told || signal.aborted) return;
    this.#told = told;
    onChange();
  }

  #rivalsOf({ name, observer }: LeasesOfName): readonly Rival[] {
    const { namespace: own, scope: ours } = this.#options;
    return (observer?.leases ?? []).flatMap(({ namespace, lease, life }) => {
      const isOfOurKind = name === LEASE_NAME;
      if (life === "absent" || lease.holder === "" || (isOfOurKind && namespace === own)) return [];
      const scope = isOfOurKind ? scopeOf(lease.annotations) : null;
      if (scope !== null && !doOverlap(scope, ours)) return [];
      return [{ namespace, name, holder: lease.holder, life, scope, isOfOurKind }];
    });
  }
}
