/** Milliseconds of many repeats of one thing, in six numbers. */
export interface Spread {
  readonly n: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
}

/** The spread of these values; all NaN when there are none. Percentiles are nearest-rank. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return {
    n: sorted.length,
    median: round(at(0.5)),
    p90: round(at(0.9)),
    p99: round(at(0.99)),
    max: round(at(1)),
    mean: round(mean),
  };
}

/** To a tenth: what is below is noise. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** To a hundredth. */
export function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
