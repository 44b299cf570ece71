/** ARCHITECTURE.md and its picture say what is there. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readRooms, roomsPicture, withRoomsTable } from "../../scripts/rooms.ts";
import { drawLayers } from "../../scripts/rooms/draw-layers.ts";
import { layersOf } from "../../scripts/rooms/layers.ts";
import { MEND, ROOT, textOf } from "./sources.ts";

const page = await textOf("ARCHITECTURE.md");
const rooms = await readRooms();

test("docs/rooms.svg is drawn from the imports", async () => {
  // Not the texts themselves: a failure would print both whole.
  expect((await textOf("docs/rooms.svg")) === roomsPicture(rooms), MEND).toBe(true);
});

test("the table of rooms says what the imports say", () => {
  expect(withRoomsTable(page, rooms) === page, MEND).toBe(true);
});

test("every room has its paragraph, which names its door, and no other has one", () => {
  const parts = page.split(/^### /m).slice(1);
  const named = parts.map((part) => /^`src\/([\w/-]+)`\n/.exec(part)?.[1] ?? part.slice(0, 40));
  expect(named.toSorted()).toEqual([...rooms.names]);
  const last = parts.map((part) => part.split(/^## /m)[0] ?? "");
  expect(named.filter((_name, index) => !/\bdoors?\b/i.test(last[index] ?? ""))).toEqual([]);
});

test("every file that it names is there", () => {
  const paths = [...page.matchAll(/`((?:src|test|scripts|docs)\/[\w./-]+\.\w+)`/g)].map(([, path = ""]) => path);
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

/** A row of the table: its file, and the names in the third column. */
const steps = [...page.matchAll(/^\| \d+ \| `([^`]+)` \| ([^|]+) \|/gm)].map(
  ([, path = "", cell = ""]) => [path, [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)] as const,
);

/** Who follows one healing opens no more files than this, and none is long. */
const MOST_FILES = 20;
const MOST_LINES = 300;

test("the healing is told in steps", () => {
  expect(steps.length).toBeGreaterThan(15);
  expect(steps.length).toBeLessThanOrEqual(MOST_FILES);
  expect(steps.filter(([, names]) => names.length === 0)).toEqual([]);
});

test("no file is opened twice, and the controller is among them", () => {
  const paths = steps.map(([path]) => path);
  expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  expect(paths).toContain("src/controller/controller.ts");
});

test.each(steps)("%s has fewer than 300 lines", async (path) => {
  expect((await textOf(path)).split("\n").length).toBeLessThan(MOST_LINES);
});

test("one reconcile is one screen", async () => {
  expect((await textOf("src/core/reconcile.ts")).split("\n").length).toBeLessThan(60);
});

test.each(steps)("%s declares %p", async (path, names) => {
  const text = await textOf(path);
  expect(names.filter((name) => !isDeclared(name, text))).toEqual([]);
});

/** A function, a constant, a class, or a member with a body. */
function isDeclared(name: string, text: string): boolean {
  const declared = new RegExp(
    `^\\s*(?:export )?(?:async )?(?:function\\*? |const |class )${name}\\b|^\\s+(?:async )?${name}(?:<[^>]*>)?\\([^;]*$`,
    "m",
  );
  return declared.test(text);
}

test.each([
  ["a function", "export async function act(persisted: Persisted): Promise<Acted> {", true],
  ["a constant", "export const act: Task = {", true],
  ["a method", "  async act(persisted) {", true],
  ["a call is none", "  const x = await act(persisted);", false],
  ["nor is a call by itself", "  act(persisted);", false],
  ["nor a longer name", "function actor() {", false],
])("sees %s", (_title, text, is) => {
  expect(isDeclared("act", text)).toBe(is);
});

test("rooms in a circle: the arrow with the fewest imports goes up, and the others down", () => {
  const arrows = [
    { from: "a", to: "b", imports: 5 },
    { from: "b", to: "a", imports: 1 },
    { from: "b", to: "c", imports: 1 },
    { from: "a", to: "c", imports: 9 },
  ];
  const layers = layersOf(["a", "b", "c"], arrows);
  expect(layers.rows).toEqual([["a"], ["b"], ["c"]]);
  expect(layers.up).toEqual([{ from: "b", to: "a", imports: 1 }]);
  // The longer way by b shows it already.
  expect(layers.down.map(({ from, to }) => `${from} ${to}`)).toEqual(["a b", "b c"]);
  expect(drawLayers(layers)).toContain('class="up"');
});
