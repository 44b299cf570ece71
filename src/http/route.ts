/** How a socket to the API server is opened: straight, or through a proxy. */
import { Socket } from "node:net";
import { HttpConnection } from "./http-connection.ts";
import { dialProxy, dialStraight, dialThrough, type Target } from "./dial.ts";
import { transportFault } from "./transport-fault.ts";
import { proxyAuthorization } from "./tunnel.ts";

/** How requests get to a server. */
export interface Route {
  /** Comes before the path of every request: an HTTP proxy is told the whole address where there is no TLS to tunnel. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Makes a connection for requests; `what` names the call that needs it. */
  readonly open: (what: () => string) => HttpConnection | Promise<HttpConnection>;
  /** Makes the socket of a stream, as `node:http` asks for it; null = its own way will do. */
  readonly connector: Connector | null;
}

type Connector = (options: unknown, made?: (error: Error | null, socket: Socket) => void) => undefined;

/** Silence on a connection after which TCP asks whether the other end is there, as agents of `node:http` have it. */
const PROBE_AFTER_MS = 1000;

/** Straight, or through the proxy. */
export function routeTo(target: Target, origin: string, proxyUrl: string | null): Route {
  if (proxyUrl === null) {
    return { prefix: "", headers: {}, connector: null, open: (what) => begun(() => dialStraight(target), what) };
  }
  const proxy = new URL(proxyUrl);
  const isForwarded = target.tls === null && !proxy.protocol.startsWith("socks");
  const dial = (): Promise<Socket> => (isForwarded ? dialProxy(proxy, target) : dialThrough(proxy, target));
  const credentials = isForwarded ? proxyAuthorization(proxy) : null;
  return {
    prefix: isForwarded ? origin : "",
    headers: credentials === null ? {} : { "proxy-authorization": credentials },
    async open(what) {
      const socket = await dial().catch((cause: unknown) => {
        throw transportFault(cause, what());
      });
      return begun(() => socket, what);
    },
    connector(_options, made) {
      dial().then(
        (socket) => made?.(null, socket.setKeepAlive(true, PROBE_AFTER_MS)),
        (cause: unknown) => made?.(cause instanceof Error ? cause : new Error("no socket"), new Socket()),
      );
    },
  };
}

function begun(make: () => Socket, what: () => string): HttpConnection {
  try {
    return new HttpConnection(make().setKeepAlive(true, PROBE_AFTER_MS));
  } catch (cause) {
    // A key that is none.
    throw transportFault(cause, what());
  }
}
