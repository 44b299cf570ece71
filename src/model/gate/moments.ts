/** Times as RFC 3339 writes them, compared exactly: a `Date` knows no more than milliseconds. */

/** A moment: whole seconds since 1970, and the digits behind the point without trailing zeros. */
export interface Moment {
  readonly seconds: number;
  readonly fraction: string;
}

const WRITTEN = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?(?:Z|([+-])(\d\d):(\d\d))$/i;

/** The moment that is written; null where it is none, or the zero time that Go writes for a time that was never set. */
export function momentOf(written: string | null): Moment | null {
  const [, local = "", fraction = "", sign = "+", hours = "0", minutes = "0"] = WRITTEN.exec(written ?? "") ?? [];
  const ms = Date.parse(`${local.toUpperCase()}Z`);
  // The 31st of February would be taken for a day in March.
  const isDate = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(local.toUpperCase());
  if (!isDate || Number(hours) > 23 || Number(minutes) > 59) return null;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60 : 60);
  const seconds = ms / 1000 - offset;
  return seconds > 0 ? { seconds, fraction: fraction.replace(/0+$/, "") } : null;
}

/** Below 0 where `a` is the earlier one, above where it is the later, 0 where both are one moment. */
export function compareMoments(a: Moment, b: Moment): number {
  if (a.seconds !== b.seconds) return a.seconds - b.seconds;
  if (a.fraction === b.fraction) return 0;
  // Digits behind the point compare as text once the zeros at their end are gone.
  return a.fraction < b.fraction ? -1 : 1;
}

/** The latest of them; null where there is none. */
export function latestOf(moments: readonly Moment[]): Moment | null {
  return moments.reduce<Moment | null>(
    (latest, moment) => (latest === null || compareMoments(moment, latest) > 0 ? moment : latest),
    null,
  );
}
