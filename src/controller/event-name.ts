/** The name and text of an Event, which follow from the node and what happened to it. */
import type { NodeEvent } from "../core/index.ts";
import { API_VERSION, KIND, type SeiNode, taskId } from "../model/index.ts";
import type { RecordedEvent } from "../kube/events/index.ts";

/**
 * The Event of a transition. Its name follows from node and transition alone: told again after a crash, it meets
 * the one that is already there, so everybody sees it once.
 */
export function nameEvent(node: SeiNode, event: NodeEvent): RecordedEvent {
  const { namespace, name, uid } = node.metadata;
  return {
    name: `${name}.${taskId(uid, event.transition, 0).replaceAll("-", "").slice(0, 16)}`,
    type: event.type,
    reason: event.reason,
    action: event.action,
    note: event.note,
    regarding: { apiVersion: API_VERSION, kind: KIND, namespace, name, uid },
  };
}
