/** One request on the wire and its whole reply, over `node:http` or `node:https`. Nothing is followed or repeated. */
import type { ClientRequest, IncomingMessage } from "node:http";
import { type HttpResponse, TransportError } from "../../kube/transport.ts";
import type { Leash } from "./leash.ts";
import { transportFault } from "./transport-fault.ts";

/** One exchange to be made. */
export interface Exchange {
  /** Names the call in errors. */
  readonly what: () => string;
  /** Makes the request, unsent; `onReply` gets its head. */
  readonly open: (onReply: (incoming: IncomingMessage) => void) => ClientRequest;
  readonly body: string | undefined;
  readonly maxBytes: number;
  /** Cut a longer body at `maxBytes` instead of failing. */
  readonly truncate: boolean;
}

/** `stale`: a kept connection turned out to be closed before a byte of a reply, so perhaps nothing was done. */
export type Exchanged =
  | { readonly kind: "reply"; readonly reply: HttpResponse }
  | { readonly kind: "stale"; readonly fault: TransportError };

/** Makes the exchange on a leash that somebody else releases. Rejects with `TransportError` alone. */
export function exchange(call: Exchange, leash: Leash): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    if (leash.error !== null) return reject(leash.error);
    let request: ClientRequest | null = null;
    let replied = false;
    // Destroying the request closes its socket: one that missed a deadline must not serve another call.
    const fail = (error: TransportError): void => {
      request?.destroy();
      reject(error);
    };
    const done = (incoming: IncomingMessage, body: Uint8Array): void =>
      resolve({ kind: "reply", reply: { status: incoming.statusCode ?? 0, headers: headersOf(incoming), body } });
    try {
      request = call.open((incoming) => {
        replied = true;
        collect(incoming, call, { done, fail });
      });
      const sent = request;
      sent.on("error", (cause) => {
        const fault = transportFault(cause, call.what());
        if (sent.reusedSocket && !replied && fault.code === "UNREACHABLE") resolve({ kind: "stale", fault });
        else reject(fault);
      });
      leash.hold(fail);
      sent.end(call.body);
    } catch (cause) {
      // A header or path that cannot be written, such as a token with a line break in it.
      fail(transportFault(cause, call.what()));
    }
  });
}

interface Ends {
  readonly done: (incoming: IncomingMessage, body: Uint8Array) => void;
  readonly fail: (error: TransportError) => void;
}

function collect(incoming: IncomingMessage, call: Exchange, { done, fail }: Ends): void {
  const tooLarge = (): void =>
    fail(new TransportError("TOO_LARGE", `${call.what()}: got more than ${call.maxBytes} bytes, want at most that`));
  const broken = (cause: unknown): void => fail(transportFault(cause, call.what()));
  incoming.on("error", broken);
  if (!call.truncate && Number(incoming.headers["content-length"]) > call.maxBytes) return tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let isWhole = false;
  incoming.on("data", (chunk: Uint8Array) => {
    const room = call.maxBytes - bytes;
    bytes += chunk.length;
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    if (chunk.length <= room) return;
    if (!call.truncate) return tooLarge();
    done(incoming, joined(chunks));
    incoming.destroy();
  });
  incoming.on("end", () => {
    isWhole = true;
    done(incoming, joined(chunks));
  });
  incoming.on("close", () => {
    // An error is dear to make, and every reply is closed at last.
    if (!isWhole) broken(Object.assign(new Error("closed early"), { code: "ECONNRESET" }));
  });
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}

/** Headers as one text each. */
export function headersOf(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}
