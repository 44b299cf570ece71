/** Listening sockets: the apps answer, this opens the port they answer on. */
import { type Answer, ServedConnection } from "./served-connection.ts";
import { createTurns } from "./turns.ts";

/** An open port. */
export interface Listener {
  readonly port: number;
  /** Closes the port and what is still connected. */
  stop(): Promise<void>;
}

/** What to serve and where. `host` null = every interface, IPv4 and IPv6. */
export interface ListenOptions {
  /** Who listens, for the error: `metrics`, `health`. */
  readonly name: string;
  readonly address: { readonly host: string | null; readonly port: number };
  readonly fetch: Answer;
  /** For a question, and for a reply to be taken; 10 s when absent. */
  readonly limitMs?: number;
}

/** The port could not be had. The message is one line for the user. */
export class ListenError extends Error {
  readonly code = "LISTEN_FAILED";
}

/** Connections at once. Beyond them an idle one is closed, so that a crowd of idle ones keeps no prober out. */
const MAX_CONNECTIONS = 64;
/** No byte begins it anew. */
const LIMIT_MS = 10_000;
const SWEEP_MS = 500;

/**
 * Opens a port. Throws `ListenError`. Bodies are refused (413); who does not ask, or does not take the reply, within
 * 10 s is let go.
 *
 * Bun's own server is not used: it knows no bound on connections, and with a crowd that opens new ones all the time it
 * comes to no timers for seconds (tried, 1.4.5: 5.6 s with 12 clients). Here each request waits for a turn behind them.
 */
export function listen({ name, address, fetch, limitMs = LIMIT_MS }: ListenOptions): Listener {
  const { host, port } = address;
  const served = new Set<ServedConnection>();
  const ports = { answer: fetch, turns: createTurns(), now: () => performance.now() };
  const server = openFirst(host === null ? ["::", "0.0.0.0"] : [host], (hostname) =>
    Bun.listen<ServedConnection | null>({
      hostname,
      port,
      exclusive: true,
      socket: {
        open(socket) {
          socket.data = new ServedConnection(socket, ports);
          served.add(socket.data);
          if (served.size > MAX_CONNECTIONS) letGo(spareOf(served, ports.now()) ?? socket.data);
        },
        data: (socket, bytes) => socket.data?.received(bytes),
        drain: (socket) => socket.data?.drained(),
        close: (socket) => void (socket.data && letGo(socket.data)),
        error: (socket) => void (socket.data && letGo(socket.data)),
      },
    }),
  );
  if (server instanceof Error) {
    const shown = `${host?.includes(":") === true ? `[${host}]` : (host ?? "")}:${port}`;
    throw new ListenError(`${name}: cannot listen on ${shown}: ${reasonOf(server)}`, { cause: server });
  }
  const sweep = setInterval(
    () => {
      for (const one of served) if (one.ageMs(ports.now()) >= limitMs) letGo(one);
    },
    Math.min(SWEEP_MS, limitMs),
  );
  return {
    port: server.port,
    async stop() {
      clearInterval(sweep);
      server.stop(true);
      for (const one of served) letGo(one);
    },
  };

  function letGo(one: ServedConnection): void {
    served.delete(one);
    one.close();
  }
}

/** The oldest of the connections that ask for nothing or are slow to take the reply. */
function spareOf(served: Iterable<ServedConnection>, now: number): ServedConnection | null {
  for (const one of served) if (one.isSpare(now)) return one;
  return null;
}

type Server = Bun.TCPSocketListener<ServedConnection | null>;

/** `::` takes both families, but not where IPv6 is switched off. */
function openFirst(hosts: readonly string[], open: (host: string) => Server): Server | Error {
  let failure = new Error("no address");
  for (const host of hosts) {
    try {
      return open(host);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      if (codeOf(failure) === "EADDRINUSE" || codeOf(failure) === "EACCES") return failure;
    }
  }
  return failure;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

function reasonOf(error: Error): string {
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return "address in use";
    case "EACCES":
      return "permission denied";
    case "EADDRNOTAVAIL":
      return "no such address on this machine";
    default:
      return codeOf(error) || "the address cannot be used";
  }
}
