/** Imports follow the arrows of arrows.ts, and packages are used where they may be. */
import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { ARROWS, roomOf } from "./arrows.ts";
import { importsOf, sourcesIn } from "./sources.ts";

/** Packages by the room that may use them: a room without an entry uses none. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "kube/connect": ["yaml"],
  "seinode/platform": ["yaml"],
  server: ["hono"],
  telemetry: [
    "@opentelemetry/api",
    "@opentelemetry/exporter-metrics-otlp-http",
    "@opentelemetry/exporter-metrics-otlp-proto",
    "@opentelemetry/resources",
    "@opentelemetry/sdk-metrics",
  ],
  cli: ["yaml"],
  laptop: ["@kubernetes/client-node", "yaml"],
};

const files = await sourcesIn("src");

test("there is something to look at", () => {
  expect(files.length).toBeGreaterThan(50);
});

test.each(files.map(({ path, text }) => [path, text] as const))("%s", (path, text) => {
  const room = roomOf(path);
  expect(Object.keys(ARROWS)).toContain(room);
  const strays = importsOf(withoutModels(text)).filter((specifier) => !mayImport(room, path, specifier));
  expect(strays).toEqual([]);
});

/** Its types hold what we build to the models of Kubernetes; none of its code is to be in the binary by way of them. */
function withoutModels(text: string): string {
  return text.replace(/^import type \{[^}]*\} from "@kubernetes\/client-node";$/gm, "");
}

test.each([
  ['import type { V1Pod } from "@kubernetes/client-node";', []],
  ['import type {\n  V1Job,\n  V1Pod,\n} from "@kubernetes/client-node";', []],
  ['import { KubeConfig } from "@kubernetes/client-node";', ["@kubernetes/client-node"]],
  ['import { type V1Pod } from "@kubernetes/client-node";', ["@kubernetes/client-node"]],
  ['const all = await import("@kubernetes/client-node");', ["@kubernetes/client-node"]],
])("of the Kubernetes client types alone are taken: %s", (text, found) => {
  expect(importsOf(withoutModels(text)).filter((specifier) => !mayImport("cli", "src/cli/a.ts", specifier))).toEqual(
    found,
  );
});

/** Built-in modules have a test of their own: globals.test.ts. */
function mayImport(room: string, path: string, specifier: string): boolean {
  if (specifier.startsWith("node:") || specifier === "bun") return true;
  if (!specifier.startsWith(".")) {
    const name = specifier
      .split("/")
      .slice(0, specifier.startsWith("@") ? 2 : 1)
      .join("/");
    return (PACKAGES[room] ?? []).includes(name);
  }
  const target = join(dirname(path), specifier);
  if (!target.startsWith("src/")) return false;
  const other = roomOf(target);
  return other === room || (ARROWS[room] ?? []).includes(other);
}

test("the reader of imports sees every form", () => {
  const text = `import a from "a";
import type { B } from "b";
import {
  c,
  type D,
} from "c";
export { e } from "e";
export type * from "f";
import "g";
const h = await import("h");
// import i from "i";
/** import j from "j" */
`;
  expect(importsOf(text)).toEqual(["a", "b", "c", "e", "f", "g", "h"]);
});
