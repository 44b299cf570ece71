/** Where the Lease is that a laptop stands for, when nobody says it. */
import { type LeaseObserver, type LeaseObserverOptions, observeLeases } from "../kube/lease/index.ts";
import { LEASE_NAME } from "../seinode/crd/index.ts";
import { doOverlap, type Scope, scopeOf } from "./lease-scope.ts";

/** What it is looked for with. */
export interface LeaseNamespaceOptions extends Pick<
  LeaseObserverOptions,
  "transport" | "clock" | "timers" | "random" | "signal"
> {
  readonly scope: Scope;
}

/** The namespace that `tidekeeper manifests` installs into unless told. */
export const USUAL_NAMESPACE = "tidekeeper-system";
/** Somebody alive renews every 2.2 s. */
const LOOK_MS = 7_000;
const ANSWER_MS = 5_000;
const RETRY_MS = 500;

/**
 * The namespace where somebody alive looks after nodes of ours, so that we stand by for the same Lease; the usual one where
 * nobody is seen. Takes 7 s at most, and 5 s where no answer comes. No safety rests on it: whoever is alive elsewhere is
 * heeded all the same.
 */
export async function findLeaseNamespace({ scope, signal, ...ports }: LeaseNamespaceOptions): Promise<string> {
  const { timers } = ports;
  const ending = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  const giveUp = (): void => resolve(USUAL_NAMESPACE);
  let isKnown = false;
  const settle = (): void => {
    const held = heldIn(observer, scope);
    const alive = held.find(({ life }) => life === "alive");
    if (alive !== undefined) resolve(alive.namespace);
    else if (isKnown && held.length === 0) giveUp();
  };
  const observer: LeaseObserver = observeLeases({
    ...ports,
    namespace: null,
    name: LEASE_NAME,
    report: () => undefined,
    signal: ending.signal,
    onChange: () => settle(),
  });
  const learn = async (): Promise<void> => {
    const seen = await observer.read();
    if (ending.signal.aborted) return;
    isKnown = seen.ok;
    if (seen.ok) settle();
    else if (seen.isForbidden) giveUp();
    else timers.after(RETRY_MS, () => void learn());
  };
  void learn();
  const cancels = [timers.after(LOOK_MS, giveUp), timers.after(ANSWER_MS, () => (isKnown ? undefined : giveUp()))];
  signal.addEventListener("abort", giveUp, { once: true });
  const found = await promise;
  signal.removeEventListener("abort", giveUp);
  for (const cancel of cancels) cancel();
  ending.abort();
  return found;
}

/** Leases that somebody holds, or may hold, for nodes of ours, in order of their namespaces. */
function heldIn({ leases }: LeaseObserver, ours: Scope): LeaseObserver["leases"] {
  return leases
    .filter(({ life, lease }) => {
      const scope = scopeOf(lease.annotations);
      return life !== "absent" && lease.holder !== "" && (scope === null || doOverlap(scope, ours));
    })
    .toSorted((one, other) => (one.namespace < other.namespace ? -1 : 1));
}
