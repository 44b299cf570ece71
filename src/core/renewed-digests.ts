/** Digests in `status.applied` that an earlier version wrote, and what stands for them now. */
import type { NodeStatus, StatefulSetView } from "../model/index.ts";
import type { ReconcileContext } from "./context.ts";

type Digested = Pick<StatefulSetView, "ownedDigest" | "formerDigest">;
type Applied = NonNullable<NodeStatus["applied"]>;

/** `applied` with our digests in the place of an earlier version's; null where there is none to replace. */
export function renewedDigests({ draft, owned }: Pick<ReconcileContext, "draft" | "owned">): Applied | null {
  const { applied } = draft.status;
  if (applied === undefined) return null;
  const statefulSet = renewed(applied.statefulSet, owned.statefulSet);
  const service = renewed(applied.service, owned.service);
  if (statefulSet === null && service === null) return null;
  return { ...applied, ...(statefulSet === null ? {} : { statefulSet }), ...(service === null ? {} : { service }) };
}

function renewed(was: string | undefined, object: Digested | null): string | null {
  if (was === undefined || object === null || was === object.ownedDigest) return null;
  return was === object.formerDigest ? object.ownedDigest : null;
}
