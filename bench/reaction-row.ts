/** One contender's line in a table of reactions, and what one is of the other. */
import type { Spread } from "./spread.ts";
import type { Usage } from "./usage.ts";

/** Count, median, p90, p99 and longest in milliseconds, then CPU and memory. */
export function reactionRow(
  title: string,
  { n, median, p90, p99, max }: Spread,
  usage: Usage,
): readonly (string | number)[] {
  const times = [median, p90, p99, max].map((ms) => `${ms} ms`);
  return [title, n, ...times, `${usage.cpuSeconds} s`, `${usage.rssMb} MB`];
}

/** `a` by `b`, to two places. */
export function part(a: number, b: number): number {
  return Math.round((a / b) * 100) / 100;
}
