/** Texts as UTF-8 in a few large pieces of memory, where the garbage collector neither looks nor leaves gaps. */

/** 64 KiB a piece; with 31 bits for an address that is room for 2 GiB. */
const PIECE_BITS = 16;
const PIECE_BYTES = 1 << PIECE_BITS;
const PIECE_MASK = PIECE_BYTES - 1;
const FIRST_ROWS = 64;
/** A row is an address and a length; the length of a free one is -1. */
const ROW = 2;

/** Holds texts under small numbers, which are given out again once their text was dropped. */
export class ByteArena {
  readonly #pieces: (Buffer | null)[] = [];
  /** Bytes of each piece that some row points at. */
  readonly #live: number[] = [];
  readonly #vacant: number[] = [];
  readonly #free: number[] = [];
  #rows = new Int32Array(FIRST_ROWS * ROW);
  #end = 0;
  /** A piece that became free: whatever is edited all the time needs the next one soon. */
  #spare: Buffer | null = null;
  /** The piece that is being filled, and how far. */
  #last = -1;
  #filled = PIECE_BYTES;

  /** Numbers are below this. */
  get end(): number {
    return this.#end;
  }

  /** What it takes, gaps included. */
  get bytes(): number {
    return this.#pieces.reduce((sum, piece) => sum + (piece?.length ?? 0), 0);
  }

  /** False for a number that stands for nothing now. */
  isHeld(id: number): boolean {
    return id < this.#end && this.#lengthOf(id) >= 0;
  }

  /** `id` must be held. */
  text(id: number): string {
    const [address, length] = [this.#addressOf(id), this.#lengthOf(id)];
    const from = address & PIECE_MASK;
    // Nothing is anywhere: its piece may be gone.
    return length > 0 ? this.#piece(address >>> PIECE_BITS).toString("utf8", from, from + length) : "";
  }

  /** Takes a well-formed text in. */
  add(text: string): number {
    const id = this.#free.pop() ?? this.#grown();
    this.#write(id, text);
    return id;
  }

  /** Puts another text in the place of the one that `id` holds. */
  set(id: number, text: string): void {
    this.#release(id);
    this.#write(id, text);
  }

  drop(id: number): void {
    this.#release(id);
    this.#rows[id * ROW + 1] = -1;
    this.#free.push(id);
  }

  #grown(): number {
    const id = this.#end;
    this.#end += 1;
    if (this.#end * ROW > this.#rows.length) {
      const rows = new Int32Array(Math.ceil(this.#end * 1.5) * ROW);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    return id;
  }

  #write(id: number, text: string): void {
    const bytes = Buffer.byteLength(text);
    const at = this.#room(bytes);
    this.#piece(at >>> PIECE_BITS).write(text, at & PIECE_MASK, bytes, "utf8");
    this.#point(id, at, bytes);
  }

  /** The address of so many free bytes. */
  #room(bytes: number): number {
    // What is larger than a piece gets one of its own.
    if (bytes > PIECE_BYTES) return this.#opened(bytes) << PIECE_BITS;
    if (this.#filled + bytes > PIECE_BYTES) this.#turnOver();
    const at = (this.#last << PIECE_BITS) | this.#filled;
    this.#filled += bytes;
    return at;
  }

  /** Begins another piece. The one before may have become mostly gaps while it was the last, and nothing else would look. */
  #turnOver(): void {
    const before = this.#last;
    this.#last = this.#opened(PIECE_BYTES);
    this.#filled = 0;
    if (before >= 0) this.#tidy(before);
  }

  #opened(bytes: number): number {
    const index = this.#vacant.pop() ?? this.#pieces.length;
    const spare = bytes === PIECE_BYTES ? this.#spare : null;
    if (spare !== null) this.#spare = null;
    this.#pieces[index] = spare ?? Buffer.allocUnsafeSlow(bytes);
    this.#live[index] = 0;
    return index;
  }

  #release(id: number): void {
    const piece = this.#addressOf(id) >>> PIECE_BITS;
    this.#live[piece] = (this.#live[piece] ?? 0) - this.#lengthOf(id);
    this.#rows[id * ROW + 1] = 0;
    // Nothing is left in the last one: it is filled from its beginning.
    if (piece === this.#last && this.#live[piece] === 0) this.#filled = 0;
    this.#tidy(piece);
  }

  /** A piece that is mostly gaps gives what is left in it to the one that is being filled. */
  #tidy(index: number): void {
    const live = this.#live[index] ?? PIECE_BYTES;
    const piece = this.#pieces[index] ?? null;
    if (piece === null || index === this.#last || live * 2 > piece.length) return;
    for (let id = 0; id < this.#end; id += 1) {
      const length = this.#lengthOf(id);
      const from = this.#addressOf(id);
      if (length <= 0 || from >>> PIECE_BITS !== index) continue;
      const at = this.#room(length);
      piece.copy(this.#piece(at >>> PIECE_BITS), at & PIECE_MASK, from & PIECE_MASK, (from & PIECE_MASK) + length);
      this.#point(id, at, length);
    }
    if (piece.length === PIECE_BYTES) this.#spare = piece;
    this.#pieces[index] = null;
    this.#live[index] = 0;
    this.#vacant.push(index);
  }

  #point(id: number, at: number, bytes: number): void {
    this.#rows[id * ROW] = at;
    this.#rows[id * ROW + 1] = bytes;
    const piece = at >>> PIECE_BITS;
    this.#live[piece] = (this.#live[piece] ?? 0) + bytes;
  }

  #addressOf(id: number): number {
    return this.#rows[id * ROW] ?? 0;
  }

  #lengthOf(id: number): number {
    return this.#rows[id * ROW + 1] ?? -1;
  }

  #piece(index: number): Buffer {
    const piece = this.#pieces[index] ?? null;
    if (piece === null) throw new Error(`byte arena: piece ${index}: got none, want its bytes`);
    return piece;
  }
}
