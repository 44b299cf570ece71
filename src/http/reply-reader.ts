/**
 * One HTTP/1.1 reply, read to its last byte from the bytes of a connection. Strict: what is not plainly a reply is
 * none. Nothing is decompressed; trailers are read and dropped.
 */
import type { HttpResponse } from "../base/index.ts";
import { isHeadStart, parsedFields, parsedHead, type ReplyHead } from "./reply-head.ts";

/** What has come so far: a whole reply, why there is none, or null while more is to come. */
export type Reading = WholeReply | { readonly fault: ReplyFault } | null;

/** A reply, and whether the connection stands right behind it, where the next one may begin. */
export interface WholeReply {
  readonly reply: HttpResponse;
  readonly isReusable: boolean;
}

/** Why there is no reply, by the code that Node has for it. */
export type ReplyFault = "HPE_INVALID" | "HPE_HEADER_OVERFLOW" | "ECONNRESET" | "TOO_LARGE";

/** Limits of one reply. */
export interface ReplyLimits {
  readonly maxBytes: number;
  /** Cut a longer body at `maxBytes` instead of failing. */
  readonly truncate: boolean;
}

/** Of a head, and of trailers: what an API server or a sidecar sends there is a few hundred bytes. */
const MAX_HEAD_BYTES = 16 * 1024;
const MAX_CHUNK_LINE = 128;
const NOTHING = Buffer.alloc(0);

/** What is to be read next; `body` is the bytes of a chunk too. */
type Part = "head" | "body" | "chunkSize" | "chunkEnd" | "trailers";

/** Reads one reply; to be given each piece in order, and told of the end. */
export class ReplyReader {
  readonly #limits: ReplyLimits;
  #part: Part = "head";
  /** What came and was not taken. Bytes of a body are taken at once, so it stays small and is cheap to add to. */
  #unread: Buffer = NOTHING;
  #head: ReplyHead | null = null;
  /** Bytes of the body, or of this chunk, still to come; null = until the connection ends. */
  #left: number | null = null;
  #isChunked = false;
  #body: Uint8Array[] = [];
  #bytes = 0;

  constructor(limits: ReplyLimits) {
    this.#limits = limits;
  }

  push(piece: Buffer): Reading {
    this.#unread = this.#unread.length === 0 ? piece : Buffer.concat([this.#unread, piece]);
    for (;;) {
      const step = this.#step();
      if (step !== "next") return step;
    }
  }

  /** The connection has ended. */
  end(): Reading {
    return this.#part === "body" && this.#left === null ? this.#done("closed") : { fault: "ECONNRESET" };
  }

  #step(): Reading | "next" {
    switch (this.#part) {
      case "head":
        return this.#readHead();
      case "body":
        return this.#readBody();
      case "chunkSize":
        return this.#readChunkSize();
      case "chunkEnd":
        return this.#readChunkEnd();
      case "trailers":
        return this.#readTrailers();
    }
  }

  /** Reads one head, which may be that of an interim reply. */
  #readHead(): Reading | "next" {
    const end = this.#unread.indexOf("\r\n\r\n");
    if (!isHeadStart(this.#unread)) return { fault: "HPE_INVALID" };
    if ((end < 0 ? this.#unread.length : end) > MAX_HEAD_BYTES) return { fault: "HPE_HEADER_OVERFLOW" };
    if (end < 0) return null;
    const head = parsedHead(this.#unread.toString("latin1", 0, end));
    this.#unread = this.#unread.subarray(end + 4);
    if (head === null) return { fault: "HPE_INVALID" };
    const isInterim = head.status >= 100 && head.status < 200 && head.status !== 101;
    return isInterim ? "next" : this.#begin(head);
  }

  #begin(head: ReplyHead): Reading | "next" {
    const { "transfer-encoding": coding, "content-length": length } = head.headers;
    this.#head = head;
    this.#part = "body";
    if (head.status < 200 || head.status === 204 || head.status === 304) this.#left = 0;
    else if (coding !== undefined) {
      // Two ways to tell one length: whoever sends that cannot be read.
      if (coding.toLowerCase() !== "chunked" || length !== undefined) return { fault: "HPE_INVALID" };
      this.#isChunked = true;
      this.#part = "chunkSize";
    } else if (length !== undefined) {
      if (!/^\d{1,15}$/.test(length)) return { fault: "HPE_INVALID" };
      this.#left = Number(length);
      if (this.#left > this.#limits.maxBytes && !this.#limits.truncate) return { fault: "TOO_LARGE" };
    }
    return "next";
  }

  #readBody(): Reading | "next" {
    const piece = this.#left === null ? this.#unread : this.#unread.subarray(0, this.#left);
    this.#unread = this.#unread.subarray(piece.length);
    const room = this.#limits.maxBytes - this.#bytes;
    if (piece.length > room) {
      if (!this.#limits.truncate) return { fault: "TOO_LARGE" };
      this.#body.push(piece.subarray(0, room));
      return this.#done("cut");
    }
    this.#bytes += piece.length;
    if (piece.length > 0) this.#body.push(piece);
    if (this.#left === null) return null;
    this.#left -= piece.length;
    if (this.#left > 0) return null;
    if (!this.#isChunked) return this.#done("exact");
    this.#part = "chunkEnd";
    return "next";
  }

  /** `SIZE CRLF`, bytes and `CRLF` follow; a size of 0 is the last. */
  #readChunkSize(): Reading | "next" {
    const end = this.#unread.indexOf("\r\n");
    if (end > MAX_CHUNK_LINE || (end < 0 && this.#unread.length > MAX_CHUNK_LINE)) return { fault: "HPE_INVALID" };
    if (end < 0) return null;
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i.exec(this.#unread.toString("latin1", 0, end))?.[1];
    if (size === undefined) return { fault: "HPE_INVALID" };
    this.#left = Number.parseInt(size, 16);
    if (this.#left > this.#limits.maxBytes - this.#bytes && !this.#limits.truncate) return { fault: "TOO_LARGE" };
    // The line break before the trailers stays, so that an empty line ends them, also where there are none.
    this.#unread = this.#unread.subarray(this.#left === 0 ? end : end + 2);
    this.#part = this.#left === 0 ? "trailers" : "body";
    return "next";
  }

  #readChunkEnd(): Reading | "next" {
    if (!"\r\n".startsWith(this.#unread.toString("latin1", 0, 2))) return { fault: "HPE_INVALID" };
    if (this.#unread.length < 2) return null;
    this.#unread = this.#unread.subarray(2);
    this.#part = "chunkSize";
    return "next";
  }

  /** Header lines, mostly none, up to an empty one: only behind it may another reply begin. */
  #readTrailers(): Reading {
    const end = this.#unread.indexOf("\r\n\r\n");
    if ((end < 0 ? this.#unread.length : end) > MAX_HEAD_BYTES) return { fault: "HPE_HEADER_OVERFLOW" };
    if (end < 0) return null;
    const lines = end === 0 ? "" : this.#unread.toString("latin1", 2, end);
    if (parsedFields(lines) === null) return { fault: "HPE_INVALID" };
    this.#unread = this.#unread.subarray(end + 4);
    return this.#done("exact");
  }

  #done(ending: "exact" | "cut" | "closed"): WholeReply {
    const [first] = this.#body;
    const body = this.#body.length === 1 && first !== undefined ? first : Buffer.concat(this.#body);
    const { status = 0, headers = {}, isKept = false } = this.#head ?? {};
    const isReusable = isKept && ending === "exact" && this.#unread.length === 0;
    return { reply: { status, headers, body }, isReusable };
  }
}
