/** For how long a step of init may be seen under way before its plan fails. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Milliseconds for one task of an init plan that a sidecar, or the Job, was seen at. A step that could not be begun has no
 * deadline, and a Running node's plan has one for all. Source: none measured; each leaves room for the slowest honest case.
 */
export function taskDeadlineMs(type: string): number {
  return DEADLINES.get(type) ?? 15 * MINUTE_MS;
}

const DEADLINES: ReadonlyMap<string, number> = new Map([
  // A genesis may be hundreds of megabytes over a slow line.
  ["configure-genesis", HOUR_MS],
  ["generate-identity", HOUR_MS],
  // Terabytes.
  ["snapshot-restore", 48 * HOUR_MS],
  ["await-bootstrap-complete", 5 * 24 * HOUR_MS],
]);
