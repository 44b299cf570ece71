/** A list that forgets its oldest entries, so that a cluster that runs for days does not grow. */
export interface Newest<T> {
  add(entry: T): void;
  /** Oldest first. */
  list(): readonly T[];
}

/** An empty list that keeps at least the newest `keep` entries, and never twice as many. */
export function createNewest<T>(keep: number): Newest<T> {
  let entries: T[] = [];
  return {
    add(entry) {
      entries.push(entry);
      // Trimmed in strides, so that a full list is not copied for every entry.
      if (entries.length >= keep * 2) entries = entries.slice(-keep);
    },
    list: () => entries,
  };
}
