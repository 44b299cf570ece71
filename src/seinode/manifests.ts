/** What must stand in a cluster before `run` can work there. */
import type { JsonObject } from "../core/json.ts";
import { seiNodeCrd } from "./crd.ts";
import type { RbacOptions } from "./rbac.ts";
import { rbac } from "./rbac.ts";

/** The CRD and the permissions, in the order in which they are to be applied. */
export function manifests(options: RbacOptions): readonly JsonObject[] {
  return [seiNodeCrd(), ...rbac(options)];
}
