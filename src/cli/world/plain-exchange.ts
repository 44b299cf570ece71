/**
 * One request over a connection of its own, without TLS, and its whole reply. `node:http` does the same at three times
 * the CPU and garbage (docs/design/0011-write-lanes.md), and probes are most of what a quiet fleet costs.
 */
import { connect } from "node:net";
import { type HttpResponse, TransportError } from "../../kube/transport.ts";
import type { Leash } from "./leash.ts";
import { type Reading, type ReplyLimits, ReplyReader } from "./reply-reader.ts";
import { transportFault } from "./transport-fault.ts";

/** One exchange to be made. */
export interface PlainExchange extends ReplyLimits {
  /** Names the call in errors. */
  readonly what: () => string;
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Makes the exchange on a leash that somebody else releases. Rejects with `TransportError` alone. */
export function plainExchange(call: PlainExchange, leash: Leash): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    if (leash.error !== null) return reject(leash.error);
    const request = requestText(call);
    if (request === null) return reject(broken(call, "ERR_INVALID_CHAR"));
    const reader = new ReplyReader(call);
    const socket = connect({ host: call.host, port: call.port });
    let isOver = false;
    const over = (reading: Reading): void => {
      if (reading === null) return;
      isOver = true;
      // Destroying it closes the connection, also one that is still being made.
      socket.destroy();
      if ("reply" in reading) resolve(reading.reply);
      else reject(reading.fault === "TOO_LARGE" ? tooLarge(call) : broken(call, reading.fault));
    };
    const ended = (): void => (isOver ? undefined : over(reader.end()));
    socket.on("data", (piece: Buffer) => (isOver ? undefined : over(reader.push(piece))));
    socket.on("end", ended);
    socket.on("error", (cause) => {
      isOver = true;
      socket.destroy();
      reject(transportFault(cause, call.what()));
    });
    socket.on("close", ended);
    leash.hold((error) => {
      isOver = true;
      socket.destroy();
      reject(error);
    });
    socket.write(request);
  });
}

/** Null when something in it would end a line of its own. */
function requestText({ method, host, port, path, headers, body }: PlainExchange): string | null {
  const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${authority}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  // oxlint-disable-next-line eslint/no-control-regex -- the very characters that may not be there
  return lines.some((line) => /[^\x20-\x7e]/.test(line)) ? null : `${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}

function broken({ what }: PlainExchange, code: string): TransportError {
  return transportFault(Object.assign(new Error("no reply"), { code }), what());
}

function tooLarge({ what, maxBytes }: PlainExchange): TransportError {
  return new TransportError("TOO_LARGE", `${what()}: got more than ${maxBytes} bytes, want at most that`);
}
