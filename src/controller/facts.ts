/** The core's port to facts: what follows from specs, and what detectors and tasks declare. */
import type { Facts } from "../core/index.ts";
import { imageRemark, specGap } from "../model/applied/index.ts";
import type { NodeFacts } from "./node-facts.ts";
import { taskTraits } from "../executor/index.ts";

/** Builds it over the answers about specs. */
export function factsPort(nodes: NodeFacts): Facts {
  return {
    accepts: (node) => nodes.accepts(node),
    initPlan: (node) => nodes.initPlan(node),
    initFields: (node) => nodes.initFields(node),
    derivedStatus: (node) => nodes.derivedStatus(node),
    readsAnew: (node) => nodes.imported(node) !== null,
    specGap,
    remark: imageRemark,
    task: taskTraits,
  };
}
