/**
 * Variables of threads. A static program has one block for each thread, made from one PT_TLS, and code has offsets from
 * the thread pointer in it. layout.ld puts room for the program's part where the program's code looks for it.
 */
import { type Elf, headerOf, type Machine, offsetOf, type ProgramHeader, Refused, SEGMENT } from "./elf.ts";
import type { DefinedSymbol } from "./symbols.ts";

/** The block of both. */
export interface MergedTls {
  /** The library's, which has room for the program's part. */
  readonly header: ProgramHeader;
  /** First values of the program's part, and where in the library's file they go. */
  readonly initial: Uint8Array;
  readonly offset: number;
}

/** The room's name in the library. */
export const ROOM = "program_tls";

/** Null where the program has no variables of threads, and the library neither. Refuses a place that is not the right one. */
export function mergedTls(program: Elf, library: Elf, symbols: ReadonlyMap<string, DefinedSymbol>): MergedTls | null {
  const [own, merged] = [headerOf(program, SEGMENT.tls), headerOf(library, SEGMENT.tls)];
  const room = symbols.get(ROOM)?.value;
  if (own === null && merged === null) return null;
  if (merged === null)
    throw new Refused(`${library.name}: thread block: got none, want room for ${own?.memorySize} bytes`);
  if (own === null) return { header: merged, initial: new Uint8Array(), offset: merged.offset };
  if (room === undefined || room + own.fileSize > merged.fileSize)
    throw new Refused(`${library.name}: ${ROOM}: got no room, want ${own.fileSize} bytes`);
  const [wanted, got] = [placeOf(program.machine, own, 0), placeOf(program.machine, merged, room)];
  if (wanted !== got)
    throw new Refused(`${library.name}: ${ROOM}: got it ${got} bytes from the thread pointer, want ${wanted}`);
  const from = offsetOf(program, own.address, own.fileSize);
  return { header: merged, initial: program.bytes.subarray(from, from + own.fileSize), offset: merged.offset + room };
}

/** On AArch64 two words of libc lie at the thread pointer, before the block. */
const WORDS_BEFORE_BLOCK = 16;

/** Distance from the thread pointer of a byte of the block, as linkers and libc both reckon it. */
function placeOf(machine: Machine, { memorySize, align }: ProgramHeader, offset: number): number {
  switch (machine) {
    case "x64":
      return offset - roundUp(memorySize, align);
    case "arm64":
      return roundUp(WORDS_BEFORE_BLOCK, align) + offset;
  }
}

function roundUp(size: number, align: number): number {
  return Math.ceil(size / Math.max(align, 1)) * Math.max(align, 1);
}
