/** The part that the C compiler makes: libc.a and libm.a with start.c, linked at a fixed address, for one runtime. */
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Elf, headerOf, hex, loadsOf, type Machine, readElf, Refused, SEGMENT } from "./elf.ts";
import type { Imports } from "./imports.ts";
import { ROOM } from "./thread-block.ts";

/** The compiler or the library is not here: nothing is wrong with the program. */
export class Lacking extends Error {}

/** Above every program: those of Bun 1.4.5 end at 0x6bd0000 plus what the application adds. */
const BASE = 0x10000000;

const TRIPLES: Readonly<Record<Machine, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };
const PACKAGES: Readonly<Record<Machine, string>> = {
  x64: "gcc-x86-64-linux-gnu libc6-dev-amd64-cross",
  arm64: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
};

/** What start.c has as `program_NAME`: libc's own is not asked for. */
const OWN = new Set(["__libc_start_main", "dladdr", "dlclose", "dlerror", "dlopen", "dlsym", "pthread_getattr_np"]);

/** Makes it, or takes the one that was made of the same inputs before. */
export async function libraryFor(program: Elf, imports: Imports, cache: string): Promise<Elf> {
  const compiler = compilerFor(program.machine);
  const sources = ["start.c", "layout.ld"].map((name) => join(import.meta.dir, name));
  const assembly = assemblyFor(program, imports);
  const flags = flagsFor(program, imports);
  const hasher = new Bun.CryptoHasher("sha256").update([assembly, ...flags, compiler.version].join("\n"));
  for (const path of [...sources, compiler.libc]) hasher.update(await Bun.file(path).bytes());
  const folder = join(cache, `${program.machine}-${hasher.digest("hex").slice(0, 16)}`);
  const path = join(folder, "library.elf");
  if (!(await Bun.file(path).exists())) {
    await mkdir(folder, { recursive: true });
    await Bun.write(join(folder, "imports.S"), assembly);
    const [start = "", layout = ""] = sources;
    // Renamed when it is whole: another build may be looking.
    const made = join(folder, `library.${process.pid}`);
    run([
      ...compiler.command,
      ...flags,
      join(folder, "imports.S"),
      start,
      "-Wl,-T",
      `-Wl,${layout}`,
      "-lm",
      "-o",
      made,
    ]);
    await rename(made, path);
  }
  return readElf(path, await Bun.file(path).bytes());
}

interface Compiler {
  readonly command: readonly string[];
  readonly version: string;
  /** Path of its libc.a. */
  readonly libc: string;
}

function compilerFor(machine: Machine): Compiler {
  const isOwn = process.arch === machine && process.platform === "linux";
  const command = isOwn ? "gcc" : `${TRIPLES[machine]}-gcc`;
  const packages = isOwn ? "gcc libc6-dev" : PACKAGES[machine];
  if (Bun.which(command) === null)
    throw new Lacking(`${command}: got none, want one. On Debian: apt-get install ${packages}`);
  // Somebody's own glibc: docs/dependencies.md.
  const own = process.env["GLIBC_DIR"];
  const search = own === undefined ? [] : [`-B${own}/`];
  const libc = run([command, ...search, "-print-file-name=libc.a"]).trim();
  // gcc says the bare name of what it does not find.
  if (!libc.includes("/"))
    throw new Lacking(`libc.a: got none, want that of glibc. On Debian: apt-get install ${packages}`);
  return { command: [command, ...search], version: run([command, "--version"]), libc };
}

