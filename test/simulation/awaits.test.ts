import { expect, test } from "bun:test";
import { type Change, changes, runAwait, type Work, works } from "./awaits.ts";
import { codeOf, isUnmended } from "./unmended.ts";

/** Every second case unless all are asked for; AWAIT="work/change/number/ms" runs that one alone. */
const isAll = process.env["AWAITS"] === "all";
const kinds = <T extends string>(of: Readonly<Record<T, unknown>>): readonly T[] => Object.keys(of).filter(isOf(of));

function isOf<T extends string>(of: Readonly<Record<T, unknown>>): (key: string) => key is T {
  return (key): key is T => key in of;
}

const pairs: readonly (readonly [Work, Change])[] = kinds(works).flatMap((work) =>
  kinds(changes).map((change) => [work, change] as const),
);

test.each(kinds(works))("%s: left alone it has its effects, and none is wrong", (work) => {
  const { breaches, effects } = runAwait(work, null);
  expect([breaches, effects > 0]).toEqual([[], true]);
});

test.each(pairs)("%s, and at any await before an effect %s: no effect that this forbids", (work, change) => {
  const { requests, lastEffect } = runAwait(work, null);
  // Of the right to act more than these effects hangs.
  const last = change === "the right to act runs out" ? requests.length : lastEffect + 1;
  const breaches: string[] = [];
  for (let at = 0; at < last; at += 1) {
    for (const toldAfterMs of isAll ? [0, 5_000] : [at % 2 === 0 ? 0 : 5_000]) {
      const found = runAwait(work, { work, change, at, toldAfterMs }).breaches;
      const where = `${toldAfterMs === 0 ? "told at once" : "told late"} in the middle of ${at} ${requests[at]}`;
      for (const breach of found) if (!isUnmended("awaits", codeOf(breach))) breaches.push(`${breach}; ${where}`);
    }
  }
  expect(breaches).toEqual([]);
});
