/** Events about an object, as the API server keeps them for an hour or so. */
import type { Reading } from "./reading.ts";
import { type Asked, asked, timeOf } from "./typed-apis.ts";

/** One Event. */
export interface SeenEvent {
  /** RFC 3339; empty where it does not say. */
  readonly at: string;
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly by: string;
  /** How often it came. */
  readonly count: number;
}

/** What the Events about an object say, oldest first. */
export async function eventsAbout(
  reading: Reading,
  { namespace, kind, name }: { readonly namespace: string; readonly kind: string; readonly name: string },
): Promise<Asked<readonly SeenEvent[]>> {
  const { events } = await reading.apis();
  const fieldSelector = `regarding.kind=${kind},regarding.name=${name}`;
  const listed = await asked(events.listNamespacedEvent({ namespace, fieldSelector, limit: MAX_EVENTS }));
  if (!listed.ok) return listed;
  const value = listed.value.items.map((event): SeenEvent => {
    const last = [
      event.series?.lastObservedTime,
      event.deprecatedLastTimestamp,
      event.eventTime,
      event.metadata?.creationTimestamp,
    ];
    const at = last.map(timeOf).find((time) => time !== null) ?? null;
    return {
      at: at === null ? "" : new Date(at).toISOString(),
      type: event.type ?? "Normal",
      reason: event.reason ?? "",
      note: (event.note ?? "").trim().replaceAll(/\s+/g, " "),
      by: event.reportingController ?? event.deprecatedSource?.component ?? "",
      count: event.series?.count ?? event.deprecatedCount ?? 1,
    };
  });
  return { ok: true, value: value.toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)) };
}

const MAX_EVENTS = 500;