function run(command: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], { env: { ...process.env, LC_ALL: "C" } });
  if (exitCode === 0) return stdout.toString();
  // Static glibc warns of each function that may load a module: those of NSS, which start.c keeps from it.
  const said = stderr.toString().replace(/^.*: in function `via_\w+':\n.*: warning: Using .*\n/gm, "");
  const undefinedSymbol = /undefined reference to `([^']+)'/.exec(said)?.[1];
  if (undefinedSymbol !== undefined)
    throw new Refused(`symbol ${undefinedSymbol}: got none in the C library, want one`);
  const unfit = /#error "([^"]+)"/.exec(said)?.[1];
  if (unfit !== undefined) throw new Lacking(`${command[0]}: ${unfit}`);
  throw new Refused(`${command[0]}: got exit code ${exitCode}: ${said.trim()}`);
}

const FLAGS = [
  "-O2",
  "-static",
  // No start of gcc's: the entry stays the program's.
  "-nostartfiles",
  "-Wl,-e,0",
  "-no-pie",
  "-fno-pie",
  "-fno-stack-protector",
  "-fno-asynchronous-unwind-tables",
  `-Wl,-Ttext-segment=${hex(BASE)}`,
  // Two segments, since the program's table has no more room: one of code and constants, one of variables.
  "-Wl,-z,noseparate-code",
  "-Wl,-z,norelro",
  "-Wl,--build-id=none",
  "-Wl,--no-eh-frame-hdr",
];

function flagsFor(program: Elf, imports: Imports): readonly string[] {
  const { init, fini, initArray, finiArray, relocations, entry } = imports;
  const addresses = {
    program_init: init,
    program_fini: fini,
    program_init_array: initArray.address,
    program_init_array_end: initArray.address + initArray.size,
    program_fini_array: finiArray.address,
    program_fini_array_end: finiArray.address + finiArray.size,
    _start: entry,
  };
  const own = Object.entries(addresses).map(([name, address]) => `-Wl,--defsym=${name}=${hex(address)}`);
  // Names that nobody need define: taken where libc has them.
  const wished = relocations.filter(({ symbol }) => symbol.isWeak).map(({ symbol }) => `-Wl,-u,${symbol.name}`);
  return [
    ...FLAGS,
    ...own,
    // libc looks there for the program's headers; the linker would say where the library's are.
    `-Wl,--defsym=__ehdr_start=${hex(loadsOf(program)[0]?.address ?? 0)}`,
    ...sharedVariables(imports),
    ...new Set(wished),
  ];
}

/**
 * `environ` is set by libc at every setenv, and read by the program in its own copy: with the loader both are the copy,
 * so here too.
 */
function sharedVariables({ relocations }: Imports): readonly string[] {
  const copies = relocations.filter(({ kind, symbol }) => kind === "copy" && symbol.name === "environ");
  return copies.flatMap(({ place }) =>
    ["environ", "__environ", "_environ"].map((name) => `-Wl,--defsym=${name}=${hex(place)}`),
  );
}

/** References to all that the program imports, and room for its thread variables. */
function assemblyFor(program: Elf, { relocations }: Imports): string {
  const jump = program.machine === "x64" ? "jmp" : "b";
  const variables = new Set(relocations.filter(({ kind }) => kind === "copy").map(({ symbol }) => symbol.name));
  const wanted = relocations.filter(({ symbol }) => !symbol.isWeak).map(({ symbol }) => symbol.name);
  const names = [...new Set(wanted)].filter((name) => !variables.has(name) && !OWN.has(name)).toSorted();
  const tls = headerOf(program, SEGMENT.tls);
  const isLast = program.machine === "x64";
  const align = isLast ? 64 : (tls?.align ?? 1);
  const size = tls?.memorySize ?? 0;
  // On x86-64 its end is at the thread pointer, so it is filled up in front.
  const before = isLast ? Math.ceil(size / align) * align - size : 0;
  const text = [
    ".text",
    ...names.map((name) => `.globl via_${name}\nvia_${name}: ${jump} ${name}`),
    ".section .rodata",
    ".balign 8",
    ...[...variables].map((name) => `.quad ${name}`),
    `.section .program_tls.${isLast ? "last" : "first"}, "awT", %progbits`,
    `.balign ${align}`,
    ...(before > 0 ? [`.skip ${before}`] : []),
    `.globl ${ROOM}`,
    `.type ${ROOM}, %object`,
    `${ROOM}: .skip ${size}`,
    '.section .note.GNU-stack, "", %progbits',
  ];
  return `${text.join("\n")}\n`;
}
