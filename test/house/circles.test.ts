/** No file of src imports itself by way of others, types included: what is read first can be read without the rest. */
import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { importsOf, sourcesIn } from "./sources.ts";

const files = await sourcesIn("src");

test("there is no circle of files", () => {
  expect(circlesIn(files)).toEqual([]);
});

test("a circle is seen, whoever begins it", () => {
  const circle = [
    { path: "src/a/one.ts", text: 'import { two } from "./two.ts";' },
    { path: "src/a/two.ts", text: 'import type { Three } from "../b/three.ts";' },
    { path: "src/b/three.ts", text: 'export { one } from "../a/one.ts";' },
    { path: "src/b/four.ts", text: 'import { three } from "./three.ts";' },
  ];
  expect(circlesIn(circle)).toEqual(["src/a/one.ts", "src/a/two.ts", "src/b/three.ts"]);
});

/** The files that lie in a circle. */
function circlesIn(sources: readonly { readonly path: string; readonly text: string }[]): readonly string[] {
  const imports = new Map(sources.map(({ path, text }) => [path, targetsOf(path, text)]));
  return [...imports.keys()].filter((path) => reachedFrom(path, imports).has(path)).toSorted();
}

function targetsOf(path: string, text: string): readonly string[] {
  return importsOf(text).flatMap((specifier) => (specifier.startsWith(".") ? [join(dirname(path), specifier)] : []));
}

function reachedFrom(path: string, imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>();
  const left = [...(imports.get(path) ?? [])];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    left.push(...(imports.get(next) ?? []));
  }
  return reached;
}
