/** One client of a port of ours: its requests, one after the other, and the replies to them. */
import type { Socket } from "bun";
import type { Turns } from "./turns.ts";
import { MAX_HEAD_BYTES, readRequestHead, type RequestHead } from "./request-head.ts";

/** Answers a request. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** What a connection needs of its listener. */
export interface ConnectionPorts {
  readonly answer: Answer;
  readonly turns: Turns;
  readonly now: () => number;
}

/** A client that takes a reply slower than this is closed when room is needed. */
const SLOW_MS = 1000;

/** A connection's state. Its socket is Bun's, its time the listener's to look at (`ageMs`). */
export class ServedConnection {
  readonly #socket: Socket<unknown>;
  readonly #ports: ConnectionPorts;
  #received = "";
  #answering = false;
  #closed = false;
  /** When it came, asked, or had its last reply. */
  #since: number;
  #drained: (() => void) | null = null;

  constructor(socket: Socket<unknown>, ports: ConnectionPorts) {
    this.#socket = socket;
    this.#ports = ports;
    this.#since = ports.now();
  }

  /** How long it has taken for the question it is at, or for the reply. */
  ageMs(now: number): number {
    return now - this.#since;
  }

  /** Whether it may be closed: only an idle or slow client would notice. */
  isSpare(now: number): boolean {
    return !this.#answering || this.ageMs(now) >= SLOW_MS;
  }

  received(bytes: Buffer): void {
    // While a reply is under way, no more input is kept than one head may be long.
    const room = MAX_HEAD_BYTES + 1 - this.#received.length;
    this.#received += bytes.toString("latin1", 0, Math.max(0, room));
    this.#next();
  }

  drained(): void {
    this.#drained?.();
  }

  /** The socket is closed, or is to be. */
  close(): void {
    this.#closed = true;
    this.#drained?.();
    this.#socket.terminate();
  }

  #next(): void {
    if (this.#answering || this.#closed) return;
    const read = readRequestHead(this.#received);
    if (read === "unfinished") return;
    this.#answering = true;
    this.#since = this.#ports.now();
    if (typeof read !== "string") this.#received = this.#received.slice(read.end);
    this.#ports.turns.add(() => void this.#serve(read === "tooLarge" || read === "broken" ? read : read.head));
  }

  async #serve(asked: RequestHead | "tooLarge" | "broken"): Promise<void> {
    if (this.#closed) return;
    const { reply, isKept } = await this.#replyTo(asked);
    await this.#send(reply, isKept, typeof asked === "string" || asked.method !== "HEAD");
    if (this.#closed) return;
    if (!isKept) {
      this.#closed = true;
      this.#socket.end();
      return;
    }
    this.#answering = false;
    this.#since = this.#ports.now();
    this.#next();
  }

  async #replyTo(
    asked: RequestHead | "tooLarge" | "broken",
  ): Promise<{ readonly reply: Response; readonly isKept: boolean }> {
    if (asked === "tooLarge") return { reply: new Response("head too large\n", { status: 431 }), isKept: false };
    if (asked === "broken") return { reply: new Response("bad request\n", { status: 400 }), isKept: false };
    const { method, target, headers, hasBody, isKept } = asked;
    if (hasBody) return { reply: new Response("no bodies\n", { status: 413 }), isKept: false };
    try {
      const request = new Request(`http://localhost${target}`, { method, headers });
      return { reply: await this.#ports.answer(request), isKept };
    } catch {
      return { reply: new Response("failed\n", { status: 500 }), isKept: false };
    }
  }

  async #send(reply: Response, isKept: boolean, withBody: boolean): Promise<void> {
    const told = reply.headers.get("content-length");
    // A body whose length is told is shared by many and passed on bit by bit.
    const whole = told === null ? Buffer.from(await reply.arrayBuffer()) : null;
    const length = told ?? String(whole?.length ?? 0);
    let head = `HTTP/1.1 ${reply.status} ${REASONS.get(reply.status) ?? "Status"}\r\n`;
    for (const [name, value] of reply.headers) if (name !== "content-length") head += `${name}: ${value}\r\n`;
    head += `content-length: ${length}\r\nconnection: ${isKept ? "keep-alive" : "close"}\r\n\r\n`;
    await this.#write(Buffer.from(head, "latin1"));
    if (!withBody) return;
    if (whole !== null) return this.#write(whole);
    for await (const chunk of reply.body ?? []) {
      if (this.#closed) return;
      await this.#write(chunk);
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#closed;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drained = resolve;
      const from = at;
      const written = this.#ports.turns.charged(() => this.#socket.write(bytes, from, bytes.length - from));
      if (written < 0) return this.close();
      at += written;
      if (at < bytes.length) await promise;
    }
    this.#drained = null;
  }
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [200, "OK"],
  [400, "Bad Request"],
  [404, "Not Found"],
  [413, "Payload Too Large"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [503, "Service Unavailable"],
]);
