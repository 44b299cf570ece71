/** Where the data of a node's `seid` is kept, as its Pod or the template of it says. */
import type { PodView } from "./views.ts";

/**
 * True when the home of `seid` is that claim's volume, from its root. That the Pod has the volume proves nothing: a
 * template that was edited may mount it elsewhere, or mount something else over the home.
 */
export function isHomeOn(pod: Pick<PodView, "home">, claimName: string): boolean {
  return pod.home !== null && pod.home.claim === claimName && pod.home.subPath === "";
}
