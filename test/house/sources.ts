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

/** What a file imports, types included, dynamic imports included. */
export function importsOf(text: string): readonly string[] {
  const uncommented = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const statements =
    /(?:^|[\s;}])(?:import|export)\s[^"';]*?from\s*"([^"]+)"|(?:^|\s)import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/g;
  return [...uncommented.matchAll(statements)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}
