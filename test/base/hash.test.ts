/** Hashes: both are on disk or in names, so they may not change. */
import { expect, test } from "bun:test";
import { fnv1a, hash32 } from "../../src/base/hash.ts";

test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
])("FNV-1a of %j is that of its authors' table", (text, hash) => {
  expect(fnv1a(text)).toBe(hash);
});

test("the finished one is even in its low bits also for names that differ in the last digits alone", () => {
  const counts = Array.from({ length: 8 }, () => 0);
  for (let index = 0; index < 8_000; index += 1) {
    const low = hash32(`sei/node-${index}`) % 8;
    counts[low] = (counts[low] ?? 0) + 1;
  }
  expect(counts.filter((count) => Math.abs(count - 1_000) > 4 * Math.sqrt(1_000))).toEqual([]);
});
