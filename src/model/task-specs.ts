/** Steps of plans before they have an id. Params are those the reference persists. */
import type { JsonObject } from "../base/index.ts";
import type { SeiNode } from "./node.ts";
import type { TaskSpec } from "./plan.ts";

/** A step the controller does itself; it acts on the node it works for, its params are for people who read the plan. */
export function controllerTask(node: SeiNode, type: string): TaskSpec {
  return { type, params: { nodeName: node.metadata.name, namespace: node.metadata.namespace } };
}

/** A step that is handed to the sidecar. */
export function sidecarTask(type: string, params: JsonObject = {}): TaskSpec {
  return { type, params };
}
