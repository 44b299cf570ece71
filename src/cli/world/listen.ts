/** Listening sockets: the apps answer, this opens the port they answer on. */

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
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** The port could not be had. The message is one line for the user. */
export class ListenError extends Error {
  readonly code = "LISTEN_FAILED";
}

/** Opens a port. Throws `ListenError`. Bodies are refused (413) and idle connections closed after 10 s. */
export function listen({ name, address, fetch }: ListenOptions): Listener {
  const { host, port } = address;
  const server = openFirst(host === null ? ["::", "0.0.0.0"] : [host], (hostname) =>
    // `development: false` alone turns port sharing on: two controllers would answer by turns.
    Bun.serve({
      hostname,
      port,
      fetch,
      idleTimeout: 10,
      maxRequestBodySize: 0,
      development: false,
      reusePort: false,
    }),
  );
  if (server instanceof Error) {
    const shown = `${host?.includes(":") === true ? `[${host}]` : (host ?? "")}:${port}`;
    throw new ListenError(`${name}: cannot listen on ${shown}: ${reasonOf(server)}`, { cause: server });
  }
  return { port: server.port ?? port, stop: () => server.stop(true) };
}

type Server = ReturnType<typeof Bun.serve>;

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
