/** Names and addresses in a linked file that still has its symbol table. */
import { type Elf, hex, Refused, textAt, wordAt } from "./elf.ts";

/** A name that the file defines. */
export interface DefinedSymbol {
  /** Its address; of a thread's variable, its place in the block. Of a chosen function, that of the code that chooses. */
  readonly value: number;
  /**
   * GNU_IFUNC: at every start libc chooses among several functions of that name, by the processor, and remembers the
   * one in a place of its own. What it chose is reached only by a jump through that place.
   */
  readonly isChosenAtStart: boolean;
}

const SYMBOL_TABLE = 2;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const CHOSEN_AT_START = 10;

/** Every defined name that other files may see. */
export function symbolsOf({ name, bytes, view }: Elf): ReadonlyMap<string, DefinedSymbol> {
  const [sections, count] = [wordAt(view, 40), view.getUint16(60, true)];
  const section = (index: number): number => sections + index * SECTION_HEADER_BYTES;
  const table = Array.from({ length: count }, (_none, index) => section(index)).find(
    (at) => view.getUint32(at + 4, true) === SYMBOL_TABLE,
  );
  if (table === undefined) throw new Refused(`${name}: symbol table: got none at ${hex(sections)}, want one`);
  const [offset, size] = [wordAt(view, table + 24), wordAt(view, table + 32)];
  const strings = wordAt(view, section(view.getUint32(table + 40, true)) + 24);
  const found = new Map<string, DefinedSymbol>();
  for (let at = offset; at < offset + size; at += SYMBOL_BYTES) {
    const info = view.getUint8(at + 4);
    const [isLocal, isUndefined] = [info >> 4 === 0, view.getUint16(at + 6, true) === 0];
    if (isLocal || isUndefined) continue;
    const symbol = textAt(bytes, strings + view.getUint32(at, true));
    found.set(symbol, { value: wordAt(view, at + 8), isChosenAtStart: (info & 15) === CHOSEN_AT_START });
  }
  return found;
}
