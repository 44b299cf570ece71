/** An API transport that lives through new CAs and client certificates. */
import {
  type ApiTransport,
  type Clock,
  type HttpRequest,
  type HttpStream,
  messageOf,
  type Timers,
  TransportError,
} from "../../base/index.ts";
import type { ConnectionTls } from "./connection.ts";

/** What it is made of. */
export interface RenewingOptions {
  readonly tls: ConnectionTls;
  /** Reads what the handshake needs now; `force` after a refusal. */
  readonly renew: (force: boolean) => Promise<ConnectionTls>;
  readonly build: (tls: ConnectionTls) => ApiTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Called when a renewal failed (the present ones stay in use), and with null after the next one that did not. */
  readonly onProblem: (why: string | null) => void;
}

/** Files are read this often while all is well. */
const RENEW_EVERY_MS = 60_000;

interface Current {
  readonly tls: ConnectionTls;
  readonly transport: ApiTransport;
}

/**
 * Reads CA and certificate anew once a minute in the background, and at once when TLS fails or the answer is 401. Where
 * they are others, new requests go over new connections, and the refused one is repeated within its deadline. A mutation
 * whose TLS failed is not repeated: it may have been carried out before.
 */
export function renewingTransport(options: RenewingOptions): ApiTransport {
  const { clock, timers } = options;
  let current: Current = { tls: options.tls, transport: options.build(options.tls) };
  let renewedAt = clock.mono();
  let troubled = false;
  let renewing: Promise<void> | null = null;

  const renewOnce = (force: boolean): Promise<void> => (renewing ??= renew(force).finally(() => (renewing = null)));
  const renew = async (force: boolean): Promise<void> => {
    renewedAt = clock.mono();
    try {
      const tls = await options.renew(force);
      if (!isSame(tls, current.tls)) current = { tls, transport: options.build(tls) };
      if (troubled) options.onProblem(null);
      troubled = false;
    } catch (error) {
      troubled = true;
      options.onProblem(messageOf(error));
    }
  };
  /** Another transport than the one that was refused, if there is one in time. */
  const otherThan = async (refused: Current, withinMs: number): Promise<Current | null> => {
    if (current === refused) {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const cancel = timers.after(withinMs, () => resolve());
      await Promise.race([renewOnce(true), late]);
      cancel();
    }
    return current === refused ? null : current;
  };

  const send = async <Reply extends { readonly status: number }>(
    { method }: HttpRequest,
    deadlineMs: number,
    call: {
      readonly via: (transport: ApiTransport, deadlineMs: number) => Promise<Reply>;
      readonly drop: (reply: Reply) => Promise<void>;
    },
  ): Promise<Reply> => {
    if (clock.mono() - renewedAt >= RENEW_EVERY_MS) void renewOnce(false);
    const until = clock.mono() + deadlineMs;
    const leftMs = (): number => until - clock.mono();
    const used = current;
    const first = await call.via(used.transport, deadlineMs).catch((error: unknown) => {
      if (error instanceof TransportError && error.code === "TLS") return error;
      throw error;
    });
    const failed = first instanceof TransportError;
    if (!failed && first.status !== 401) return first;
    const other = leftMs() > 0 ? await otherThan(used, leftMs()) : null;
    if (other !== null && leftMs() > 0 && !(failed && method !== "GET")) {
      if (!failed) await call.drop(first);
      return call.via(other.transport, leftMs());
    }
    if (failed) throw first;
    return first;
  };

  return {
    request: (request, limits) =>
      send(request, limits.deadlineMs, {
        via: (transport, deadlineMs) => transport.request(request, { ...limits, deadlineMs }),
        drop: async () => {},
      }),
    stream: (request, limits) =>
      send(request, limits.deadlineMs, {
        via: (transport, deadlineMs) => transport.stream(request, { ...limits, deadlineMs }),
        drop,
      }),
  };
}

/** A stream that nobody reads would keep its connection; one that was never begun cannot be broken off. */
async function drop(stream: HttpStream): Promise<void> {
  for await (const _chunk of stream.body) return;
}

function isSame(a: ConnectionTls, b: ConnectionTls): boolean {
  return a.ca === b.ca && a.cert === b.cert && a.key === b.key && a.serverName === b.serverName;
}
