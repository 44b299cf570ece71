/** Counts what is under way, by some key. */
export interface CountBy<Key> {
  /** Runs `work`, counted until it settles. */
  during<T>(key: Key, work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing of `key` is under way. */
  none(key: Key): Promise<void>;
}

/** Nothing under way yet. */
export function countBy<Key>(): CountBy<Key> {
  const counts = new Map<Key, number>();
  const waiting = new Map<Key, (() => void)[]>();
  return {
    async during(key, work) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      try {
        return await work();
      } finally {
        const left = (counts.get(key) ?? 1) - 1;
        if (left > 0) counts.set(key, left);
        else counts.delete(key);
        if (left === 0) for (const resolve of waiting.get(key)?.splice(0) ?? []) resolve();
      }
    },
    none(key) {
      if (!counts.has(key)) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(key, [...(waiting.get(key) ?? []), resolve]);
      return promise;
    },
  };
}
