/** A TCP proxy in front of the API server that a test can stall and cut. */
import { connect, createServer, type Socket } from "node:net";

/** A wire to the API server that can go dead without a word. */
export interface TcpProxy {
  readonly origin: string;
  /** Connections so far stay open and carry nothing any more; new ones are not touched. */
  readonly stall: () => void;
  /** Connections accepted so far. */
  readonly accepted: () => number;
  readonly stop: () => void;
}

/** Opens one in front of `server`, an `https://host:port`. */
export async function tcpProxy(server: string): Promise<TcpProxy> {
  const to = new URL(server);
  const open = new Set<() => void>();
  const sockets = new Set<Socket>();
  let accepted = 0;
  const listener = createServer((near) => {
    accepted += 1;
    const far = connect(Number(to.port), to.hostname);
    let isDead = false;
    const carry = (from: Socket, into: Socket): void => {
      from.on("data", (bytes) => void (isDead || into.write(bytes)));
      from.on("close", () => void (isDead || into.destroy()));
      from.on("error", () => void (isDead || into.destroy()));
    };
    carry(near, far);
    carry(far, near);
    open.add(() => (isDead = true));
    for (const socket of [near, far]) sockets.add(socket);
  });
  await new Promise<void>((resolve) => void listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    origin: `https://127.0.0.1:${port}`,
    stall: () => open.forEach((kill) => kill()),
    accepted: () => accepted,
    stop: () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
