/** The life of a sidecar that a Pod is in. */
import { type Incarnation, type PodView, shortContainerId, SIDECAR_CONTAINER } from "../index.ts";

/** Which life of its sidecar a Pod is in. */
export function incarnationOf(pod: PodView): Incarnation {
  const container = pod.containers.find(({ name }) => name === SIDECAR_CONTAINER);
  return {
    podUid: pod.uid,
    containerId: shortContainerId(container?.containerId ?? ""),
    restartCount: container?.restartCount ?? 0,
  };
}
