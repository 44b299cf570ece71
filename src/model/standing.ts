/** What bears the names of a node's objects. */
import type { ClaimView, JobView, PodView, ServiceView, StatefulSetView } from "./views.ts";

/** What bears the names of a node's objects, read live, whoever owns it; the claim is the one that its spec names. */
export interface Standing {
  readonly claim: ClaimView | null;
  /** The claim is imported: it has no owner, or another. */
  readonly isImported: boolean;
  readonly statefulSet: StatefulSetView | null;
  readonly service: ServiceView | null;
  readonly job: JobView | null;
  readonly pod: PodView | null;
  /** Who else uses the claim, as `Pod a-0`; null when nobody does. */
  readonly user: string | null;
}
