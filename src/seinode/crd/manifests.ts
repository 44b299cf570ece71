/** What must stand in a cluster before `run` can work there. */
import type { JsonObject } from "../../base/index.ts";
import { seiNodeCrd } from "./crd.ts";
import { rbac, type RbacOptions } from "./rbac.ts";

/** The CRD and the permissions, in the order in which they are to be applied. */
export function manifests(options: RbacOptions): readonly JsonObject[] {
  return [seiNodeCrd(), ...rbac(options)];
}
