/** Clock, timers, randomness, network, files and the process are reached through src/host and src/http alone. */
import { expect, test } from "bun:test";
import { codeOf, importsOf, sourcesIn } from "./sources.ts";

const BARRED: readonly (readonly [string, RegExp])[] = [
  ["the clock", /(?<![.\w])(?:Date\.now|performance\.\w+|new Date\(\s*\))/g],
  ["timers", /(?<![.\w])(?:setTimeout|setInterval|setImmediate)\b|AbortSignal\.timeout/g],
  ["randomness", /(?<![.\w])(?:Math\.random|crypto\.\w+)/g],
  ["the network", /(?<![.\w])(?:fetch\(|new (?:WebSocket|XMLHttpRequest|EventSource)\b)/g],
  ["the process", /(?<![.\w])(?:process|console)\./g],
  // Pure functions of their input are no door to anything.
  ["the runtime", /(?<![.\w])Bun\.(?!hash\b|randomUUIDv5\b|CryptoHasher\b|YAML\b|stringWidth\b)\w+/g],
];

/** Modules that only compute. */
const PURE_MODULES = new Set(["node:buffer"]);

const rooms = (await sourcesIn("src")).filter(({ path }) => !/^src\/(?:host|http)\//.test(path));

function barredIn(text: string): readonly string[] {
  const code = codeOf(text);
  const uses = BARRED.flatMap(([what, pattern]) => [...code.matchAll(pattern)].map((match) => `${what}: ${match[0]}`));
  const modules = importsOf(text).filter((name) => /^(?:node:|bun$|bun:)/.test(name) && !PURE_MODULES.has(name));
  return [...uses, ...modules.map((name) => `a module: ${name}`)];
}

test.each(rooms.map(({ path, text }) => [path, text] as const))("%s", (_path, text) => {
  expect(barredIn(text)).toEqual([]);
});

test.each<[string, string, readonly string[]]>([
  ["a call", "const now = Date.now();", ["the clock: Date.now"]],
  ["a date of now", "new Date()", ["the clock: new Date()"]],
  ["a date of a given time is fine", "new Date(ms)", []],
  ["a port of the same name is fine", "options.fetch(x); timers.setTimeout(y); world.process.x", []],
  ["a comment is fine", "// process.exit\n/* Date.now */", []],
  ["a string is fine", 'const words = "process.exit";', []],
  ["a pure function of the runtime is fine", "Bun.hash(text)", []],
  ["any other is not", "Bun.file(path)", ["the runtime: Bun.file"]],
  ["a module", 'import { readFile } from "node:fs/promises";', ["a module: node:fs/promises"]],
])("sees %s", (_title, text, found) => {
  expect(barredIn(text)).toEqual(found);
});
