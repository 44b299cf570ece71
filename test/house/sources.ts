/** The files of this project, as text. */
import { Glob } from "bun";
import { join } from "node:path";

/** The checkout. */
export const ROOT = join(import.meta.dir, "../..");

/** What a test says of a generated page that is stale. */
export const MEND = "the page is not what it is written from. Write it anew: bun scripts/pages.ts";

/** A file by its path from the checkout. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file under a folder, by path. */
export async function sourcesIn(folder: string): Promise<readonly Source[]> {
  const paths = await Array.fromAsync(new Glob(`${folder}/**/*.ts`).scan({ cwd: ROOT }));
  return Promise.all(paths.toSorted().map(async (path) => ({ path, text: await Bun.file(join(ROOT, path)).text() })));
}

/** The text of one file. */
export async function textOf(path: string): Promise<string> {
  return Bun.file(join(ROOT, path)).text();
}

/** The code alone: comments, strings and regular expressions blanked, lines kept. Good enough for searching. */
export function codeOf(text: string): string {
  const quoted =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=[(,=:?&|!]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;
  return text.replace(quoted, (found) => found.replace(/[^\n]/g, " "));
}

/** One import of a file: from where, and which names; `*` stands for all of them. */
export interface Import {
  readonly specifier: string;
  readonly names: readonly string[];
}

/** What a file imports, types included, dynamic imports included; what it hands on (`export … from`) counts. */
export function importsIn(text: string): readonly Import[] {
  const statements =
    /(?:^|[\s;}])(?:import|export)\s([^"';]*?)\bfrom\s*"([^"]+)"|(?:^|\s)import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/g;
  return [...uncommented(text).matchAll(statements)].map(([, clause, from, bare, lazy]) => ({
    specifier: from ?? bare ?? lazy ?? "",
    names: clause === undefined ? (bare === undefined ? ["*"] : []) : namesOf(clause),
  }));
}

/** The specifiers alone. */
export function importsOf(text: string): readonly string[] {
  return importsIn(text).map(({ specifier }) => specifier);
}

/** The names that a file gives. */
export function exportedBy(text: string): readonly string[] {
  const given =
    /^export\s+(?:type\s+)?\{([^}]*)\}|^export\s+(?:declare\s+|async\s+|abstract\s+)*(?:function\*?|const|let|class|interface|type)\s+(\w+)/gm;
  return [...uncommented(text).matchAll(given)].flatMap(([, list, name]) =>
    name === undefined ? entriesOf(list ?? "").map((entry) => entry.split(" as ").at(-1) ?? entry) : [name],
  );
}

function uncommented(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** `{ a, type B as C }` names a and B; a default or a namespace stands for all. */
function namesOf(clause: string): readonly string[] {
  const list = /\{([^}]*)\}/.exec(clause)?.[1];
  return list === undefined ? ["*"] : entriesOf(list).map((entry) => entry.split(" as ")[0] ?? entry);
}

function entriesOf(list: string): readonly string[] {
  return list
    .split(",")
    .map((entry) => entry.trim().replace(/^type\s+/, ""))
    .filter((entry) => entry !== "");
}
