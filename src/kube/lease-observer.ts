/** Watches a Lease that is somebody else's, without writing it. */
import { createClient } from "./client.ts";
import { type Lease, leaseRef, readLease } from "./lease.ts";
import { watchLease, type LeaseWatchOptions } from "./lease-watch.ts";
import type { ReflectorHealth } from "./reflector.ts";

/** `unknown` until a change, or a silence as long as its holder may keep, has told. Take it for `alive`. */
export type LeaseLife = "unknown" | "alive" | "absent";

/** A look at somebody else's Lease. */
export interface LeaseObserver {
  readonly life: LeaseLife;
  /** Who is named on it, as last seen; empty when nobody is. */
  readonly holder: string;
  readonly health: ReflectorHealth;
}

const SILENCE_MS = 15_000;
/** A watch may be half-open, and tells nothing then: the Lease is read besides, this often. */
const READ_EVERY_MS = 5_000;
const READ_DEADLINE_MS = 3_000;

/**
 * Tells whether somebody alive renews a Lease, without ever writing it. Judged by changes that are seen here, on our
 * own clock: a `renewTime` is the word of another's clock. That it is silent is believed only when it was read to be so.
 * `onChange` is called with each new verdict.
 */
export function observeLease(
  options: LeaseWatchOptions & { readonly onChange: (life: LeaseLife) => void },
): LeaseObserver {
  const { transport, namespace, name, timers, signal, onChange } = options;
  const client = createClient(transport);
  const view: { life: LeaseLife; lease: Lease | null; isSeen: boolean } = {
    life: "unknown",
    lease: null,
    isSeen: false,
  };
  let cancel = () => {};
  const become = (life: LeaseLife) => {
    if (view.life === life || signal.aborted) return;
    view.life = life;
    onChange(life);
  };
  const wait = (lease: Lease) => {
    cancel = timers.after(Math.max(SILENCE_MS, lease.durationMs ?? 0), () => void judge(lease));
  };
  const see = (lease: Lease | null): void => {
    const before = view.lease;
    view.lease = lease;
    view.isSeen = true;
    if (lease !== null && lease.holder !== "" && before?.pulse === lease.pulse) return;
    cancel();
    if (lease === null || lease.holder === "") return become("absent");
    if (before !== null) become("alive");
    else if (view.life === "absent") become("alive");
    wait(lease);
  };
  /** Reads it; false where that was not to be had. */
  const read = async (): Promise<boolean> => {
    const reply = await client.get(leaseRef(namespace, name), { deadlineMs: READ_DEADLINE_MS, signal });
    if (signal.aborted) return false;
    if (!reply.ok && reply.failure.kind !== "notFound") return false;
    see(reply.ok ? readLease(reply.value) : null);
    return true;
  };
  /** Its holder was silent for long enough, as far as was heard. */
  const judge = async (lease: Lease): Promise<void> => {
    const isRead = await read();
    // A sign of life since has begun another wait.
    if (view.lease?.pulse !== lease.pulse) return;
    become(isRead ? "absent" : "unknown");
    if (!isRead) wait(lease);
  };
  const watch = watchLease(options, see);
  const readOn = async (): Promise<void> => {
    if (view.isSeen) await read();
    if (!signal.aborted) cancelRead = timers.after(READ_EVERY_MS, () => void readOn());
  };
  let cancelRead = timers.after(READ_EVERY_MS, () => void readOn());
  signal.addEventListener("abort", () => [cancel, cancelRead].forEach((end) => end()), { once: true });
  return {
    get life() {
      return view.life;
    },
    get holder() {
      return view.lease?.holder ?? "";
    },
    get health() {
      return watch.health;
    },
  };
}
