/**
 * A collection mirrored: list, watch, and all over again where the stream cannot be trusted.
 *
 * Invariants:
 * - a deletion is never missed, a relist tells it (test/kube/watch/reflector.test.ts, test/cluster/reflector.test.ts);
 * - no event is applied from a line that was cut (test/kube/watch/framer.test.ts).
 */
export { type ListPage, requestPage } from "./list-page.ts";
export {
  type Reflector,
  type ReflectorHealth,
  type ReflectorOptions,
  type ReflectorReport,
  startReflector,
} from "./reflector.ts";
export { identityOf } from "./watch-event.ts";
