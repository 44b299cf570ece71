/** Connections to the API server that are kept open between requests. */
import type { HttpResponse } from "../base/index.ts";
import type { HttpConnection, Exchange } from "./http-connection.ts";
import type { CallDeadline } from "./call-deadline.ts";
import { createSlots } from "./slots.ts";

/** Connections to one server that are kept between exchanges. Each exchange has one to itself. */
export interface KeptConnections {
  /**
   * Makes the exchange on the connection that was last used, or on a new one; waiting for it counts in the
   * deadline. `canRepeat`: once more on a new one where a kept one turned out to be closed, so perhaps nothing was done.
   */
  exchange(call: Exchange & { readonly canRepeat: boolean }, deadline: CallDeadline): Promise<HttpResponse>;
  /** Closes the connections that no exchange is using. */
  closeIdle(): void;
}

/** How connections are made, how many there may be, and how long one is kept without use. */
export interface KeptConnectionsOptions {
  /**
   * `what` names the call that needs it. Throws a `TransportError`, or rejects with one, where there can be none. A
   * promise is for what takes talking first, such as a proxy.
   */
  readonly open: (what: () => string) => HttpConnection | Promise<HttpConnection>;
  readonly limit: number;
  readonly idleMs: number;
}

/** None is open at first. */
export function createKeptConnections({ open, limit, idleMs }: KeptConnectionsOptions): KeptConnections {
  const slots = createSlots(limit);
  // The oldest first: all but a few of a burst are then left to go.
  const idle: { readonly connection: HttpConnection; readonly sinceMs: number }[] = [];
  let sweep: ReturnType<typeof setTimeout> | null = null;

  const take = (): HttpConnection | null => {
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      if (last.connection.isOpen) return last.connection;
    }
    return null;
  };
  const keep = (connection: HttpConnection): void => {
    idle.push({ connection, sinceMs: performance.now() });
    if (sweep === null) sweepAfter(idleMs);
  };
  const sweepAfter = (ms: number): void => {
    sweep = setTimeout(closeUnused, ms);
    sweep.unref();
  };
  const closeUnused = (): void => {
    sweep = null;
    const keepsFrom = performance.now() - idleMs;
    const firstKept = idle.findIndex(({ sinceMs }) => sinceMs > keepsFrom);
    for (const { connection } of idle.splice(0, firstKept < 0 ? idle.length : firstKept)) connection.close();
    const [oldest] = idle;
    if (oldest !== undefined) sweepAfter(oldest.sinceMs - keepsFrom);
  };

  const fresh = async (call: Exchange, deadline: CallDeadline): Promise<HttpConnection> => {
    const opening = open(call.what);
    if (!(opening instanceof Promise)) return opening;
    try {
      return await deadline.race(opening);
    } catch (error) {
      // It may come when nobody waits for it any more.
      opening.then((connection) => connection.close()).catch(() => {});
      throw error;
    }
  };

  const exchangeOn = async (
    connection: HttpConnection,
    call: Exchange,
    deadline: CallDeadline,
  ): Promise<HttpResponse> => {
    const reply = await connection.exchange(call, deadline);
    if (connection.isOpen) keep(connection);
    return reply;
  };

  return {
    async exchange(call, deadline) {
      const slot = slots.enter();
      try {
        if (slot.entered !== null) await deadline.race(slot.entered);
        if (deadline.error !== null) throw deadline.error;
        const kept = take();
        if (kept === null) return await exchangeOn(await fresh(call, deadline), call, deadline);
        try {
          return await exchangeOn(kept, call, deadline);
        } catch (error) {
          if (!kept.isStale || !call.canRepeat) throw error;
          return await exchangeOn(await fresh(call, deadline), call, deadline);
        }
      } finally {
        slot.leave();
      }
    },
    closeIdle() {
      for (const { connection } of idle.splice(0)) connection.close();
    },
  };
}
