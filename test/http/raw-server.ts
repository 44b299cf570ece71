/** A TCP server that answers with given bytes. */
import { createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP server on 127.0.0.1 that answers requests byte by byte as a script says. */
export interface RawServer extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  /** Heads of the requests that came, in order. */
  readonly heads: readonly string[];
  /** Connections made so far, and those still open. */
  connections(): { readonly made: number; readonly open: number };
  /** Resolves when no connection is open. */
  idle(): Promise<void>;
}

/** Calls `answer` for each piece that arrives; requests of the tests fit in one. */
export async function rawServer(answer: (socket: Socket, head: string, count: number) => void): Promise<RawServer> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  let made = 0;
  let wake = (): void => {};
  const server = createServer((socket) => {
    made += 1;
    let count = 0;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0) wake();
    });
    socket.on("data", (data) => {
      count += 1;
      heads.push(data.toString("latin1"));
      answer(socket, data.toString("latin1"), count);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    heads,
    connections: () => ({ made, open: sockets.size }),
    async idle() {
      if (sockets.size === 0) return;
      await new Promise<void>((resolve) => (wake = resolve));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A whole reply as text. */
export function reply(status: number, body: string, headers: readonly string[] = []): string {
  return [`HTTP/1.1 ${status} X`, `Content-Length: ${Buffer.byteLength(body)}`, ...headers, "", body].join("\r\n");
}
