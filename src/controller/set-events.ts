/** The Events of one StatefulSet, and what they say of a Pod that does not come. */
import { type ApiTransport, arrayAt, objectAt, plainLine, stringAt } from "../base/index.ts";
import { failureOf, refusalInWords, resourcePath } from "../kube/client/index.ts";
import { NODE_LABEL } from "../model/index.ts";
import { RESOURCES } from "./caches.ts";

/** What was found out. `denied` = who runs us may not list Events; `unlabelled` = the Pod is there and nobody sees it. */
export type EventsReply =
  | { readonly kind: "events"; readonly items: readonly unknown[] }
  | { readonly kind: "unlabelled"; readonly pod: string; readonly node: string }
  | { readonly kind: "denied" }
  | { readonly kind: "failed" };

interface Asking {
  readonly api: ApiTransport;
  readonly signal: AbortSignal;
}

const EVENTS = { group: "events.k8s.io", version: "v1", plural: "events" };
/** A set has a few: one for each text that was told of it. */
const MAX_EVENTS = 100;
const LIMITS = { deadlineMs: 5000, maxBytes: 512 * 1024 };

/** Reads them, at most 100. Never rejects. */
export async function eventsOf(
  asking: Asking,
  set: { readonly namespace: string; readonly uid: string },
): Promise<EventsReply> {
  const fieldSelector = `regarding.kind=StatefulSet,regarding.uid=${set.uid}`;
  const query = new URLSearchParams({ fieldSelector, limit: String(MAX_EVENTS) });
  const path = `${resourcePath({ ...EVENTS, namespace: set.namespace })}?${query.toString()}`;
  const reply = await read(asking, path);
  if (reply === null) return { kind: "failed" };
  if (reply.status === 200) return { kind: "events", items: arrayAt(reply.body, "items") };
  const { kind } = failureOf({ ...reply, headers: {}, body: new Uint8Array() }, reply.body);
  return { kind: kind === "forbidden" ? "denied" : "failed" };
}

/** Whether a Pod of that name is there without the label of a node, so that no watch of ours tells of it. Never rejects. */
export async function isWithoutLabel(
  asking: Asking,
  pod: { readonly namespace: string; readonly name: string },
): Promise<boolean> {
  const reply = await read(asking, resourcePath({ ...RESOURCES.pods, ...pod }));
  if (reply?.status !== 200) return false;
  return (stringAt(objectAt(objectAt(reply.body, "metadata"), "labels"), NODE_LABEL) ?? "") === "";
}

async function read({ api, signal }: Asking, path: string): Promise<{ status: number; body: unknown } | null> {
  try {
    const headers = { accept: "application/json" };
    const { status, body } = await api.request({ method: "GET", path, headers }, { ...LIMITS, signal });
    return { status, body: JSON.parse(new TextDecoder().decode(body)) };
  } catch {
    return null;
  }
}

/** Why the last try to make a Pod failed; null when none did, or one succeeded since. No clock of ours is asked. */
export function readFailedCreate(events: readonly unknown[]): string | null {
  const newest = (reason: string): unknown =>
    events
      .filter((event) => stringAt(event, "reason") === reason)
      .toSorted((a, b) => lastAt(a) - lastAt(b))
      .at(-1);
  const [failed, made] = [newest("FailedCreate"), newest("SuccessfulCreate")];
  if (failed === undefined || (made !== undefined && lastAt(made) >= lastAt(failed))) return null;
  const note = stringAt(failed, "note") ?? "";
  return note === "" ? null : refusalInWords(plainLine(note, 512));
}

/** Milliseconds; of an Event that was told again, the last time. */
function lastAt(event: unknown): number {
  const times = [
    stringAt(objectAt(event, "series"), "lastObservedTime"),
    stringAt(event, "deprecatedLastTimestamp"),
    stringAt(event, "eventTime"),
    stringAt(objectAt(event, "metadata"), "creationTimestamp"),
  ];
  return Math.max(0, ...times.map((at) => Date.parse(at ?? "")).filter((ms) => !Number.isNaN(ms)));
}
