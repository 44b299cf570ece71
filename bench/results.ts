/** The newest figures of each scenario, a file each. */
import { takenAs } from "../test/cluster/harness/taken-as.ts";
import type { Result } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

/** Where the figures of a scenario are kept. */
export function resultPath(scenario: string): string {
  return new URL(`results/${scenario}.json`, import.meta.url).pathname;
}

/** What is kept, by name of the scenario; one that was not measured yet is not there. */
export async function keptResults(): Promise<ReadonlyMap<string, Result>> {
  const kept = new Map<string, Result>();
  for (const { name } of scenarios) {
    const file = Bun.file(resultPath(name));
    if (await file.exists()) kept.set(name, takenAs<Result>(await file.json()));
  }
  return kept;
}
