/** Watches: every revision once, in order, as lines of JSON. */
import type { JsonObject, Timers } from "../base/index.ts";
import { type ApiReply, badRequest, failure } from "./api-reply.ts";
import { byteStream, type ByteStream } from "./byte-stream.ts";
import { textIn } from "./json-path.ts";
import { selectorOf, type Selects } from "./list.ts";
import { apiVersionOf, type Resource } from "./resource.ts";
import type { Revision, RevisionStore } from "./revision-store.ts";

/** One watch to open. */
export interface WatchOptions {
  readonly store: RevisionStore;
  readonly timers: Timers;
  readonly resource: Resource;
  readonly namespace: string | null;
  readonly query: URLSearchParams;
  /** Milliseconds between commit and delivery, asked for each event; order is kept. */
  readonly delayMs: (revision: Revision) => number;
  readonly mono: () => number;
  /** True from when on nothing comes any more, not even the end. */
  readonly isDead: () => boolean;
}

const BOOKMARK_EVERY_MS = 60_000;

/** Opens a watch: its byte stream, or the refusal. */
export function watch(options: WatchOptions): ByteStream | ApiReply {
  const { store, resource, namespace, query } = options;
  const selects = selectorOf(query);
  if (!selects) return badRequest("unable to parse requirement in labelSelector or fieldSelector");
  const initial = query.get("sendInitialEvents") === "true";
  if (initial && query.get("resourceVersionMatch") !== "NotOlderThan") {
    return failure(
      422,
      "Invalid",
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  const stream = byteStream();
  const send = (type: string, object: JsonObject): void => {
    if (!options.isDead()) stream.push(`${JSON.stringify({ type, object })}\n`);
  };
  const since = startOf(query);
  const missed = since === null ? [] : store.since(since);
  if (missed === null) {
    const gone = failure(410, "Expired", `too old resource version: ${since} (${store.compacted()})`);
    if (typeof gone.body !== "string") send("ERROR", gone.body);
    if (!options.isDead()) stream.end();
    return stream;
  }
  const bookmark = (annotations?: JsonObject, revision = store.revision()): void => {
    const metadata = {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(annotations ? { annotations } : {}),
    };
    send("BOOKMARK", { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata });
  };
  if (since === null) {
    for (const item of store.list(resource, namespace)) if (selects(item)) send("ADDED", item);
    if (initial) bookmark({ "k8s.io/initial-events-end": "true" });
  }
  const wanted = (revision: Revision): boolean => isWanted(options, revision);
  const tell = (revision: Revision): void => {
    const type = eventType(revision, selects);
    if (type !== null) send(type, revision.object);
  };
  for (const revision of missed) if (wanted(revision)) tell(revision);
  const queue = delayed(options, wanted, tell);
  const endTimes = schedule(options, stream, () => {
    const revision = store.revision();
    queue.behind(() => bookmark(undefined, revision));
  });
  const unsubscribe = store.subscribe(queue.deliver);
  stream.onClose(() => {
    unsubscribe();
    endTimes();
  });
  return stream;
}

/** What is on its way to one watch. */
interface Delivery {
  readonly deliver: (revision: Revision) => void;
  /** Runs once all that is on its way has come: a bookmark must overtake no event. */
  readonly behind: (run: () => void) => void;
}

/** Delivery after a delay that may differ by event, never out of order. */
function delayed(
  { timers, mono, delayMs }: WatchOptions,
  wanted: (revision: Revision) => boolean,
  tell: (revision: Revision) => void,
): Delivery {
  let notBefore = 0;
  const at = (due: number, run: () => void): void => {
    notBefore = due;
    if (due <= mono()) run();
    else timers.after(due - mono(), run);
  };
  return {
    deliver(revision) {
      if (wanted(revision)) at(Math.max(notBefore, mono() + delayMs(revision)), () => tell(revision));
    },
    behind: (run) => at(Math.max(notBefore, mono()), run),
  };
}

/** Bookmarks about once a minute and 2 s before the end, then the end. Returns what cancels them. */
function schedule({ timers, query, isDead }: WatchOptions, stream: ByteStream, bookmark: () => void): () => void {
  const timeoutMs = Number(query.get("timeoutSeconds") ?? "0") * 1000 || 1_800_000;
  const marks = query.get("allowWatchBookmarks") === "true";
  let cancelMark = (): void => undefined;
  const nextMark = (ms: number): void => {
    cancelMark = timers.after(ms, () => {
      bookmark();
      nextMark(BOOKMARK_EVERY_MS);
    });
  };
  if (marks) nextMark(Math.max(0, Math.min(BOOKMARK_EVERY_MS, timeoutMs - 2000)));
  const cancelEnd = timers.after(timeoutMs, () => void (isDead() || stream.end()));
  return () => {
    cancelMark();
    cancelEnd();
  };
}

function eventType({ type, object, previous }: Revision, selects: Selects): Revision["type"] | null {
  const before = previous !== null && selects(previous);
  const after = type !== "DELETED" && selects(object);
  if (before && after) return "MODIFIED";
  if (after) return "ADDED";
  return before ? "DELETED" : null;
}

function isWanted({ resource, namespace }: WatchOptions, revision: Revision): boolean {
  if (revision.resource !== resource) return false;
  return namespace === null || textIn(revision.object, "metadata", "namespace") === namespace;
}

/** The revision to go on from; null = begin with what is there. */
function startOf(query: URLSearchParams): number | null {
  const from = query.get("resourceVersion") ?? "";
  const isFresh = query.get("sendInitialEvents") === "true" || from === "" || from === "0";
  return isFresh ? null : Number(from);
}
