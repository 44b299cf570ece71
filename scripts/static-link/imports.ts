/** What a dynamically linked program leaves to the loader: read from its dynamic section. */
import { type Elf, headerOf, hex, type Machine, offsetOf, Refused, SEGMENT, textAt, wordAt } from "./elf.ts";

/**
 * What the loader writes into a place. `address` and `slot` are the address of the symbol, with the addend in a
 * table of data and without it in the GOT; `copy` is the value of a variable of libc, which the program keeps.
 */
export type RelocationKind = "address" | "slot" | "call" | "copy";

const KINDS: Readonly<Record<Machine, Readonly<Record<number, RelocationKind>>>> = {
  x64: { 1: "address", 5: "copy", 6: "slot", 7: "call" },
  arm64: { 257: "address", 1024: "copy", 1025: "slot", 1026: "call" },
};

/** A place that the loader would fill in. */
export interface Relocation {
  readonly kind: RelocationKind;
  readonly place: number;
  readonly addend: number;
  readonly symbol: ImportedSymbol;
}

/** Whom it names. */
export interface ImportedSymbol {
  readonly name: string;
  /** Nobody need define it. */
  readonly isWeak: boolean;
  /**
   * An address in the program that stands for the symbol everywhere: of a variable that was copied, or of the PLT
   * entry of a function whose address the program's own code took. 0 where there is none.
   */
  readonly value: number;
  readonly size: number;
}

/** Everything the loader would have done. Addresses are 0 where there is nothing. */
export interface Imports {
  readonly relocations: readonly Relocation[];
  /** Where the kernel starts the program. */
  readonly entry: number;
  readonly init: number;
  readonly fini: number;
  readonly initArray: { readonly address: number; readonly size: number };
  readonly finiArray: { readonly address: number; readonly size: number };
}

const TAG = {
  needed: 1,
  callsSize: 2,
  strings: 5,
  symbols: 6,
  relocations: 7,
  relocationsSize: 8,
  init: 12,
  fini: 13,
  calls: 23,
  initArray: 25,
  finiArray: 26,
  initArraySize: 27,
  finiArraySize: 28,
} as const;

/** Tags that say where tables are, how they are sorted, or which version a symbol has: nothing to do. */
const TELLING = new Set([
  0, 3, 4, 9, 10, 11, 20, 21, 24, 30, 0x6ffffef5, 0x6ffffff0, 0x6ffffff9, 0x6ffffffb, 0x6ffffffc, 0x6ffffffd,
  0x6ffffffe, 0x6fffffff,
]);
const KNOWN = new Set<number>([...Object.values(TAG), ...TELLING]);

/** Parts of glibc, which are all in libc.a and libm.a. */
const LIBRARIES =
  /^(?:libc\.so\.6|libm\.so\.6|libdl\.so\.2|libpthread\.so\.0|ld-linux-(?:x86-64\.so\.2|aarch64\.so\.1))$/;

/** Reads them. Refuses what it does not know by its name. */
export function importsOf(elf: Elf): Imports {
  const tags = tagsOf(elf);
  const one = (tag: number): number => tags.find(([found]) => found === tag)?.[1] ?? 0;
  const strings = offsetOf(elf, one(TAG.strings), 1);
  for (const [tag, value] of tags) {
    if (!KNOWN.has(tag)) throw new Refused(`${elf.name}: dynamic section: got the unknown tag ${hex(tag)}`);
    const library = tag === TAG.needed ? textAt(elf.bytes, strings + value) : "libc.so.6";
    if (!LIBRARIES.test(library)) throw new Refused(`${elf.name}: library: got ${library}, want those of glibc alone`);
  }
  const symbols = { offset: offsetOf(elf, one(TAG.symbols), SYMBOL_BYTES), strings };
  return {
    relocations: [
      ...relocationsIn(elf, symbols, [one(TAG.relocations), one(TAG.relocationsSize)]),
      ...relocationsIn(elf, symbols, [one(TAG.calls), one(TAG.callsSize)]),
    ],
    entry: wordAt(elf.view, 24),
    init: one(TAG.init),
    fini: one(TAG.fini),
    initArray: { address: one(TAG.initArray), size: one(TAG.initArraySize) },
    finiArray: { address: one(TAG.finiArray), size: one(TAG.finiArraySize) },
  };
}

function tagsOf(elf: Elf): readonly (readonly [number, number])[] {
  const dynamic = headerOf(elf, SEGMENT.dynamic);
  if (dynamic === null)
    throw new Refused(`${elf.name}: dynamic section: got none, want a program that still needs a loader`);
  const all = Array.from({ length: dynamic.fileSize / 16 }, (_none, index) => {
    const at = dynamic.offset + index * 16;
    return [wordAt(elf.view, at), wordAt(elf.view, at + 8)] as const;
  });
  const end = all.findIndex(([tag]) => tag === 0);
  return end === -1 ? all : all.slice(0, end);
}

const RELOCATION_BYTES = 24;
const SYMBOL_BYTES = 24;
const WEAK = 2;

interface SymbolTable {
  readonly offset: number;
  readonly strings: number;
}

function relocationsIn(elf: Elf, symbols: SymbolTable, table: readonly [number, number]): readonly Relocation[] {
  const [address, size] = table;
  if (size === 0) return [];
  const start = offsetOf(elf, address, size);
  return Array.from({ length: size / RELOCATION_BYTES }, (_none, index) => {
    const at = start + index * RELOCATION_BYTES;
    const place = wordAt(elf.view, at);
    const type = elf.view.getUint32(at + 8, true);
    const symbol = symbolAt(elf, symbols, elf.view.getUint32(at + 12, true));
    const kind = KINDS[elf.machine][type];
    if (kind === undefined)
      throw new Refused(`${elf.name}: relocation at ${hex(place)} (${symbol.name}): got the unknown type ${type}`);
    return { kind, place, addend: Number(elf.view.getBigInt64(at + 16, true)), symbol };
  });
}

function symbolAt({ bytes, view }: Elf, { offset, strings }: SymbolTable, index: number): ImportedSymbol {
  const at = offset + index * SYMBOL_BYTES;
  return {
    name: textAt(bytes, strings + view.getUint32(at, true)),
    isWeak: view.getUint8(at + 4) >> 4 === WEAK,
    value: wordAt(view, at + 8),
    size: wordAt(view, at + 16),
  };
}
