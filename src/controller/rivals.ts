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
  /** Null where its Lease does not say, which is to be taken for every node. */
  readonly scope: Scope | null;
  /** It looks at our Lease as we look at its own. */
  readonly isOfOurKind: boolean;
}

/** What they are looked for with. */
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
  /** Called when `all`, `isKnown` or `problem` is another. */
  readonly onChange: () => void;
}

/** A look at them. */
export interface Rivals {
  /** False until all that can be seen has been seen once. */
  readonly isKnown: boolean;
  /** Those who keep us from acting. */
  readonly all: readonly Rival[];
  /** Why it is not known yet; null while nothing is wrong. */
  readonly problem: { readonly lease: string; readonly why: string } | null;
  /** What RBAC keeps from our sight; null where that is nothing. */
  readonly unseen: string | null;
  /** Reads what is stored now; false where that was not to be had. */
  look(): Promise<boolean>;
}

const RETRY_MS = 2_000;

/** Begins to look. */
export function startRivals(options: RivalsOptions): Rivals {
  return new Watched(options);
}

/** The Leases of one name. */
interface Sight {
  readonly name: string;
  /** For people: the name, with its namespace where it is looked for in one alone. */
  readonly place: string;
  /** Where to look instead if looking everywhere is forbidden; undefined where there is no such place. */
  readonly instead?: string | null;
  /** Null = nothing can be looked at. */
  observer: LeaseObserver | null;
  isKnown: boolean;
  isBlind: boolean;
  problem: string | null;
}

class Watched implements Rivals {
  readonly #options: RivalsOptions;
  readonly #sights: readonly Sight[];
  all: readonly Rival[] = [];
  #told = "";

  constructor(options: RivalsOptions) {
    this.#options = options;
    const [named, all] = [options.others, null];
    this.#sights = [
      this.#sight(REFERENCE_LEASE_NAME, all, options.namespace),
      // In our own namespace it is our own.
      this.#sight(LEASE_NAME, all, null),
      ...named.map(({ name, namespace }) => this.#sight(name, namespace)),
    ];
    for (const sight of this.#sights) void this.#learn(sight);
  }

  get isKnown(): boolean {
    return this.#sights.every((sight) => sight.isKnown);
  }

  get problem(): Rivals["problem"] {
    const sight = this.#sights.find((one) => one.problem !== null);
    return sight?.problem === undefined || sight.problem === null ? null : { lease: sight.place, why: sight.problem };
  }

  get unseen(): string | null {
    const names = this.#sights.filter(({ isBlind }) => isBlind).map(({ name }) => name);
    if (names.length === 0) return null;
    return `${names.join(" and ")} in other namespaces: got 403, want to list and watch them. Apply the ClusterRole that \`tidekeeper manifests\` prints, or name them with --other-manager-lease`;
  }

  async look(): Promise<boolean> {
    const looks = this.#sights.map(async (sight) => {
      const seen = (await sight.observer?.look()) ?? { ok: true };
      // It was allowed before, so what was seen by then counts on.
      if (!seen.ok && seen.isForbidden && sight.instead !== undefined) sight.isBlind = true;
      return seen.ok || sight.isBlind;
    });
    const isSeen = (await Promise.all(looks)).every(Boolean);
    this.#changed();
    return isSeen;
  }

  #sight(name: string, namespace: string | null, instead?: string | null): Sight {
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

  async #learn(sight: Sight): Promise<void> {
    const { timers, signal } = this.#options;
    const seen = (await sight.observer?.look()) ?? { ok: true };
    if (signal.aborted) return;
    if (seen.ok) Object.assign(sight, { isKnown: true, problem: null });
    else if (seen.isForbidden && !sight.isBlind && sight.instead !== undefined) {
      sight.isBlind = true;
      sight.observer = sight.instead === null ? null : this.#observe(sight.name, sight.instead);
      return this.#learn(sight);
    } else {
      sight.problem = seen.why;
      timers.after(RETRY_MS, () => void this.#learn(sight));
    }
    this.#changed();
  }

  #changed(): void {
    const { signal, onChange } = this.#options;
    this.all = this.#sights.flatMap((sight) => this.#rivalsOf(sight));
    const told = JSON.stringify([this.all, this.isKnown, this.problem]);
    if (told === this.#told || signal.aborted) return;
    this.#told = told;
    onChange();
  }

  #rivalsOf({ name, observer }: Sight): readonly Rival[] {
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
