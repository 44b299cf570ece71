/**
 * A TCP or TLS connection that carries HTTP exchanges, one at a time. `node:http` and `node:https` do the same at about
 * three times the CPU (docs/design/0011-write-lanes.md).
 */
import type { Socket } from "node:net";
import { callError, type HttpResponse, type Permit, TransportError } from "../base/index.ts";
import type { CallDeadline } from "./call-deadline.ts";
import { type Reading, type ReplyFault, type ReplyLimits, ReplyReader } from "./reply-reader.ts";
import { errorOfCode, transportFault } from "./transport-fault.ts";

/** One exchange to be made. */
export interface Exchange extends ReplyLimits {
  /** Names the call in errors. */
  readonly what: () => string;
  /** The request as it is sent (`requestText`). */
  readonly text: string;
  readonly permit?: Permit | undefined;
}

interface Current {
  readonly call: Exchange;
  readonly reader: ReplyReader;
  /** Something of a reply has come. */
  hasBytes: boolean;
  readonly resolve: (reply: HttpResponse) => void;
  readonly reject: (error: TransportError) => void;
}

/** Takes a socket over, also one that is still connecting. Whoever made it closes it, or drops it once not `isOpen`. */
export class HttpConnection {
  /** Another exchange may be made. False from the first sign that one could not. */
  isOpen = true;
  /** The last exchange failed as they do on a kept connection that the server had closed: without a byte of a reply. */
  isStale = false;
  readonly #socket: Socket;
  #served = 0;
  #current: Current | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    // For good: an error without a listener would be a crash.
    socket.on("data", (piece: Buffer) => this.#take(piece));
    socket.on("end", () => this.#ended());
    socket.on("close", () => this.#ended());
    socket.on("error", (cause) => this.broke(cause));
  }

  /**
   * Makes the exchange under a deadline that somebody else releases; when it is over the connection closes. Rejects with
   * `TransportError` alone. The connection stays open where the reply allows it, and then keeps no process alive.
   */
  exchange(call: Exchange, deadline: CallDeadline): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const current = { call, reader: new ReplyReader(call), hasBytes: false, resolve, reject };
      this.#current = current;
      if (this.#served > 0) this.#socket.ref();
      deadline.whenOver((error) => {
        // The deadline may know us for a while after our part of the call.
        if (this.#current === current) this.#fail(error);
      });
      if (this.#current !== current) return;
      const send = (): void => {
        if (this.#current !== current) return;
        const why = call.permit?.() ?? null;
        if (why === null) this.#socket.write(call.text);
        else this.#fail(new TransportError("WITHHELD", why));
      };
      // A write before that would be an error of its own, with a stack, where the connection is refused.
      if (this.#socket.connecting) this.#socket.once("connect", send);
      else send();
    });
  }

  close(): void {
    this.isOpen = false;
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    // Nobody asked: whose reply that is cannot be known.
    if (this.#current === null) return this.close();
    this.#current.hasBytes = true;
    this.#settle(this.#current, this.#current.reader.push(piece));
  }

  #ended(): void {
    if (this.#current === null) return this.close();
    const reading = this.#current.reader.end();
    this.close();
    if (reading !== null && "fault" in reading) this.broke(errorOfCode(reading.fault));
    else this.#settle(this.#current, reading);
  }

  #settle(current: Current, reading: Reading): void {
    if (reading === null) return;
    if ("fault" in reading) return this.#fail(readingFault(current.call, reading.fault));
    this.#current = null;
    this.#served += 1;
    // A request that is still on its way out would come in front of the next one.
    if (reading.isReusable && this.isOpen && this.#socket.writableLength === 0) this.#socket.unref();
    else this.close();
    current.resolve(reading.reply);
  }

  /** Whoever makes the socket may know first that it cannot be connected. */
  broke(cause: unknown): void {
    if (this.#current === null) return this.close();
    const error = transportFault(cause, this.#current.call.what());
    this.isStale = this.#served > 0 && !this.#current.hasBytes && error.code === "UNREACHABLE";
    this.#fail(error);
  }

  #fail(error: TransportError): void {
    const current = this.#current;
    this.#current = null;
    // Also one that is still being made: a connection that missed a deadline must not serve another call.
    this.close();
    current?.reject(error);
  }
}

function readingFault({ what, maxBytes }: Exchange, code: ReplyFault): TransportError {
  if (code !== "TOO_LARGE") return transportFault(errorOfCode(code), what());
  return callError("TOO_LARGE", what(), { clause: `got a reply of more than ${maxBytes} bytes, want a smaller one` });
}
