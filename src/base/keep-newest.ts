/** Puts an entry into a map as its newest; when that makes more than `max`, the oldest goes. */
export function keepNewest<Key, Value>(
  map: Map<Key, Value>,
  [key, value]: readonly [key: Key, value: Value],
  max: number,
): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= max) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
