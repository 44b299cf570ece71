/** The transport to sidecars by the addresses of their Pods. */
import { isIP, Socket } from "node:net";
import type { DirectTransport } from "../base/index.ts";
import { HttpConnection } from "./http-connection.ts";
import { CallDeadline } from "./call-deadline.ts";
import { requestText } from "./request-text.ts";
import { createSlots } from "./slots.ts";
import type { DirectTransportOptions } from "./options.ts";

/**
 * Sidecars over plain HTTP, a connection a call: addresses are reused, and a kept connection would be silent for long
 * where its Pod has gone. Redirects are replies, nothing is decompressed, proxy variables are ignored.
 */
export function createDirectTransport({ maxSockets = 256 }: DirectTransportOptions = {}): DirectTransport {
  const slots = createSlots(maxSockets);
  return {
    async request(
      { host, port },
      { method, path, headers: given, body },
      { maxBytes, truncate = false, permit, ...limits },
    ) {
      const what = (): string => `${method} http://${host}:${port}${path.split("?")[0]}`;
      const deadline = new CallDeadline(limits, what);
      const slot = slots.enter();
      let connection: HttpConnection | null = null;
      try {
        if (slot.entered !== null) await deadline.race(slot.entered);
        if (deadline.error !== null) throw deadline.error;
        const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
        const headers = { ...given, "accept-encoding": "identity", connection: "close" };
        const text = requestText({ method, authority, path, headers, body }, what);
        connection = connected(host, port);
        return await connection.exchange({ what, text, maxBytes, truncate, permit }, deadline);
      } finally {
        connection?.close();
        slot.leave();
        deadline.release();
      }
    },
  };
}

function connected(host: string, port: number): HttpConnection {
  const socket = new Socket();
  const connection = new HttpConnection(socket);
  // An address gets one attempt, and most attempts fail while Pods come up: heard here, closing the socket keeps it
  // from carrying the error through its streams. A name may have another address to try.
  if (isIP(host) !== 0) socket.on("connectionAttemptFailed", (_host, _port, _family, cause) => connection.broke(cause));
  socket.connect({ host, port });
  return connection;
}
