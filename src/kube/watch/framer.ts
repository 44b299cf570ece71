/** What a chunk of bytes completed: whole lines without their line feeds, and why no more can follow, if so. */
export interface Framed {
  readonly lines: readonly string[];
  readonly broken: string | null;
}

/** The longest line of a watch that is read: etcd's own limit on an object is 1.5 MiB, aggregated servers go higher. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * Cuts a stream of bytes into lines. A line is decoded only when its line feed has come, so neither a cut in the
 * middle of a character nor a truncated last line is ever read as data. After `broken` it takes nothing more.
 */
export class Framer {
  readonly #maxBytes: number;
  /** Pieces of the line that is still arriving; joined once, so that a long line costs no more than its length. */
  #pieces: Uint8Array[] = [];
  #held = 0;
  #broken: string | null = null;
  /** Strict: bytes that are no UTF-8 break the stream instead of turning into question marks. */
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor({ maxBytes = MAX_LINE_BYTES }: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a line that has not ended; more than 0 at the end of a stream means that it was cut. */
  get held(): number {
    return this.#held;
  }

  push(chunk: Uint8Array): Framed {
    const lines: string[] = [];
    let from = 0;
    while (this.#broken === null) {
      const end = chunk.indexOf(LINE_FEED, from);
      this.#hold(chunk.subarray(from, end < 0 ? chunk.length : end));
      if (end < 0) break;
      const line = this.#broken === null ? this.#take() : null;
      if (line !== null && line.trim() !== "") lines.push(line);
      from = end + 1;
    }
    return { lines, broken: this.#broken };
  }

  #hold(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#held += piece.length;
    if (this.#held > this.#maxBytes) {
      this.#broken = `a line of more than ${this.#maxBytes} bytes`;
      this.#pieces = [];
    } else this.#pieces.push(piece);
  }

  #take(): string | null {
    const [first] = this.#pieces;
    const bytes = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#held = 0;
    try {
      return this.#decoder.decode(bytes);
    } catch {
      this.#broken = "bytes that are not UTF-8";
      return null;
    }
  }
}
