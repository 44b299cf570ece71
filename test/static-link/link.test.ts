/** The link step, on files that a test can read. */
import { describe, expect, test } from "bun:test";
import { headerOf, loadsOf, readElf, SEGMENT, wordAt } from "../../scripts/static-link/elf.ts";
import { importsOf } from "../../scripts/static-link/imports.ts";
import { link } from "../../scripts/static-link/link.ts";
import { runtimeOf } from "../../scripts/static-link/runtimes.ts";
import { AT, LIBRARY, type SmallLibrary, smallLibrary, type SmallProgram, smallProgram } from "./small-elf.ts";

/** Types of relocations on x86-64. */
const [ADDRESS, COPY, SLOT, CALL] = [1, 5, 6, 7];
const place = (index: number): number => AT.got + index * 8;
/** Of 64 bytes the last 16 are the program's. */
const ROOM = { name: "program_tls", value: 48, type: 6 };
const SYMBOLS = [
  ROOM,
  { name: "write", value: LIBRARY + 0x100 },
  { name: "memcpy", value: LIBRARY + 0x200, type: 10 },
  { name: "via_memcpy", value: LIBRARY + 0x300 },
  { name: "dlopen", value: LIBRARY + 0x400 },
  { name: "program_dlopen", value: LIBRARY + 0x500 },
  { name: "stdout", value: LIBRARY + 0x1100 },
  { name: "environ", value: place(7) },
  { name: "memcmp", value: LIBRARY + 0x600 },
];
const IMPORTS = [
  { name: "write", type: CALL, place: place(0) },
  { name: "write", type: ADDRESS, place: place(1), addend: 4 },
  { name: "memcpy", type: SLOT, place: place(2) },
  { name: "dlopen", type: CALL, place: place(3) },
  { name: "stdout", type: COPY, place: place(4), value: place(4) },
  { name: "stdout", type: SLOT, place: place(5), value: place(4) },
  { name: "nobody", type: SLOT, place: place(6), isWeak: true },
  { name: "environ", type: COPY, place: place(7), value: place(7) },
  // The program's own code took its address: its PLT entry stands for it, but the PLT's place has the function's.
  { name: "memcmp", type: SLOT, place: place(8), value: AT.base + 0x700 },
  { name: "memcmp", type: CALL, place: place(9), value: AT.base + 0x700 },
];

function linked(program: SmallProgram = {}, library: SmallLibrary = {}): Uint8Array {
  return link(
    readElf("program", smallProgram({ imports: IMPORTS, ...program })),
    readElf("library", smallLibrary({ symbols: SYMBOLS, ...library })),
  );
}

describe("a good program", () => {
  const file = readElf("made", linked());
  const word = (index: number): number => wordAt(file.view, 0x1400 + index * 8);

  test("has neither loader nor dynamic section, and the segments of both by address", () => {
    expect(file.headers.map(({ type }) => type)).toEqual([6, 1, 1, 1, 1, 4, 7]);
    expect(loadsOf(file).map(({ address }) => address)).toEqual([AT.base, AT.data, LIBRARY, LIBRARY + 0x1000]);
  });

  test("keeps its entry; the library's pages are where the table says", () => {
    expect(wordAt(file.view, 24)).toBe(0x200900);
    for (const { offset, address, align } of loadsOf(file)) expect(offset % align).toBe(address % align);
    const [, , , data] = loadsOf(file);
    expect(
      new TextDecoder().decode(file.bytes.subarray((data?.offset ?? 0) + 0x100, (data?.offset ?? 0) + 0x108)),
    ).toBe("stream!!");
  });

  test("says nothing of sections", () => {
    expect([wordAt(file.view, 40), file.view.getUint32(60, true)]).toEqual([0, 0]);
  });

  test.each<[string, number, number]>([
    ["a function that is called", 0, LIBRARY + 0x100],
    ["its address in data, with the addend", 1, LIBRARY + 0x104],
    ["a function that is chosen at start, through a jump", 2, LIBRARY + 0x300],
    ["one that start.c has in libc's place", 3, LIBRARY + 0x500],
    ["the place of a variable that was copied", 5, place(4)],
    ["nothing, where nobody need define it", 6, 0],
    ["a variable that is one and the same object", 7, 0],
    ["a function whose PLT entry stands for it", 8, AT.base + 0x700],
    ["that PLT entry's own place", 9, LIBRARY + 0x600],
  ])("%s", (_title, index, want) => {
    expect(word(index)).toBe(want);
  });

  test("has the first value of a variable that was copied", () => {
    expect(new TextDecoder().decode(file.bytes.subarray(0x1400 + 4 * 8, 0x1400 + 5 * 8))).toBe("stream!!");
  });

  test("has one thread block, with its own first values at the end of it", () => {
    const tls = headerOf(file, SEGMENT.tls);
    expect([tls?.address, tls?.memorySize, tls?.align]).toEqual([LIBRARY + 0x1000, 64, 16]);
    const start = (tls?.offset ?? 0) + 48;
    expect(new TextDecoder().decode(file.bytes.subarray(start, start + 4))).toBe("init");
  });

  test("is another file: the program and the library stay as they were", () => {
    const [program, library] = [smallProgram({ imports: IMPORTS }), smallLibrary({ symbols: SYMBOLS })];
    link(readElf("program", program), readElf("library", library));
    expect([program, library]).toEqual([smallProgram({ imports: IMPORTS }), smallLibrary({ symbols: SYMBOLS })]);
  });
});

