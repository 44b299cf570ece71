/** Rooms are entered by their doors, and a door gives what somebody outside takes, no more. */
import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { ARROWS, roomOf } from "./arrows.ts";
import { exportedBy, type Import, importsIn, type Source, sourcesIn } from "./sources.ts";

/** Plugins that nobody here knows import it as `tidekeeper/plugin`: it gives what they may take. */
const TAKEN_BY_STRANGERS = new Set(["src/plugin/index.ts"]);

const files = (await Promise.all(["src", "test", "bench", "scripts", "examples"].map(sourcesIn))).flat();

/** An import of a file in src, by its path from the checkout. */
interface Taken extends Import {
  readonly by: string;
  readonly from: string;
}

function takenBy({ path, text }: Source): readonly Taken[] {
  return importsIn(text)
    .filter(({ specifier }) => specifier.startsWith("."))
    .map((one) => ({ ...one, by: path, from: join(dirname(path), one.specifier) }))
    .filter(({ from }) => from.startsWith("src/"));
}

/** Files of a room, and its own tests, may go in. Tests of a room of rooms may enter all of these. */
function mayEnter(by: string, from: string): boolean {
  const room = roomOf(from);
  const [folder = ""] = by.split("/");
  if (folder === "src") return roomOf(by) === room;
  return folder === "test" && (roomOf(by) === room || room.startsWith(`${roomOf(by)}/`));
}

function pastDoors(source: Source): readonly string[] {
  return takenBy(source)
    .filter(({ by, from }) => !mayEnter(by, from) && from !== doorOf(from))
    .map(({ from }) => `${from}: take it from ${doorOf(from)}`);
}

function doorOf(path: string): string {
  return `src/${roomOf(path)}/index.ts`;
}

test.each(files.map((file) => [file.path, file] as const))("%s enters rooms by their doors", (_path, file) => {
  expect(pastDoors(file)).toEqual([]);
});

test.each<[string, string, string, readonly string[]]>([
  ["past a door", "src/core/loop.ts", "../model/node.ts", ["src/model/node.ts: take it from src/model/index.ts"]],
  ["by the door", "src/core/loop.ts", "../model/index.ts", []],
  ["within a room", "src/core/loop.ts", "./registry.ts", []],
  [
    "past the door of a room in a room",
    "src/kube/watch/reflector.ts",
    "../store/store.ts",
    ["src/kube/store/store.ts: take it from src/kube/store/index.ts"],
  ],
  ["a test of the room itself", "test/kube/store/store.test.ts", "../../../src/kube/store/store.ts", []],
  ["a test of all its rooms", "test/seinode/nodes.ts", "../../src/seinode/read/read-node.ts", []],
  [
    "a test of another room",
    "test/core/loop.test.ts",
    "../../src/model/node.ts",
    ["src/model/node.ts: take it from src/model/index.ts"],
  ],
  [
    "a test of no room",
    "test/cluster/run.test.ts",
    "../../src/model/node.ts",
    ["src/model/node.ts: take it from src/model/index.ts"],
  ],
  ["a benchmark", "bench/run.ts", "../src/model/node.ts", ["src/model/node.ts: take it from src/model/index.ts"]],
])("sees an import %s", (_title, path, specifier, found) => {
  expect(pastDoors({ path, text: `import type { A } from "${specifier}";\n` })).toEqual(found);
});

const doors = files.filter(({ path }) => path === doorOf(path));
const taken = new Map<string, Set<string>>();
for (const one of files.flatMap(takenBy)) {
  if (mayEnter(one.by, one.from)) continue;
  const names = taken.get(one.from) ?? new Set();
  for (const name of one.names) names.add(name);
  taken.set(one.from, names);
}

test("every room has a door", () => {
  expect(Object.keys(ARROWS).filter((room) => !doors.some(({ path }) => path === `src/${room}/index.ts`))).toEqual([]);
});

test.each(doors.map(({ path, text }) => [path, text] as const))("%s gives nothing that nobody takes", (path, text) => {
  if (TAKEN_BY_STRANGERS.has(path)) return;
  const names = taken.get(path) ?? new Set();
  if (names.has("*")) return;
  expect(exportedBy(text).filter((name) => !names.has(name))).toEqual([]);
});

test("the reader of exports sees every form", () => {
  const text = `export { a, type B, c as d } from "./a.ts";
export type { E } from "./e.ts";
export const f = 1;
export async function g() {}
export interface H {}
export { i };
`;
  expect(exportedBy(text)).toEqual(["a", "B", "d", "E", "f", "g", "H", "i"]);
  expect(
    importsIn('import { a, type B, c as d } from "x";\nimport * as all from "y";\nconst { z } = await import("z");'),
  ).toEqual([
    { specifier: "x", names: ["a", "B", "c"] },
    { specifier: "y", names: ["*"] },
    { specifier: "z", names: ["*"] },
  ]);
});
