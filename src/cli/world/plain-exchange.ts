/**
 * One request over a connection of its own, without TLS, and its whole reply. `node:http` does the same at three times
 * the CPU and garbage (docs/design/0011-write-lanes.md), and probes are most of what a quiet fleet costs.
 */
import { isIP, Socket } from "node:net";
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

// oxlint-disable-next-line eslint/no-control-regex -- the very characters that may not be there
const UNWRITABLE = /[^\x20-\x7e]/;

/** Makes the exchange on a leash that somebody else releases. Rejects with `TransportError` alone. */
export function plainExchange(call: PlainExchange, leash: Leash): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    if (leash.error !== null) return reject(leash.error);
    const request = requestText(call);
    if (request === null) return reject(broken(call, "ERR_INVALID_CHAR"));
    const reader = new ReplyReader(call);
    const socket = new Socket();
    let isOver = false;
    const over = (reading: Reading): void => {
      if (reading === null) return;
      isOver = true;
      // Destroying it closes the connection, also one that is still being made.
      socket.destroy();
      if ("reply" in reading) resolve(reading.reply);
      else reject(reading.fault === "TOO_LARGE" ? tooLarge(call) : broken(call, reading.fault));
    };
    const failed = (cause: unknown): void => {
      isOver = true;
      socket.destroy();
      reject(transportFault(cause, call.what()));
    };
    const ended = (): void => (isOver ? undefined : over(reader.end()));
    // A write before that would be an error of its own, with a stack, where the connection is refused.
    socket.on("connect", () => socket.write(request));
    socket.on("data", (piece: Buffer) => (isOver ? undefined : over(reader.push(piece))));
    socket.on("end", ended);
    // An address gets one attempt, and most attempts fail while Pods come up: heard here, destroying the socket keeps it
    // from carrying the error through its streams. A name may have another address to try.
    if (isIP(call.host) !== 0) socket.on("connectionAttemptFailed", (_host, _port, _family, cause) => failed(cause));
    socket.on("error", failed);
    socket.on("close", ended);
    leash.hold((error) => {
      isOver = true;
      socket.destroy();
      reject(error);
    });
    socket.connect({ host: call.host, port: call.port });
  });
}

/** Null when something in it would end a line of its own. */
function requestText({ method, host, port, path, headers, body }: PlainExchange): string | null {
  const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${authority}\r\n`;
  // The same without ends of lines, so that one look finds all that may not be there.
  let written = method + path + authority;
  for (const name in headers) {
    const value = headers[name] ?? "";
    head += `${name}: ${value}\r\n`;
    written += name + value;
  }
  return UNWRITABLE.test(written) ? null : `${head}\r\n${body ?? ""}`;
}

function broken({ what }: PlainExchange, code: string): TransportError {
  return transportFault(Object.assign(new Error("no reply"), { code }), what());
}

function tooLarge({ what, maxBytes }: PlainExchange): TransportError {
  return new TransportError("TOO_LARGE", `${what()}: got more than ${maxBytes} bytes, want at most that`);
}
