/**
 * Makes a compiled program static. usage: bun scripts/static-link/main.ts DYNAMIC STATIC
 * Exit codes: 0 made; 1 refused, by a line that says what of it; 3 not here: compiler or libc.a is missing, or not glibc's.
 */
import { chmod, rename } from "node:fs/promises";
import { join } from "node:path";
import { loaderOf, readElf, Refused } from "./elf.ts";
import { importsOf } from "./imports.ts";
import { Lacking, libraryFor } from "./library.ts";
import { link } from "./link.ts";
import { runtimeOf } from "./runtimes.ts";

const CACHE = join(import.meta.dir, "../../.cache/static-link");
const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  console.error("usage: bun scripts/static-link/main.ts DYNAMIC STATIC");
  process.exit(2);
}

try {
  const program = readElf(from, await Bun.file(from).bytes());
  // It has another C library, and another way.
  const loader = loaderOf(program);
  if (loader.includes("musl")) throw new Lacking(`${from}: loader: got ${loader}, want that of glibc`);
  const runtime = runtimeOf(program);
  const imports = importsOf(program);
  const library = await libraryFor(program, imports, CACHE);
  // Renamed when it is whole: nobody starts half a program.
  const made = `${to}.${process.pid}`;
  await Bun.write(made, link(program, library, imports));
  await chmod(made, 0o755);
  await rename(made, to);
  console.log(
    `static-link: ${to}: static (${runtime}, ${imports.relocations.length} places, ${library.bytes.length >> 10} KiB of C library)`,
  );
} catch (error) {
  if (!(error instanceof Refused || error instanceof Lacking)) throw error;
  console.error(`static-link: ${error.message}`);
  process.exit(error instanceof Lacking ? 3 : 1);
}
