import { connect } from "node:net";
import type { DirectTransport } from "../../sidecar/transport.ts";
import { Connection } from "./connection.ts";
import { Leash } from "./leash.ts";
import { requestText } from "./request-text.ts";
import { createSlots } from "./slots.ts";
import type { DirectTransportOptions } from "./world.ts";

/**
 * Sidecars over plain HTTP, a connection a call: addresses are reused, and a kept connection would be silent for long
 * where its Pod has gone. Redirects are replies, nothing is decompressed, proxy variables are ignored.
 */
export function createDirectTransport({ maxSockets = 256 }: DirectTransportOptions = {}): DirectTransport {
  const slots = createSlots(maxSockets);
  return {
    async request({ host, port }, { method, path, headers: given, body }, { maxBytes, truncate = false, ...limits }) {
      const what = (): string => `${method} http://${host}:${port}${path.split("?")[0]}`;
      const leash = new Leash(limits, what);
      const slot = slots.enter();
      let connection: Connection | null = null;
      try {
        await leash.race(slot.entered);
        if (leash.error !== null) throw leash.error;
        const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
        const headers = { ...given, "accept-encoding": "identity", connection: "close" };
        const text = requestText({ method, authority, path, headers, body }, what);
        connection = new Connection(connect({ host, port }));
        return await connection.exchange({ what, text, maxBytes, truncate }, leash);
      } finally {
        connection?.close();
        slot.leave();
        leash.release();
      }
    },
  };
}
