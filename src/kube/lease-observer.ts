import { watchLease, type LeaseWatchOptions } from "./lease-watch.ts";
import type { Lease } from "./lease.ts";
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

/**
 * Tells whether somebody alive renews a Lease, without ever writing it. Judged by changes that are seen here, on our
 * own clock: a `renewTime` is the word of another's clock. `onChange` is called with each new verdict.
 */
export function observeLease(
  options: LeaseWatchOptions & { readonly onChange: (life: LeaseLife) => void },
): LeaseObserver {
  const { timers, onChange } = options;
  const view: { life: LeaseLife; lease: Lease | null } = { life: "unknown", lease: null };
  let cancel = () => {};
  const become = (life: LeaseLife) => {
    if (view.life === life) return;
    view.life = life;
    onChange(life);
  };
  const wait = (lease: Lease) => {
    cancel = timers.after(Math.max(SILENCE_MS, lease.durationMs ?? 0), () => {
      // Silence means something only where we would have heard.
      if (watch.health.connected) return become("absent");
      become("unknown");
      wait(lease);
    });
  };
  const watch = watchLease(options, (lease) => {
    const before = view.lease;
    view.lease = lease;
    if (lease !== null && lease.holder !== "" && before?.pulse === lease.pulse) return;
    cancel();
    if (lease === null || lease.holder === "") return become("absent");
    if (before !== null) become("alive");
    else if (view.life === "absent") become("alive");
    wait(lease);
  });
  options.signal.addEventListener("abort", () => cancel(), { once: true });
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
