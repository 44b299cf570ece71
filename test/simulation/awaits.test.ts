/** Everything that may happen, in the middle of every request of a healing, a roll-out, an init and a deletion. */
import { expect, test } from "bun:test";
import { awaitCases, changes, namesOf, runAwait, works } from "./awaits.ts";
import { codeOf, isUnmended, unmended } from "./unmended.ts";

/** Every third case, of each change at every kind of work; AWAITS=all for all of them. */
const cases = awaitCases().filter((_, index) => process.env["AWAITS"] === "all" || index % 3 === 0);
const found = new Set<string>();

test.each(namesOf(works))("%s: left alone it has its effects, and none is wrong", (work) => {
  const { breaches, effects } = runAwait(work, null);
  expect([breaches, effects > 0]).toEqual([[], true]);
});

const pairs = namesOf(works).flatMap((work) => namesOf(changes).map((change) => [work, change] as const));

test.each(pairs)("%s, and in the middle of a request %s: no effect that this forbids", (work, change) => {
  const breaches: string[] = [];
  for (const one of cases.filter((any) => any.work === work && any.change === change)) {
    const broken = runAwait(work, one);
    const when = `${one.toldAfterMs === 0 ? "told at once" : "told late"}, in ${broken.requests[one.at]} (${one.at})`;
    for (const breach of broken.breaches) {
      found.add(codeOf(breach));
      if (!isUnmended("awaits", codeOf(breach))) breaches.push(`${breach}; ${when}`);
    }
  }
  expect(breaches).toEqual([]);
});

test("what is said to be unmended is found", () => {
  expect(unmended.awaits.filter((code) => !found.has(code))).toEqual([]);
});
