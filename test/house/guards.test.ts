/** Every test that a room's invariants name as their guard is there. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, sourcesIn } from "./sources.ts";

const rooms = (await sourcesIn("src")).filter(({ path }) => path.endsWith("/index.ts"));

/** The paths of tests that a text names. */
function guardsOf(text: string): readonly string[] {
  return [...text.matchAll(/\btest\/[\w/-]+\.test\.ts\b/g)].map(([path]) => path);
}

test.each(rooms.map(({ path, text }) => [path, guardsOf(text)] as const))("%s", (_room, guards) => {
  expect(guards.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("the rooms name guards at all", () => {
  expect(rooms.flatMap(({ text }) => guardsOf(text)).length).toBeGreaterThan(10);
});
