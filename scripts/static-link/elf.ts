/** The parts of a 64-bit little-endian ELF file that linking needs. Numbers as in elf.h. */

/** What cannot be linked, said by name; the file stays as it is. */
export class Refused extends Error {}

/** Processors whose rules are known here. */
export type Machine = "x64" | "arm64";

const MACHINES: Readonly<Record<number, Machine>> = { 62: "x64", 183: "arm64" };

/** Types of program headers. */
export const SEGMENT = { load: 1, dynamic: 2, interpreter: 3, note: 4, self: 6, tls: 7 } as const;

/** One row of the table that the kernel and libc read. */
export interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

/** A file, read as far as its program headers. */
export interface Elf {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly machine: Machine;
  readonly headers: readonly ProgramHeader[];
  /** Where the table of program headers starts, and how many fit. */
  readonly table: { readonly offset: number; readonly slots: number };
}

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const FIXED_ADDRESS = 2;

/** Reads one; `name` is for what is said of it. */
export function readElf(name: string, bytes: Uint8Array): Elf {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201)
    throw new Refused(`${name}: format: got another one, want a 64-bit little-endian ELF file`);
  const machine = MACHINES[view.getUint16(18, true)];
  if (machine === undefined)
    throw new Refused(`${name}: machine: got ${view.getUint16(18, true)}, want 62 (x86-64) or 183 (AArch64)`);
  // One that may lie anywhere would have to be moved by the loader.
  const type = view.getUint16(16, true);
  if (type !== FIXED_ADDRESS) throw new Refused(`${name}: type: got ${type}, want 2 (at a fixed address)`);
  const table = { offset: wordAt(view, 32), slots: view.getUint16(56, true) };
  if (
    view.getUint16(54, true) !== PROGRAM_HEADER_BYTES ||
    !fits(bytes, table.offset, table.slots * PROGRAM_HEADER_BYTES)
  )
    throw new Refused(`${name}: program headers: got a table that is cut off, want ${table.slots} of 56 bytes`);
  const headers = Array.from({ length: table.slots }, (_none, index) =>
    headerAt(view, table.offset + index * PROGRAM_HEADER_BYTES),
  );
  const cut = headers.find(({ offset, fileSize }) => !fits(bytes, offset, fileSize));
  if (cut !== undefined)
    throw new Refused(`${name}: segment at ${hex(cut.address)}: got a file that ends before it does`);
  return { name, bytes, view, machine, headers, table };
}

function fits(bytes: Uint8Array, offset: number, size: number): boolean {
  return offset + size <= bytes.length;
}

function headerAt(view: DataView, at: number): ProgramHeader {
  return {
    type: view.getUint32(at, true),
    flags: view.getUint32(at + 4, true),
    offset: wordAt(view, at + 8),
    address: wordAt(view, at + 16),
    fileSize: wordAt(view, at + 32),
    memorySize: wordAt(view, at + 40),
    align: wordAt(view, at + 48),
  };
}

/** Puts other program headers in the place of those that are there. Rows that are left over become PT_NULL. */
export function writeHeaders({ name, view, table }: Elf, headers: readonly ProgramHeader[]): void {
  if (headers.length > table.slots)
    throw new Refused(`${name}: program headers: got room for ${table.slots}, want ${headers.length}`);
  for (let index = 0; index < table.slots; index++) {
    const row = headers[index];
    const at = table.offset + index * PROGRAM_HEADER_BYTES;
    view.setUint32(at, row?.type ?? 0, true);
    view.setUint32(at + 4, row?.flags ?? 0, true);
    const { offset = 0, address = 0, fileSize = 0, memorySize = 0, align = 0 } = row ?? {};
    for (const [place, word] of [offset, address, address, fileSize, memorySize, align].entries())
      setWord(view, at + 8 + place * 8, word);
  }
}

/** The section headers tell debuggers and linkers; nothing that runs reads them. Takes their mention away. */
export function dropSections({ view }: Elf): void {
  setWord(view, 40, 0);
  view.setUint16(60, 0, true);
  view.setUint16(62, 0, true);
}

/** The segments that are mapped, by address. */
export function loadsOf({ headers }: Elf): readonly ProgramHeader[] {
  return headers.filter(({ type }) => type === SEGMENT.load).toSorted((one, other) => one.address - other.address);
}

/** The one header of a type; null where there is none. */
export function headerOf({ headers }: Elf, type: number): ProgramHeader | null {
  return headers.find((header) => header.type === type) ?? null;
}

/** The loader that a program asks for; empty where it needs none. */
export function loaderOf(elf: Elf): string {
  const found = headerOf(elf, SEGMENT.interpreter);
  return found === null ? "" : textAt(elf.bytes, found.offset);
}

/** Where in the file the byte of an address lies. What is only zeros in memory has no place in the file: refused. */
export function offsetOf(elf: Elf, address: number, size: number): number {
  const found = loadsOf(elf).find((load) => address >= load.address && address + size <= load.address + load.fileSize);
  if (found === undefined)
    throw new Refused(`${elf.name}: address ${hex(address)}: got none in the file, want ${size} bytes`);
  return found.offset + address - found.address;
}

/** 64 bits of a file. Addresses and sizes here stay far below 2 to the power of 53. */
export function wordAt(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}

/** Writes 64 bits. */
export function setWord(view: DataView, offset: number, word: number): void {
  view.setBigUint64(offset, BigInt(word), true);
}

/** Text up to its zero byte. */
export function textAt(bytes: Uint8Array, offset: number): string {
  const end = bytes.indexOf(0, offset);
  return new TextDecoder().decode(bytes.subarray(offset, end === -1 ? bytes.length : end));
}

/** An address as tools print it. */
export function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
