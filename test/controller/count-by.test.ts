/** Counting what is under way by a key. */
import { expect, test } from "bun:test";
import { countBy } from "../../src/controller/count-by.ts";

test("waits for all that is under way with a key, and for nothing else", async () => {
  const counts = countBy<number>();
  const log: string[] = [];
  const [first, second, other] = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const runs = [
    counts.during(7, async () => first?.promise),
    counts.during(7, async () => second?.promise),
    counts.during(8, async () => other?.promise),
  ];
  void counts.none(7).then(() => log.push("none of 7"));
  await counts.none(9);
  first?.resolve();
  await runs[0];
  expect(log).toEqual([]);
  second?.reject(new Error("it failed"));
  expect(await runs[1]?.catch(String)).toBe("Error: it failed");
  await counts.none(7);
  expect(log).toEqual(["none of 7"]);
  other?.resolve();
  await Promise.all([runs[2], counts.none(8)]);
});
