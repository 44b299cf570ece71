/**
 * Opens gates only where a person asks for it: the built-in detector looks, this one acts.
 *
 *     tidekeeper run --detectors sidecar-ready=observe --plugin ./reopen-gate.ts
 *     kubectl annotate seinode my-node example.com/reopen-gate=yes
 *
 * A gate that was shut on purpose, or that stands on another volume, stays shut all the same: `mark-ready` looks.
 */
import { defineDetector } from "tidekeeper/plugin";
import type { Incarnation, SidecarHealth } from "tidekeeper/plugin";

const ANNOTATION = "example.com/reopen-gate";

/** What was seen, and of which life of the sidecar: an answer says nothing about the next one. */
interface Seen {
  readonly health: SidecarHealth;
  readonly incarnation: Incarnation;
}

export default defineDetector<Seen>({
  name: "reopen-gate",
  /** The only I/O. Null when nobody asked for it, or there is nobody to ask. */
  async observe({ node, owned, sidecar, signal }) {
    if (node.metadata.annotations?.[ANNOTATION] === undefined) return null;
    const container = owned.pod?.containers.find(({ name }) => name === "sei-sidecar");
    if (sidecar === null || owned.pod === null || container === undefined) return null;
    const { containerId, restartCount } = container;
    return {
      health: await sidecar.health(signal),
      incarnation: { podUid: owned.pod.uid, containerId, restartCount },
    };
  },
  /** Pure: the same input gives the same answer. `unreachable` is no evidence that the gate is shut. */
  detect({ node, observed }) {
    if (node.metadata.annotations?.[ANNOTATION] === undefined) return null;
    if (observed?.health.state !== "notReady") return null;
    return {
      reason: "ReopenRequested",
      message: `the annotation ${ANNOTATION} asks for an open gate`,
      tasks: [{ type: "mark-ready", params: {} }],
      incarnation: observed.incarnation,
    };
  },
});
