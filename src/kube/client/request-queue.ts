/** The order in which requests go out when more wait than may be under way. */
import {
  type ApiTransport,
  callError,
  type Clock,
  Fifo,
  type FifoMember,
  type Timers,
  TransportError,
} from "../../base/index.ts";

/**
 * Who goes first when the API server is what everybody waits for. The names are also values of a metric's label. Source:
 * docs/design/0011-write-lanes.md.
 *
 * - `acting`: the effects of a stored plan, and the reads that prove their ground. The wait counts in the deadline of the
 *   call, since the caller asked just before whether it still may.
 * - `opening`: a write that stores a plan, which a gate waits for, or what was seen of a node, which keeps it from being asked
 *   again. Like `closing` it asks after the wait whether it may.
 * - `closing`: a write that closes a plan. It may wait for long.
 * - `telling`: Events.
 */
export type RequestPriority = "acting" | "opening" | "closing" | "telling";

/** One bound over all requests, and an order among those that wait. */
export interface RequestQueue {
  /** Resolves when there is a place, with the function that gives it back; call that once. `about`: see `hasten`. */
  enter(priority: RequestPriority, about?: number): Promise<() => void>;
  /** Raises what waits as `closing` with this `about` to `opening`. */
  hasten(about: number): void;
  /** The transport with each request at this priority. Streams pass: they have connections of their own. */
  over(transport: ApiTransport, priority: "acting" | "telling"): ApiTransport;
  /** Requests that wait for a place now. */
  waiting(priority: RequestPriority): number;
}

/** What a request queue is made of. */
export interface RequestQueueOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Requests at once; as many as the transport has sockets, so that none waits there. */
  readonly places: number;
}

/** The highest first. */
export const REQUEST_PRIORITIES: readonly RequestPriority[] = ["acting", "opening", "closing", "telling"];
/** One place in so many goes to a lower priority first, so that no rush starves it for good. */
const SHARES = { closing: 64, telling: 256 } as const;

interface Waiter extends FifoMember<Waiter> {
  readonly start: () => void;
  readonly about: number | null;
}

/** An empty queue. */
export function createRequestQueue({ clock, timers, places }: RequestQueueOptions): RequestQueue {
  const lists = {
    acting: new Fifo<Waiter>(),
    opening: new Fifo<Waiter>(),
    closing: new Fifo<Waiter>(),
    telling: new Fifo<Waiter>(),
  };
  let taken = 0;
  let given = 0;

  const takeNext = (): Waiter | null => {
    given += 1;
    const favoured = REQUEST_PRIORITIES.findLast(
      (priority) => (priority === "closing" || priority === "telling") && given % SHARES[priority] === 0,
    );
    const order = favoured === undefined ? REQUEST_PRIORITIES : [favoured, ...REQUEST_PRIORITIES];
    const priority = order.find((name) => lists[name].size > 0);
    return priority === undefined ? null : lists[priority].shift();
  };
  const leave = (): void => {
    const next = takeNext();
    if (next === null) taken -= 1;
    else next.start();
  };
  const enter = (
    priority: RequestPriority,
    { withinMs = null, about = null }: { readonly withinMs?: number | null; readonly about?: number | null },
  ): Promise<() => void> => {
    if (taken < places) {
      taken += 1;
      return Promise.resolve(leave);
    }
    return new Promise((resolve, reject) => {
      const start = (): void => {
        cancel?.();
        resolve(leave);
      };
      const waiter: Waiter = { start, about, before: null, after: null };
      // Only `acting` has a limit, and nothing that waits there is moved.
      const giveUp = (): void => {
        lists[priority].remove(waiter);
        reject(callError("DEADLINE", "API server", { clause: "got no free connection in time, want one of ours" }));
      };
      const cancel = withinMs === null ? null : timers.after(withinMs, giveUp);
      lists[priority].push(waiter);
    });
  };
  return {
    enter: (priority, about) => enter(priority, { about: about ?? null }),
    hasten(about) {
      const { closing, opening } = lists;
      for (let waiter = closing.first; waiter !== null;) {
        const { after } = waiter;
        if (waiter.about === about) {
          closing.remove(waiter);
          opening.push(waiter);
        }
        waiter = after;
      }
    },
    over: (transport, priority) => ({
      async request(request, limits) {
        const from = clock.mono();
        const counts = priority === "acting";
        const giveBack = await enter(priority, counts ? { withinMs: limits.deadlineMs } : {});
        const waitedMs = counts ? clock.mono() - from : 0;
        try {
          const why = limits.permit?.() ?? null;
          if (why !== null) throw new TransportError("WITHHELD", why);
          return await transport.request(request, { ...limits, deadlineMs: limits.deadlineMs - waitedMs });
        } finally {
          giveBack();
        }
      },
      stream: (request, limits) => transport.stream(request, limits),
    }),
    waiting: (priority) => lists[priority].size,
  };
}
