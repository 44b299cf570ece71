/** What the API server must let the operations do, besides what the mirrors read. */
import type { RbacRule } from "../../model/index.ts";

/** Deleting a node takes down what it owns; taking one over patches what nobody owns. */
export const OPERATION_RULES: readonly RbacRule[] = [
  { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get", "create", "patch", "delete"] },
  { apiGroups: [""], resources: ["services"], verbs: ["get", "patch", "delete"] },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "delete"] },
  { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "patch", "delete"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
];
