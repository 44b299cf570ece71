/** How long something is ago, as kubectl writes it. */

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const YEAR = 365 * DAY;

/** `45s`, `3m20s`, `2h`, `5d`: two units where the first says too little. */
export function ageText(ms: number): string {
  if (Number.isNaN(ms)) return "<unknown>";
  const past = Math.max(0, ms);
  if (past < 2 * MINUTE) return `${Math.floor(past / SECOND)}s`;
  if (past < 10 * MINUTE) return pair(past, [MINUTE, "m"], [SECOND, "s"]);
  if (past < 3 * HOUR) return `${Math.floor(past / MINUTE)}m`;
  if (past < 8 * HOUR) return pair(past, [HOUR, "h"], [MINUTE, "m"]);
  if (past < 2 * DAY) return `${Math.floor(past / HOUR)}h`;
  if (past < 8 * DAY) return pair(past, [DAY, "d"], [HOUR, "h"]);
  if (past < 2 * YEAR) return `${Math.floor(past / DAY)}d`;
  return `${Math.floor(past / YEAR)}y`;
}

type Unit = readonly [ms: number, letter: string];

function pair(ms: number, [large, one]: Unit, [small, other]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)}${one}${rest === 0 ? "" : `${rest}${other}`}`;
}
