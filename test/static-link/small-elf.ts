/** Small ELF files: a program that asks for a loader, and a library that was linked beside it. */

/** A segment, as its row in the table says. */
export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
  readonly memorySize?: number;
  readonly align?: number;
}

/** A name of the program's own table. */
export interface SmallSymbol {
  readonly name: string;
  readonly isWeak?: boolean;
  readonly value?: number;
}

/** A place of the program that a loader would fill in, for the symbol of the same number. */
export interface SmallRelocation {
  readonly type: number;
  readonly place: number;
  readonly addend?: number;
}

/** What a test changes of the program. */
export interface SmallProgram {
  readonly machine?: number;
  readonly type?: number;
  readonly needed?: string;
  readonly tags?: readonly (readonly [number, number])[];
  readonly imports?: readonly (SmallSymbol & SmallRelocation)[];
  readonly dataSize?: number;
  readonly tls?: Partial<Segment>;
  readonly buildId?: string;
}

/** Addresses of the program. */
export const AT = { base: 0x200000, data: 0x201000, got: 0x201400, tls: 0x201800, end: 0x202000 } as const;

const [INTERPRETER, NOTE, STRINGS, SYMBOLS, RELOCATIONS] = [0x300, 0x340, 0x400, 0x800, 0xc00];

/** Its build id, unless a test says another one. */
export const BUILD_ID = "b5188e4f53b53f3a346614bd78ba53f2ff234402";

/** The program: constants and code, then data with the dynamic section, places to fill in, and a thread block. */
export function smallProgram(change: SmallProgram = {}): Uint8Array {
  const { machine = 62, type = 2, needed = "libc.so.6", imports = [], tls = {} } = change;
  const bytes = new Uint8Array(0x2000 + 0x100);
  const view = new DataView(bytes.buffer);
  const segments: Segment[] = [
    { type: 6, offset: 64, address: AT.base + 64, size: 0 },
    { type: 3, offset: INTERPRETER, address: AT.base + INTERPRETER, size: 32 },
    { type: 1, offset: 0, address: AT.base, size: 0x1000, align: 0x1000 },
    { type: 1, offset: 0x1000, address: AT.data, size: change.dataSize ?? 0x1000, memorySize: 0x1000, align: 0x1000 },
    { type: 7, offset: 0x1800, address: AT.tls, size: 4, memorySize: 16, align: 8, ...tls },
    { type: 2, offset: 0x1000, address: AT.data, size: 0x200 },
    { type: 4, offset: NOTE, address: AT.base + NOTE, size: 36 },
  ];
  writeHeader(view, { machine, type, segments });
  put(bytes, INTERPRETER, "/lib64/ld-linux-x86-64.so.2\0");
  for (const [index, word] of [4, 20, 3].entries()) view.setUint32(NOTE + index * 4, word, true);
  put(bytes, NOTE + 12, "GNU\0");
  bytes.set(Uint8Array.fromHex(change.buildId ?? BUILD_ID), NOTE + 16);
  put(bytes, 0x1800, "init");
  writeImports(bytes, view, needed, imports);
  const tags = [
    [1, 1],
    [5, AT.base + STRINGS],
    [6, AT.base + SYMBOLS],
    [7, AT.base + RELOCATIONS],
    [8, imports.length * 24],
    ...(change.tags ?? []),
    [0, 0],
  ];
  words(view, 0x1000, tags.flat());
  return bytes;
}

function writeImports(bytes: Uint8Array, view: DataView, needed: string, imports: SmallProgram["imports"] = []): void {
  let strings = 1 + put(bytes, STRINGS + 1, `${needed}\0`);
  for (const [index, { name, isWeak = false, value = 0, type: kind, place, addend = 0 }] of imports.entries()) {
    const symbol = SYMBOLS + (index + 1) * 24;
    view.setUint32(symbol, strings, true);
    view.setUint8(symbol + 4, isWeak ? 0x22 : 0x12);
    words(view, symbol + 8, [value, 8]);
    strings += put(bytes, STRINGS + strings, `${name}\0`);
    words(view, RELOCATIONS + index * 24, [place, index + 1, addend]);
    // Low half the type, high half the symbol.
    view.setUint32(RELOCATIONS + index * 24 + 8, kind, true);
    view.setUint32(RELOCATIONS + index * 24 + 12, index + 1, true);
  }
}

/** A name that the library defines. */
export interface LibrarySymbol {
  readonly name: string;
  readonly value: number;
  /** 10 is GNU_IFUNC. */
  readonly type?: number;
}

/** What a test changes of the library. */
export interface SmallLibrary {
  readonly machine?: number;
  readonly base?: number;
  readonly symbols?: readonly LibrarySymbol[];
  /** Null = no thread block. */
  readonly tls?: { readonly memorySize: number; readonly align: number } | null;
}

/** Where the library lies, unless a test says otherwise. */
export const LIBRARY = 0x10000000;

/** The library: code, data, a thread block at the start of the data, a symbol table behind it all. */
export function smallLibrary(change: SmallLibrary = {}): Uint8Array {
  const { machine = 62, base = LIBRARY, symbols = [], tls = { memorySize: 64, align: 16 } } = change;
  const bytes = new Uint8Array(0x3000);
  const view = new DataView(bytes.buffer);
  const segments: Segment[] = [
    { type: 1, offset: 0, address: base, size: 0x1000, align: 0x1000 },
    { type: 1, offset: 0x1000, address: base + 0x1000, size: 0x800, memorySize: 0x1000, align: 0x1000 },
    ...(tls === null ? [] : [{ type: 7, offset: 0x1000, address: base + 0x1000, size: tls.memorySize, ...tls }]),
  ];
  writeHeader(view, { machine, type: 2, segments });
  put(bytes, 0x1100, "stream!!");
  let strings = 1;
  for (const [index, { name, value, type = 2 }] of symbols.entries()) {
    const at = 0x1800 + (index + 1) * 24;
    view.setUint32(at, strings, true);
    view.setUint8(at + 4, 0x10 | type);
    view.setUint16(at + 6, 1, true);
    words(view, at + 8, [value]);
    strings += put(bytes, 0x2000 + strings, `${name}\0`);
  }
  // Three section headers: none, the symbols, their names.
  words(view, 40, [0x2800]);
  view.setUint16(60, 3, true);
  view.setUint32(0x2800 + 64 + 4, 2, true);
  words(view, 0x2800 + 64 + 24, [0x1800, (symbols.length + 1) * 24]);
  view.setUint32(0x2800 + 64 + 40, 2, true);
  words(view, 0x2800 + 128 + 24, [0x2000, strings]);
  return bytes;
}

interface Header {
  readonly machine: number;
  readonly type: number;
  readonly segments: readonly Segment[];
}

function writeHeader(view: DataView, { machine, type, segments }: Header): void {
  view.setUint32(0, 0x7f454c46);
  view.setUint32(4, 0x02010100);
  view.setUint16(16, type, true);
  view.setUint16(18, machine, true);
  words(view, 24, [0x200900, 64]);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length, true);
  for (const [index, { type: kind, offset, address, size, memorySize = size, align = 1 }] of segments.entries()) {
    view.setUint32(64 + index * 56, kind, true);
    view.setUint32(64 + index * 56 + 4, 6, true);
    words(view, 64 + index * 56 + 8, [offset, address, address, size, memorySize, align]);
  }
}

function words(view: DataView, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) view.setBigUint64(at + index * 8, BigInt(value), true);
}

function put(bytes: Uint8Array, at: number, text: string): number {
  bytes.set(new TextEncoder().encode(text), at);
  return text.length;
}
