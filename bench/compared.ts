/** What two programs came to in turn, as the page tells it. */
import type { Outcome, Table } from "./scenario.ts";
import { compare, type Comparison, type Round } from "./turns.ts";

/** The table of medians and ratios first, then what else the scenario has to say. */
export function compared(rounds: readonly Round[], last: Outcome): Outcome {
  const table: Table = {
    columns: [
      `medians of ${rounds.length} rounds`,
      "ours",
      "the other",
      "ours by the other's, median of the pairs",
      "least",
      "greatest",
    ],
    rows: compare(rounds).map(rowOf),
  };
  return { ...last, tables: [table, ...last.tables] };
}

function rowOf({ what, unit, ours, other, ratio }: Comparison): readonly string[] {
  const told = (value: number): string => (unit === "" ? String(value) : `${value} ${unit}`);
  const ratios = ratio === null ? ["-", "-", "-"] : [ratio.median, ratio.min, ratio.max].map((value) => `${value} x`);
  return [what, told(ours), told(other), ...ratios];
}
