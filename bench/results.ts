/** The newest figures of each section of the page, a file each. */
import { takenAs } from "../test/cluster/harness/taken-as.ts";
import type { Result } from "./scenario.ts";
import { sections } from "./scenarios/index.ts";

/** Where the figures of a section are kept. */
export function resultPath(section: string): string {
  return new URL(`results/${section}.json`, import.meta.url).pathname;
}

/** What is kept, by name of the section; one that was not measured yet is not there. */
export async function keptResults(): Promise<ReadonlyMap<string, Result>> {
  const kept = new Map<string, Result>();
  for (const { name } of sections) {
    const file = Bun.file(resultPath(name));
    if (await file.exists()) kept.set(name, takenAs<Result>(await file.json()));
  }
  return kept;
}
