/**
 * Plan recipes: which tasks bring a node up, roll an image out, open a gate.
 *
 * Params are those the reference persists, frozen when the plan is made. Source: the reference's planner.
 */
import type { Drift, SeiNode } from "../../model/index.ts";
import { initTasks } from "./init-recipes.ts";
import type { SeiNodeSpec } from "../spec/index.ts";

/** The plan that brings a new node up. Never superseded, so it names no fields it was made from. */
export function initPlanFor(node: SeiNode, spec: SeiNodeSpec): Drift {
  return {
    reason: "NewNode",
    message: "the node was never initialised",
    tasks: initTasks(node, spec),
    targetPhase: "Running",
    failedPhase: "Failed",
  };
}
