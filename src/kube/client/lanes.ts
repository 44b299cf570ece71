/** The order in which requests go out when more wait than may be under way. */
import { type ApiTransport, callError, type Clock, type Timers, TransportError } from "../../base/index.ts";

/**
 * Who goes first when the API server is what everybody waits for. Source: docs/design/0011-write-lanes.md.
 *
 * - `acting`: what a plan that is stored comes to: effects, and the reads that prove their ground. Waiting counts in the
 *   deadline of the call, since whoever makes it asked just before whether it still may.
 * - `opening`: what stores a plan, which a gate waits for. Like `closing` it asks after the wait whether it may.
 * - `closing`: what only writes down what was seen or done. It may wait for long.
 * - `telling`: Events.
 */
export type Lane = "acting" | "opening" | "closing" | "telling";

/** One bound over all lanes, and an order among those who wait. */
export interface Lanes {
  /** Resolves when there is a place, with the function that gives it back; call that once. `about`: see `hasten`. */
  enter(lane: Lane, about?: number): Promise<() => void>;
  /** Lets whoever waits in `closing` with this `about` go on in `opening`. */
  hasten(about: number): void;
  /** The transport with each request in this lane. Streams pass: they have connections of their own. */
  over(transport: ApiTransport, lane: "acting" | "telling"): ApiTransport;
  /** Requests that wait for a place now. */
  waiting(lane: Lane): number;
}

/** What lanes are made of. */
export interface LanesOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Requests at once; as many as the transport has sockets, so that none waits there. */
  readonly places: number;
}

/** In their order. */
export const LANES: readonly Lane[] = ["acting", "opening", "closing", "telling"];
/** One place in so many goes to a lower lane first, so that no rush starves it for good. */
const SHARES = { closing: 64, telling: 256 } as const;

interface Waiter {
  readonly turn: () => void;
  readonly about: number | null;
}

/** Empty lanes. */
export function createLanes({ clock, timers, places }: LanesOptions): Lanes {
  // A Set keeps order and forgets the impatient at once, wherever they stand.
  const lines = {
    acting: new Set<Waiter>(),
    opening: new Set<Waiter>(),
    closing: new Set<Waiter>(),
    telling: new Set<Waiter>(),
  };
  let taken = 0;
  let turns = 0;

  const next = (): Waiter | undefined => {
    turns += 1;
    const favoured = LANES.findLast((lane) => (lane === "closing" || lane === "telling") && turns % SHARES[lane] === 0);
    const order = favoured === undefined ? LANES : [favoured, ...LANES];
    const lane = order.find((name) => lines[name].size > 0);
    const first = lane === undefined ? undefined : lines[lane].values().next().value;
    if (lane !== undefined && first !== undefined) lines[lane].delete(first);
    return first;
  };
  const leave = (): void => {
    const first = next();
    if (first === undefined) taken -= 1;
    else first.turn();
  };
  const enter = (
    lane: Lane,
    { withinMs = null, about = null }: { readonly withinMs?: number | null; readonly about?: number | null },
  ): Promise<() => void> => {
    if (taken < places) {
      taken += 1;
      return Promise.resolve(leave);
    }
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        cancel?.();
        resolve(leave);
      };
      const waiter: Waiter = { turn, about };
      const late = (): void => {
        lines[lane].delete(waiter);
        reject(callError("DEADLINE", "API server", { clause: "got no free connection in time, want one of ours" }));
      };
      const cancel = withinMs === null ? null : timers.after(withinMs, late);
      lines[lane].add(waiter);
    });
  };
  return {
    enter: (lane, about) => enter(lane, { about: about ?? null }),
    hasten(about) {
      for (const waiter of lines.closing)
        if (waiter.about === about && lines.closing.delete(waiter)) lines.opening.add(waiter);
    },
    over: (transport, lane) => ({
      async request(request, limits) {
        const from = clock.mono();
        const counts = lane === "acting";
        const left = await enter(lane, counts ? { withinMs: limits.deadlineMs } : {});
        const waitedMs = counts ? clock.mono() - from : 0;
        try {
          const why = limits.permit?.() ?? null;
          if (why !== null) throw new TransportError("WITHHELD", why);
          return await transport.request(request, { ...limits, deadlineMs: limits.deadlineMs - waitedMs });
        } finally {
          left();
        }
      },
      stream: (request, limits) => transport.stream(request, limits),
    }),
    waiting: (lane) => lines[lane].size,
  };
}