test("on AArch64 the thread block begins with the program's part, behind two words", () => {
  const arm = { machine: 183, imports: [{ name: "write", type: 1026, place: place(0) }] };
  const symbols = [{ ...ROOM, value: 0 }, ...SYMBOLS.slice(1)];
  const file = readElf("made", linked(arm, { machine: 183, symbols, tls: { memorySize: 64, align: 16 } }));
  const tls = headerOf(file, SEGMENT.tls);
  expect(new TextDecoder().decode(file.bytes.subarray(tls?.offset ?? 0, (tls?.offset ?? 0) + 4))).toBe("init");
  expect(() => linked(arm, { machine: 183, symbols, tls: { memorySize: 64, align: 64 } })).toThrow(
    "library: program_tls: got it 64 bytes from the thread pointer, want 16",
  );
});

const called = (name: string, type: number): SmallProgram => ({ imports: [{ name, type, place: place(0) }] });

test.each<[string, SmallProgram, SmallLibrary, string]>([
  ["another machine", { machine: 40 }, {}, "program: machine: got 40, want 62 (x86-64) or 183 (AArch64)"],
  ["a library for another machine", {}, { machine: 183 }, "library: machine: got arm64, want x64"],
  ["a program that lies anywhere", { type: 3 }, {}, "program: type: got 3, want 2 (at a fixed address)"],
  [
    "an unknown relocation",
    called("errno", 18),
    {},
    "program: relocation at 0x201400 (errno): got the unknown type 18",
  ],
  ["an unknown symbol", called("gone", CALL), {}, "symbol gone: got none in the C library, want one"],
  [
    "a chosen function without a jump",
    called("memcpy", CALL),
    { symbols: SYMBOLS.filter(({ name }) => name !== "via_memcpy") },
    "symbol memcpy: got none in the C library, want one",
  ],
  [
    "a copy of a variable that libc sets",
    called("write", COPY),
    {},
    "program: variable write: got a copy of it, want none but stdin, stdout, stderr",
  ],
  [
    "a place that is not in the file",
    { dataSize: 0x400 },
    {},
    "program: address 0x201400: got none in the file, want 8 bytes",
  ],
  ["another library", { needed: "libz.so.1" }, {}, "program: library: got libz.so.1, want those of glibc alone"],
  ["an unknown tag", { tags: [[36, 1]] }, {}, "program: dynamic section: got the unknown tag 0x24"],
  [
    "an overlap in the last page",
    {},
    { base: AT.end - 0x800 },
    "segments: got an overlap at 0x201800, want 0x202000 or above",
  ],
  ["an overlap", {}, { base: AT.data }, "segments: got an overlap at 0x201000, want 0x202000 or above"],
  [
    "no room for the thread block",
    {},
    { symbols: SYMBOLS.slice(1) },
    "library: program_tls: got no room, want 4 bytes",
  ],
  ["no thread block", {}, { tls: null }, "library: thread block: got none, want room for 16 bytes"],
  [
    "a thread block in another place",
    { tls: { memorySize: 32 } },
    {},
    "library: program_tls: got it -16 bytes from the thread pointer, want -32",
  ],
])("refused, the reason given: %s", (_title, program, library, why) => {
  expect(() => linked(program, library)).toThrow(why);
});

test("refused: no free program header", () => {
  const program = smallProgram();
  const view = new DataView(program.buffer);
  // The row of PT_INTERP has become one that stays.
  view.setUint32(64 + 56, 0x6474e551, true);
  const library = readElf("library", smallLibrary({ symbols: SYMBOLS }));
  expect(() => link(readElf("program", program), library)).toThrow("program: program headers: got room for 7, want 8");
});

test.each<[string, Uint8Array, string]>([
  [
    "no ELF file",
    new TextEncoder().encode("#!/bin/sh\n".repeat(10)),
    "x: format: got another one, want a 64-bit little-endian ELF file",
  ],
  ["an empty file", new Uint8Array(), "x: format: got another one, want a 64-bit little-endian ELF file"],
  [
    "a file that is cut off",
    smallProgram().slice(0, 0x1400),
    "x: segment at 0x201000: got a file that ends before it does",
  ],
  [
    "a table that is cut off",
    smallProgram().slice(0, 0x100),
    "x: program headers: got a table that is cut off, want 7 of 56 bytes",
  ],
])("refused: %s", (_title, bytes, why) => {
  expect(() => readElf("x", bytes)).toThrow(why);
});

test("refused: a program that is static already", () => {
  expect(() => importsOf(readElf("x", linked()))).toThrow(
    "x: dynamic section: got none, want a program that still needs a loader",
  );
});

test("refused: another Bun than the pinned one", () => {
  expect(runtimeOf(readElf("x", smallProgram()))).toBe("Bun 1.4.5 linux-x64");
  expect(() => runtimeOf(readElf("x", smallProgram({ buildId: "ab".repeat(20) })))).toThrow(
    `x: build id: got ${"ab".repeat(20)}, want that of Bun 1.4.5 linux-x64 or Bun 1.4.5 linux-arm64.`,
  );
});
