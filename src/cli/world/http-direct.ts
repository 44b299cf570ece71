import { Agent, request as httpRequest } from "node:http";
import type { DirectTransport } from "../../sidecar/transport.ts";
import { exchange } from "./exchange.ts";
import { Leash } from "./leash.ts";
import { createSlots } from "./slots.ts";
import type { DirectTransportOptions } from "./world.ts";

/** What a sidecar sends is a few hundred bytes. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Sidecars over `node:http`, a connection a call: addresses are reused, and a kept socket could lead to a stranger.
 * Redirects are replies, nothing is decompressed, proxy variables are ignored.
 */
export function createDirectTransport({ maxSockets = 256 }: DirectTransportOptions = {}): DirectTransport {
  const slots = createSlots(maxSockets);
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  return {
    async request({ host, port }, { method, path, headers, body }, limits) {
      const what = (): string => `${method} http://${host}:${port}${path.split("?")[0]}`;
      const leash = new Leash(limits, what);
      const slot = slots.enter();
      const sent: Record<string, string> = { ...headers, "accept-encoding": "identity", connection: "close" };
      if (body !== undefined) sent["content-length"] = String(Buffer.byteLength(body));
      try {
        await leash.race(slot.entered);
        const { maxBytes, truncate = false } = limits;
        const options = { host, port, method, path, headers: sent, agent, maxHeaderSize: MAX_HEADER_BYTES };
        const exchanged = await exchange(
          { what, open: (onReply) => httpRequest(options, onReply), body, maxBytes, truncate },
          leash,
        );
        if (exchanged.kind === "stale") throw exchanged.fault;
        return exchanged.reply;
      } finally {
        slot.leave();
        leash.release();
      }
    },
  };
}
