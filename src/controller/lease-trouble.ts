/** A Lease that cannot be watched, as it is told, and the place of a Lease in words. */
import type { ReflectorReport } from "../kube/watch/index.ts";
import { LEASE_NAME } from "../seinode/crd/index.ts";
import type { Logger } from "../telemetry/index.ts";

/** `namespace/name` of our Lease. */
export function placeOf({ namespace }: { readonly namespace: string }): string {
  return `${namespace}/${LEASE_NAME}`;
}

/** Without its watch a replica waits for good, so somebody should hear of it. */
export function tellLeaseTrouble(log: Pick<Logger, "change">, name: string, report: ReflectorReport): void {
  if (report.type !== "denied" && report.type !== "retry") return;
  log.change(`watch ${name}`, "warn", "A Lease cannot be watched", { lease: name, why: report.why });
}
