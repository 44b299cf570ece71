/** How long a step of init may take before its plan fails. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Milliseconds for one task of an init plan, from its start. A Running node's plan has one deadline for all. Source: none measured; each leaves room for the slowest honest case.
 */
export function taskDeadlineMs(type: string): number {
  return DEADLINES.get(type) ?? 15 * MINUTE_MS;
}

const DEADLINES: ReadonlyMap<string, number> = new Map([
  // A new machine for the Pod, a large image over a slow line.
  ["observe-image", HOUR_MS],
  // The first tasks that a sidecar must take: they wait for the machine, the volume and the images.
  ["configure-genesis", HOUR_MS],
  ["generate-identity", HOUR_MS],
  // An imported claim, which somebody may still be restoring.
  ["ensure-data-pvc", 48 * HOUR_MS],
  // Terabytes.
  ["snapshot-restore", 48 * HOUR_MS],
  ["await-bootstrap-complete", 5 * 24 * HOUR_MS],
  // A Pod on a machine that does not answer is gone only when somebody has seen to the machine.
  ["teardown-bootstrap", HOUR_MS],
]);
