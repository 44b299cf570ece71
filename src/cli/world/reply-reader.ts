/**
 * One HTTP/1.1 reply, read from the bytes of a connection that serves no other. Strict: what is not plainly a reply is
 * none. Nothing is decompressed; trailers are not read.
 */
import type { HttpResponse } from "../../kube/transport.ts";

/** What has come so far: a whole reply, why there is none, or null while more is to come. */
export type Reading = { readonly reply: HttpResponse } | { readonly fault: ReplyFault } | null;

/** Why there is no reply, by the code that Node has for it. */
export type ReplyFault = "HPE_INVALID" | "HPE_HEADER_OVERFLOW" | "ECONNRESET" | "TOO_LARGE";

/** Limits of one reply. */
export interface ReplyLimits {
  readonly maxBytes: number;
  /** Cut a longer body at `maxBytes` instead of failing. */
  readonly truncate: boolean;
}

/** What a sidecar sends is a few hundred bytes. */
const MAX_HEAD_BYTES = 16 * 1024;
const MAX_CHUNK_LINE = 128;

interface Head {
  readonly status: number;
  readonly headers: Record<string, string>;
}

/** Reads one reply; to be given each piece in order, and told of the end. */
export class ReplyReader {
  readonly #limits: ReplyLimits;
  #pending: Buffer = Buffer.alloc(0);
  #head: Head | null = null;
  /** Bytes of body still to come; null = until the connection ends. */
  #left: number | null = null;
  #isChunked = false;
  #body: Uint8Array[] = [];
  #bytes = 0;

  constructor(limits: ReplyLimits) {
    this.#limits = limits;
  }

  push(piece: Buffer): Reading {
    if (this.#head !== null && !this.#isChunked) return this.#take(piece);
    this.#pending = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    if (this.#head === null) {
      const reading = this.#readHead();
      if (this.#head === null || reading !== null) return reading;
      const rest = this.#pending;
      if (!this.#isChunked) return rest.length > 0 || this.#left === 0 ? this.#take(rest) : null;
    }
    return this.#readChunks();
  }

  /** The connection has ended. */
  end(): Reading {
    const isWhole = this.#head !== null && !this.#isChunked && this.#left === null;
    return isWhole ? this.#done() : { fault: "ECONNRESET" };
  }

  /** Reads heads until a final one is whole. */
  #readHead(): Reading {
    for (;;) {
      const end = this.#pending.indexOf("\r\n\r\n");
      const size = end < 0 ? this.#pending.length : end;
      if (!isStart(this.#pending)) return { fault: "HPE_INVALID" };
      if (size > MAX_HEAD_BYTES) return { fault: "HPE_HEADER_OVERFLOW" };
      if (end < 0) return null;
      const head = parsedHead(this.#pending.toString("latin1", 0, end));
      this.#pending = this.#pending.subarray(end + 4);
      if (head === null) return { fault: "HPE_INVALID" };
      const isInterim = head.status >= 100 && head.status < 200 && head.status !== 101;
      if (!isInterim) return this.#begin(head);
    }
  }

  #begin(head: Head): Reading {
    const { "transfer-encoding": coding, "content-length": length } = head.headers;
    this.#head = head;
    if (head.status < 200 || head.status === 204 || head.status === 304) this.#left = 0;
    else if (coding !== undefined) {
      // Two ways to tell one length: whoever sends that cannot be read.
      if (coding.toLowerCase() !== "chunked" || length !== undefined) return { fault: "HPE_INVALID" };
      this.#isChunked = true;
    } else if (length !== undefined) {
      if (!/^\d{1,15}$/.test(length)) return { fault: "HPE_INVALID" };
      this.#left = Number(length);
      if (this.#left > this.#limits.maxBytes && !this.#limits.truncate) return { fault: "TOO_LARGE" };
    }
    return null;
  }

  /** Takes bytes of the body. */
  #take(piece: Uint8Array): Reading {
    const ours = this.#left === null ? piece : piece.subarray(0, this.#left);
    if (this.#left !== null) this.#left -= ours.length;
    const reading = this.#keep(ours);
    return reading === null && this.#left === 0 ? this.#done() : reading;
  }

  #keep(piece: Uint8Array): Reading {
    const room = this.#limits.maxBytes - this.#bytes;
    this.#bytes += piece.length;
    if (piece.length <= room) {
      if (piece.length > 0) this.#body.push(piece);
      return null;
    }
    if (!this.#limits.truncate) return { fault: "TOO_LARGE" };
    this.#body.push(piece.subarray(0, room));
    return this.#done();
  }

  /** `SIZE CRLF bytes CRLF`, as often as it comes; a size of 0 is the end. */
  #readChunks(): Reading {
    for (;;) {
      const end = this.#pending.indexOf("\r\n");
      if (end > MAX_CHUNK_LINE || (end < 0 && this.#pending.length > MAX_CHUNK_LINE)) return { fault: "HPE_INVALID" };
      if (end < 0) return null;
      const size = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i.exec(this.#pending.toString("latin1", 0, end))?.[1];
      if (size === undefined) return { fault: "HPE_INVALID" };
      const bytes = Number.parseInt(size, 16);
      if (bytes === 0) return this.#done();
      if (bytes > this.#limits.maxBytes - this.#bytes && !this.#limits.truncate) return { fault: "TOO_LARGE" };
      const from = end + 2;
      // Without waiting for the rest of a chunk that is to be cut anyway.
      const enough = Math.min(bytes, this.#limits.maxBytes - this.#bytes + 1);
      if (this.#pending.length < from + (enough < bytes ? enough : bytes + 2)) return null;
      const reading = this.#keep(this.#pending.subarray(from, from + bytes));
      if (reading !== null) return reading;
      if (this.#pending.toString("latin1", from + bytes, from + bytes + 2) !== "\r\n") return { fault: "HPE_INVALID" };
      this.#pending = this.#pending.subarray(from + bytes + 2);
    }
  }

  #done(): Reading {
    const [first] = this.#body;
    const body = this.#body.length === 1 && first !== undefined ? first : Buffer.concat(this.#body);
    return { reply: { status: this.#head?.status ?? 0, headers: this.#head?.headers ?? {}, body } };
  }
}

const START = "HTTP/1.";

function isStart(bytes: Buffer): boolean {
  const begin = bytes.toString("latin1", 0, START.length);
  return START.startsWith(begin);
}

function parsedHead(text: string): Head | null {
  const [line = "", ...fields] = text.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(line)?.[1];
  if (status === undefined) return null;
  const headers: Record<string, string> = Object.create(null);
  for (const field of fields) {
    const parts = /^([!#$%&'*+.^_`|~0-9a-zA-Z-]+):[ \t]*(.*?)[ \t]*$/.exec(field);
    if (parts === null) return null;
    const [, name = "", value = ""] = parts;
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return { status: Number(status), headers };
}
