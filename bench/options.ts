/** What the benchmark is told on its command line. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { History } from "./fleet/history.ts";

/** As told, with what holds where nothing was. */
export interface Options {
  /** Null = every scenario. */
  readonly only: string | null;
  /** Null = the scenario's own. */
  readonly nodes: number | null;
  /** A file; null = what was compiled of these sources, else the sources. */
  readonly program: string | null;
  /** The program to compare with, in turn; null = none. */
  readonly versus: string | null;
  readonly rounds: number;
  readonly history: History;
  readonly list: boolean;
  readonly page: boolean;
}

/** Rounds in turn where nothing else is said; from fewer no figures are kept. */
export const ROUNDS = 10;

/** Reads the command line; an Error says in one line what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      nodes: { type: "string" },
      program: { type: "string" },
      versus: { type: "string" },
      rounds: { type: "string" },
      history: { type: "string", default: "full" },
      list: { type: "boolean", default: false },
      page: { type: "boolean", default: false },
    },
  });
  const { only, nodes, program, versus, rounds, history, list, page } = values;
  if (history !== "full" && history !== "empty") throw new Error(`--history: got ${history}, want full or empty`);
  if (rounds !== undefined && versus === undefined)
    throw new Error("--rounds: got no --versus FILE beside it, want the program to take turns with");
  return {
    only: only ?? null,
    nodes: nodes === undefined ? null : countOf("nodes", nodes),
    program: program === undefined ? null : fileOf("program", program),
    versus: versus === undefined ? null : fileOf("versus", versus),
    rounds: rounds === undefined ? ROUNDS : countOf("rounds", rounds),
    history,
    list,
    page,
  };
}

/** Whether figures measured so are kept: those of a try are not. */
export function areKept({ nodes, program, rounds, history }: Options): boolean {
  return nodes === null && program === null && history === "full" && rounds >= ROUNDS;
}

function countOf(flag: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new Error(`--${flag}: got ${text}, want a whole number from 1 on`);
  return count;
}

function fileOf(flag: string, text: string): string {
  const file = resolve(text);
  if (!existsSync(file)) throw new Error(`--${flag}: got ${text}, want a program that is there`);
  return file;
}
