/** What `scripts/compile.sh all` made, by what the files themselves say: most of them cannot be run here. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const wanted = process.env["COMPILE_ALL"] === "1";
const why = wanted ? "" : " (they fetch six runtimes: scripts/compile.sh all, then COMPILE_ALL=1)";

/** Without it the program for that processor is left as Bun made it. */
const hasArmCompiler = Bun.which("aarch64-linux-gnu-gcc") !== null || process.arch === "arm64";

/** Format, processor, and the loader that an ELF asks for. */
async function described(path: string): Promise<string> {
  const bytes = new DataView(
    await Bun.file(path)
      .slice(0, 64 * 1024)
      .arrayBuffer(),
  );
  const magic = bytes.getUint32(0);
  // Mach-O, 64 bits, little endian: the processor follows the magic number.
  if (magic === 0xcffaedfe) return `mach-o ${MACHO_CPUS.get(bytes.getUint32(4, true)) ?? "?"}`;
  if (magic !== 0x7f454c46) return `magic ${magic.toString(16)}`;
  return `elf ${ELF_CPUS.get(bytes.getUint16(18, true)) ?? "?"} ${interpreterOf(bytes)}`;
}

const ELF_CPUS = new Map([
  [62, "x86-64"],
  [183, "aarch64"],
]);
const MACHO_CPUS = new Map([
  [0x01000007, "x86-64"],
  [0x0100000c, "arm64"],
]);
const PT_INTERP = 3;

function interpreterOf(elf: DataView): string {
  const table = Number(elf.getBigUint64(32, true));
  const [size, count] = [elf.getUint16(54, true), elf.getUint16(56, true)];
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (elf.getUint32(at, true) !== PT_INTERP) continue;
    const [offset, length] = [Number(elf.getBigUint64(at + 8, true)), Number(elf.getBigUint64(at + 32, true))];
    return new TextDecoder().decode(new Uint8Array(elf.buffer, offset, length - 1));
  }
  return "no interpreter";
}

describe.skipIf(!wanted)(`targets${why}`, () => {
  test.each([
    ["linux-x64", "elf x86-64 no interpreter"],
    ["linux-x64.dynamic", "elf x86-64 /lib64/ld-linux-x86-64.so.2"],
    ["linux-x64-baseline", "elf x86-64 no interpreter"],
    ["linux-x64-musl", "elf x86-64 /lib/ld-musl-x86_64.so.1"],
    ["linux-arm64", `elf aarch64 ${hasArmCompiler ? "no interpreter" : "/lib/ld-linux-aarch64.so.1"}`],
    ["linux-arm64-musl", "elf aarch64 /lib/ld-musl-aarch64.so.1"],
    ["darwin-x64", "mach-o x86-64"],
    ["darwin-arm64", "mach-o arm64"],
  ])("%s is %s", async (target, want) => {
    expect(await described(join(ROOT, `dist/tidekeeper-${target}`))).toBe(want);
  });
});
