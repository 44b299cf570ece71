/**
 * The copy of one collection in memory, kept as bytes; one writer, any number of readers.
 *
 * Invariants:
 * - newer wins, whoever tells it (test/kube/store/store.test.ts);
 * - what was packed is read back as it was (test/kube/store/packed-map.test.ts).
 */
export type { Staging } from "./staged.ts";
export { createStore, type Store, type StoreChange, type StoreReader, type StoreWriter } from "./store.ts";
