/**
 * Which of `shards` a key belongs to: the same for every replica, version and restart, and even over keys that differ
 * in their last letter alone. A change of it moves every node, so its vectors stand in a test.
 */
export function shardOf(key: string, shards: number): number {
  return hash32(key) % shards;
}

/** FNV-1a over UTF-16 units, then the finaliser of MurmurHash3, without which the low bits of short names are uneven. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
