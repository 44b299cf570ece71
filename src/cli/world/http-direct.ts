import type { DirectTransport } from "../../sidecar/transport.ts";
import { Leash } from "./leash.ts";
import { plainExchange } from "./plain-exchange.ts";
import { createSlots } from "./slots.ts";
import type { DirectTransportOptions } from "./world.ts";

/**
 * Sidecars over plain HTTP, a connection a call: addresses are reused, and a kept connection would be silent for long
 * where its Pod has gone. Redirects are replies, nothing is decompressed, proxy variables are ignored.
 */
export function createDirectTransport({ maxSockets = 256 }: DirectTransportOptions = {}): DirectTransport {
  const slots = createSlots(maxSockets);
  return {
    async request({ host, port }, { method, path, headers, body }, limits) {
      const what = (): string => `${method} http://${host}:${port}${path.split("?")[0]}`;
      const leash = new Leash(limits, what);
      const slot = slots.enter();
      const sent: Record<string, string> = { ...headers, "accept-encoding": "identity", connection: "close" };
      if (body !== undefined) sent["content-length"] = String(Buffer.byteLength(body));
      try {
        if (slot.entered !== null) await leash.race(slot.entered);
        const { maxBytes, truncate = false } = limits;
        return await plainExchange({ what, host, port, method, path, headers: sent, body, maxBytes, truncate }, leash);
      } finally {
        slot.leave();
        leash.release();
      }
    },
  };
}
