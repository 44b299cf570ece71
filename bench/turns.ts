/**
 * Two programs in turn: what a machine does beside them changes from minute to minute, so only what was measured in the
 * same minute is compared, pair by pair.
 */
import { hundredths } from "./spread.ts";

/** `ours` is the program of this repository, `other` the one it is compared with. */
export type Side = "ours" | "other";

/** Something of each. */
export type BySide<T> = Readonly<Record<Side, T>>;

/** Who goes first. */
export type Order = readonly [Side, Side];

/** One number of one program in one round. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
}

/** What both came to in one round: the same figures in the same order. */
export type Round = BySide<readonly Figure[]>;

/** One figure over all rounds. */
export interface Comparison {
  readonly what: string;
  readonly unit: string;
  /** Medians. */
  readonly ours: number;
  readonly other: number;
  /** Ours by the other's, of each pair; null where no pair can be divided. */
  readonly ratio: { readonly median: number; readonly min: number; readonly max: number } | null;
}

/** Makes something for each, ours first. */
export async function forBoth<T>(make: (side: Side) => Promise<T>): Promise<BySide<T>> {
  return oneByOne(["ours", "other"], make);
}

/** Measures one, then the other. */
export async function oneByOne<T>([first, second]: Order, measure: (side: Side) => Promise<T>): Promise<BySide<T>> {
  const [before, after] = [await measure(first), await measure(second)];
  return first === "ours" ? { ours: before, other: after } : { ours: after, other: before };
}

/** So many rounds; the order is turned round with each, so that neither always follows the other. */
export async function takeTurns(
  rounds: number,
  round: (order: Order, index: number) => Promise<Round>,
): Promise<readonly Round[]> {
  const taken: Round[] = [];
  for (let index = 0; index < rounds; index += 1) {
    taken.push(await round(index % 2 === 0 ? ["ours", "other"] : ["other", "ours"], index));
  }
  return taken;
}

/** Each figure over all rounds. */
export function compare(rounds: readonly Round[]): readonly Comparison[] {
  return (rounds[0]?.ours ?? []).map(({ what, unit }) => {
    const pairs = rounds.map(({ ours, other }) => [valueOf(ours, what), valueOf(other, what)] as const);
    const ratios = pairs.filter(([, other]) => other > 0).map(([ours, other]) => hundredths(ours / other));
    return {
      what,
      unit,
      ours: medianOf(pairs.map(([ours]) => ours)),
      other: medianOf(pairs.map(([, other]) => other)),
      ratio:
        ratios.length === 0
          ? null
          : { median: hundredths(medianOf(ratios)), min: Math.min(...ratios), max: Math.max(...ratios) },
    };
  });
}

/** The value in the middle, or half way between the two there; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return hundredths((low + high) / 2);
}

function valueOf(figures: readonly Figure[], what: string): number {
  return figures.find((figure) => figure.what === what)?.value ?? Number.NaN;
}
