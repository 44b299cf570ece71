/** Sharing keys out. */
import { hash32 } from "../../base/index.ts";

/**
 * Which of `shards` a key belongs to: the same for every replica, version and restart, and even over keys that differ
 * in their last letter alone. A change of it moves every node, so its vectors stand in a test.
 */
export function shardOf(key: string, shards: number): number {
  return hash32(key) % shards;
}
