/** Which programs are measured, and what they call themselves. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import type { Program } from "./contenders.ts";

const root = new URL("..", import.meta.url).pathname;
const VERSION_MS = 20_000;

/** That file; without one the compiled binary where it is made of these sources, else the sources. */
export function programAt(file: string | null): Program {
  if (file !== null) return { name: file, argv: [file] };
  const binary = `${root}dist/tidekeeper`;
  const sources = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" }).map((path) => `${root}src/${path}`);
  const newest = Math.max(...[...sources, `${root}package.json`].map((path) => statSync(path).mtimeMs));
  const isFresh = existsSync(binary) && statSync(binary).mtimeMs > newest;
  return isFresh ? { name: "dist/tidekeeper", argv: [binary] } : { name: "sources", argv: null };
}

/** What `tidekeeper version` prints: where it lies is nobody's business. */
export function versionOf({ argv }: Program): string {
  const [command = process.execPath, ...rest] = argv ?? [process.execPath, `${root}src/cli/main.ts`];
  return execFileSync(command, [...rest, "version"], { encoding: "utf8", timeout: VERSION_MS }).trim();
}
