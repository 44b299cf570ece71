/** The stores of one node, filled by hand: no reflector, no server. */
import { type Caches, createStores } from "../../src/controller/caches.ts";

/** Empty stores as the controller has them. */
export function emptyCaches(): Caches {
  return { ...createStores(), reflectors: new Map() };
}
