/** The shard of a key. */
import { describe, expect, test } from "bun:test";

import { shardOf } from "../../../src/kube/lease/shard-of.ts";

describe("shard of a key", () => {
  test.each<[key: string, of8: number, of64: number]>([
    ["sei/node-0", 0, 48],
    ["sei/node-1", 3, 59],
    ["sei/node-2", 5, 53],
    ["a/b", 2, 2],
    ["b/a", 6, 14],
    ["", 3, 11],
    ["default/very-long-name-of-a-validator-in-production-17", 1, 17],
  ])("is for %s the same in every version: replicas of two versions share a fleet", (key, of8, of64) => {
    expect([shardOf(key, 8), shardOf(key, 64), shardOf(key, 1)]).toEqual([of8, of64, 0]);
  });

  test.each([8, 16, 64])("spreads names that differ in their last digits alone over %d shards", (shards) => {
    const counts = Array.from({ length: shards }, () => 0);
    for (let index = 0; index < 10_000; index += 1) {
      const shard = shardOf(`sei/node-${index}`, shards);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    // Four standard deviations of a fair draw.
    const mean = 10_000 / shards;
    const bound = 4 * Math.sqrt(mean);
    expect(counts.filter((count) => Math.abs(count - mean) > bound)).toEqual([]);
  });
});
