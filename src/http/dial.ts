/** Sockets to one server, straight or through a proxy. */
import { connect as tcpConnect, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { errorOfCode } from "./transport-fault.ts";
import { tlsOptions } from "./tls-options.ts";
import { connectTunnel, socksTunnel } from "./tunnel.ts";
import type { ApiTls } from "./options.ts";

/** Where to and how. `host` is without brackets. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** Null = plain. */
  readonly tls: ApiTls | null;
}

/** Of each step: connecting, asking the proxy, TLS. Go's dialler has the same bound. */
const HANDSHAKE_MS = 30_000;

/** A socket that may still be connecting. Throws where not even that is possible, as with a key that is none. */
export function dialStraight({ host, port, tls }: Target): Socket {
  return tls === null ? tcpConnect({ host, port }) : tlsConnect({ host, port, ...tlsOptions(tls, host) });
}

/** A socket to the proxy itself. Rejects with an error whose `code` begins with `PROXY_`. */
export async function dialProxy(proxy: URL, target: Target): Promise<Socket> {
  const isTls = proxy.protocol === "https:";
  // As Go does: a proxy that is spoken to over TLS is trusted by what the server is trusted by.
  const tls = isTls ? (target.tls ?? PUBLIC_ROOTS) : null;
  try {
    const socket = dialStraight({ host: hostOf(proxy), port: portOf(proxy), tls });
    return await awaitOpen(socket, isTls ? "secureConnect" : "connect");
  } catch (cause) {
    throw errorOfCode(`PROXY_${cause instanceof Error && "code" in cause ? String(cause.code) : "no code"}`);
  }
}

/** A socket through the proxy, ready to be written to. Rejects with an error that has a `code`. */
export async function dialThrough(proxy: URL, target: Target): Promise<Socket> {
  const outer = await dialProxy(proxy, target);
  const late = setTimeout(() => outer.destroy(errorOfCode("PROXY_ETIMEDOUT")), HANDSHAKE_MS);
  try {
    if (proxy.protocol.startsWith("socks")) await socksTunnel(outer, proxy, target);
    else await connectTunnel(outer, proxy, target);
    if (target.tls === null) return outer;
    return await awaitOpen(tlsConnect({ socket: outer, ...tlsOptions(target.tls, target.host) }), "secureConnect");
  } catch (error) {
    outer.destroy();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/** Host of a URL without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** Port of a URL, also where it is the usual one of its scheme. */
export function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  if (protocol === "https:") return 443;
  return protocol === "http:" ? 80 : 1080;
}

const PUBLIC_ROOTS: ApiTls = { ca: null, cert: null, key: null, serverName: null, insecure: false };

function awaitOpen(socket: Socket, event: "connect" | "secureConnect"): Promise<Socket> {
  const late = setTimeout(() => socket.destroy(errorOfCode("ETIMEDOUT")), HANDSHAKE_MS);
  return new Promise<Socket>((resolve, reject) => {
    // For good: an error without a listener would be a crash.
    socket.on("error", reject);
    socket.once("close", () => reject(errorOfCode("ECONNRESET")));
    socket.once(event, () => resolve(socket));
  }).finally(() => clearTimeout(late));
}
