/** How often and how long a sidecar is asked after a Pod event. Source: docs/design/0001-the-loop.md. */

/** After a Pod event an unknown probe is repeated quickly for this long. */
const EAGER_MS = 60_000;
const EAGER_EVERY_MS = 150;
/** Few sidecars take longer than this to come up; one that is waited for almost alone is asked more often still. */
const KEEN_MS = 30_000;
const KEEN_EVERY_MS = 50;
/** All keen probes together are about 1,000 a second at most: a fleet drained at once falls back to the step above. */
const KEEN_SHARE_MS = 1;
const EAGER_DEADLINE_MS = 500;
const WANING_EVERY_MS = 1000;
/** How long status may keep the last known readiness after a Pod event, for each node that is waited for. */
const UNTOLD_SHARE_MS = 250;
const UNTOLD_MS = 8000;
/** A steady probe may take this long. */
export const PROBE_DEADLINE_MS = 2000;

/** When the node's Pod last changed, monotonic milliseconds. */
interface Event {
  readonly podEventAt: number;
}

/** How long a probe may take: less right after a Pod event. */
export function probeDeadlineMs({ podEventAt }: Event, mono: number): number {
  return mono - podEventAt < EAGER_MS ? EAGER_DEADLINE_MS : PROBE_DEADLINE_MS;
}

/** When a sidecar that does not answer is asked again, null = at the steady pace; `crowd` = nodes waited for like this one. */
export function askAgainMs({ podEventAt }: Event, mono: number, crowd: number): number | null {
  const since = mono - podEventAt;
  if (since < KEEN_MS) return Math.min(EAGER_EVERY_MS, Math.max(KEEN_EVERY_MS, KEEN_SHARE_MS * crowd));
  if (since < EAGER_MS) return EAGER_EVERY_MS;
  return since < 3 * EAGER_MS ? WANING_EVERY_MS : null;
}

/**
 * For how long status keeps the last known readiness of a sidecar that does not answer after a Pod event; 0 = no longer. A
 * single one is told at once. While a fleet is drained, patches that open gates go first (docs/design/0011-write-lanes.md).
 */
export function untoldMs({ podEventAt }: Event, mono: number, crowd: number): number {
  return Math.max(0, Math.min(UNTOLD_MS, UNTOLD_SHARE_MS * crowd) - (mono - podEventAt));
}
