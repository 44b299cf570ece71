/**
 * Links a program to the C library that was linked beside it: pure, bytes in, bytes out.
 *
 * The program lies at fixed addresses, and what it imports is reached through places in its data that the loader fills
 * in. Those addresses are known here, since the library lies at fixed addresses too: so they are written into the file.
 * The library's segments follow in the file, and the table of segments names those of both. Without PT_INTERP the kernel
 * starts the program at its own entry; that calls __libc_start_main, which is libc.a's and sets up all that the loader
 * would have.
 */
import {
  dropSections,
  type Elf,
  hex,
  loadsOf,
  offsetOf,
  type ProgramHeader,
  readElf,
  Refused,
  SEGMENT,
  setWord,
  writeHeaders,
} from "./elf.ts";
import { type Imports, type ImportedSymbol, importsOf, type Relocation } from "./imports.ts";
import { mergedTls } from "./thread-block.ts";
import { type DefinedSymbol, symbolsOf } from "./symbols.ts";

/** Variables that libc never sets after its start: the program may keep a copy of their first value. */
const COPIED = new Set(["stdin", "stdout", "stderr"]);

/** A program without a loader. Neither of the two is changed. */
export function link(program: Elf, library: Elf, imports: Imports = importsOf(program)): Uint8Array {
  if (program.machine !== library.machine)
    throw new Refused(`${library.name}: machine: got ${library.machine}, want ${program.machine}`);
  refuseOverlap(loadsOf(program), loadsOf(library));
  // What follows the last segment is for debuggers.
  const kept = endInFile(program);
  const align = Math.max(...loadsOf(library).map((load) => load.align));
  // The kernel maps whole pages: offset and address of a segment agree in their last bits.
  const shift = Math.ceil(kept / align) * align;
  const bytes = new Uint8Array(shift + endInFile(library));
  bytes.set(program.bytes.subarray(0, kept));
  bytes.set(library.bytes.subarray(0, endInFile(library)), shift);
  const linked = readElf(program.name, bytes);

  const symbols = symbolsOf(library);
  const added = loadsOf(library).map((load) => ({ ...load, offset: load.offset + shift }));
  for (const relocation of imports.relocations) fillIn(linked, { relocation, symbols, library });
  const tls = mergedTls(program, library, symbols);
  if (tls !== null) {
    bytes.set(tls.initial, tls.offset + shift);
    added.push({ ...tls.header, offset: tls.header.offset + shift });
  }
  const gone = new Set<number>([SEGMENT.interpreter, SEGMENT.dynamic, SEGMENT.tls]);
  const remaining = linked.headers.filter(({ type }) => !gone.has(type));
  writeHeaders(linked, inOrder([...remaining, ...added]));
  dropSections(linked);
  return bytes;
}

function endInFile(elf: Elf): number {
  return Math.max(...loadsOf(elf).map(({ offset, fileSize }) => offset + fileSize));
}

/** By pages, since these are what is mapped. Within a file, its own linker has seen to it. */
function refuseOverlap(program: readonly ProgramHeader[], library: readonly ProgramHeader[]): void {
  for (const one of program) {
    const hit = library.find((other) => startOf(other) < endOf(one) && startOf(one) < endOf(other));
    if (hit === undefined) continue;
    throw new Refused(`segments: got an overlap at ${hex(hit.address)}, want ${hex(endOf(one))} or above`);
  }
}

function startOf({ address, align }: ProgramHeader): number {
  return Math.floor(address / align) * align;
}

function endOf({ address, memorySize, align }: ProgramHeader): number {
  return Math.ceil((address + memorySize) / align) * align;
}

/** By address, since the kernel takes the last one for the end of the program; PT_PHDR first, the others last. */
function inOrder(headers: readonly ProgramHeader[]): readonly ProgramHeader[] {
  const rank = ({ type }: ProgramHeader): number => (type === SEGMENT.self ? 0 : type === SEGMENT.load ? 1 : 2);
  return headers.toSorted(
    (one, other) => rank(one) - rank(other) || (rank(one) === 1 ? one.address - other.address : 0),
  );
}

interface Filling {
  readonly relocation: Relocation;
  readonly symbols: ReadonlyMap<string, DefinedSymbol>;
  readonly library: Elf;
}

function fillIn(linked: Elf, { relocation, symbols, library }: Filling): void {
  const { kind, place, addend, symbol } = relocation;
  switch (kind) {
    case "call":
      return write(linked, place, addressOf(symbol, symbols));
    case "slot":
      return write(linked, place, symbol.value || addressOf(symbol, symbols));
    case "address":
      return write(linked, place, (symbol.value || addressOf(symbol, symbols)) + addend);
    case "copy": {
      const source = addressOf(symbol, symbols);
      // The one object of both: the linker of the library was told where the program has it.
      if (source === place) return;
      if (!COPIED.has(symbol.name))
        throw new Refused(
          `${linked.name}: variable ${symbol.name}: got a copy of it, want none but ${[...COPIED].join(", ")}`,
        );
      const from = offsetOf(library, source, symbol.size);
      linked.bytes.set(library.bytes.subarray(from, from + symbol.size), offsetOf(linked, place, symbol.size));
    }
  }
}

function write(linked: Elf, place: number, address: number): void {
  setWord(linked.view, offsetOf(linked, place, 8), address);
}

/** `program_NAME` is what start.c has in the place of a function of libc; `via_NAME` jumps to the one chosen at start. */
function addressOf({ name, isWeak }: ImportedSymbol, symbols: ReadonlyMap<string, DefinedSymbol>): number {
  const found = symbols.get(`program_${name}`) ?? symbols.get(name);
  const reached = found?.isChosenAtStart === true ? symbols.get(`via_${name}`) : found;
  if (reached !== undefined) return reached.value;
  if (isWeak) return 0;
  throw new Refused(`symbol ${name}: got none in the C library, want one`);
}
