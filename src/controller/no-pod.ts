/**
 * Why no Pod comes, in the words of the StatefulSet controller: the Event `FailedCreate` of the set.
 *
 * Events are not watched: a fleet has more of them than of anything else. They are asked for only where a Pod has not come
 * for some seconds, a list at a time and a few a second for the whole fleet, since the API server reads every Event of a
 * namespace for each. Where RBAC forbids it, that is told, and nothing else depends on it. Nobody waits for an answer: it
 * enqueues the node.
 */
import {
  keyOf,
  type NodeKey,
  type SeiNode,
  type StatefulSetView,
  type OwnedObjects,
  type Trouble,
} from "../model/index.ts";
import type { ApiTransport, Clock, Timers } from "../base/index.ts";
import { podName } from "../seinode/objects/index.ts";
import { eventsOf, type EventsReply, readFailedCreate, isWithoutLabel } from "./set-events.ts";

/** What it is made of. */
export interface NoPodOptions {
  readonly api: ApiTransport;
  readonly clock: Pick<Clock, "mono">;
  readonly timers: Timers;
  readonly node: (key: NodeKey) => SeiNode | null;
  readonly owned: (node: SeiNode) => Pick<OwnedObjects, "pod" | "statefulSet">;
  readonly signal: AbortSignal;
}

/** Sees to nodes without a Pod. */
export interface NoPods {
  /** What is known of why the node has none; null = it has one, needs none, or nothing is known yet. */
  of(node: SeiNode, owned: Pick<OwnedObjects, "pod" | "statefulSet">): Trouble | null;
  /** Hears of nodes of which something is known that was not before; the result unsubscribes. */
  subscribe(listener: (key: NodeKey) => void): () => void;
}

/** A StatefulSet controller makes a Pod within a second. */
const COMES_WITHIN_MS = 3000;
/** An answer is asked for again after this long, whatever it was. */
const AGAIN_MS = { found: 60_000, none: 15_000, denied: 600_000 } as const;
/** Between two lists of the whole fleet. */
const SPACING_MS = 250;
/** More nodes than can be told of in a minute; one that has no place is seen to when it is reconciled again. */
const MAX_NODES = 512;

interface Missing {
  readonly setUid: string;
  dueAt: number;
  trouble: Trouble | null;
}

/** Begins with nothing known. */
export function noPods(options: NoPodOptions): NoPods {
  const { clock, timers } = options;
  const missing = new Map<NodeKey, Missing>();
  const listeners = new Set<(key: NodeKey) => void>();
  let isAsking = false;
  let deniedUntil = Number.NEGATIVE_INFINITY;

  const settle = (key: NodeKey, entry: Missing, reply: EventsReply, set: StatefulSetView): void => {
    if (reply.kind === "denied") deniedUntil = clock.mono() + AGAIN_MS.denied;
    const { trouble: before } = entry;
    // An earlier answer says more than a refusal does.
    const isKept = before !== null && (reply.kind === "denied" || reply.kind === "failed");
    entry.trouble = isKept ? before : troubleOf(reply, set);
    entry.dueAt = clock.mono() + (entry.trouble === null ? AGAIN_MS.none : AGAIN_MS.found);
    if (missing.get(key) === entry && entry.trouble?.message !== before?.message) {
      for (const tell of listeners) tell(key);
    }
  };
  const ask = async (key: NodeKey, entry: Missing): Promise<void> => {
    const node = options.node(key);
    const set = node === null ? null : lacking(options.owned(node));
    if (node === null || set === null || set.uid !== entry.setUid) {
      missing.delete(key);
      return;
    }
    if (clock.mono() < deniedUntil) return settle(key, entry, { kind: "denied" }, set);
    const pod = podName(node.metadata.name);
    const reply = await eventsOf(options, set);
    const isTaken = reply.kind === "events" && (await isWithoutLabel(options, { namespace: set.namespace, name: pod }));
    settle(key, entry, isTaken ? { kind: "unlabelled", pod, node: node.metadata.name } : reply, set);
  };
  const next = (): void => {
    const now = clock.mono();
    // The longest wait goes first, so that a second question for one node never keeps another from its first.
    const [due] = [...missing].filter(([, { dueAt }]) => dueAt <= now).toSorted(([, a], [, b]) => a.dueAt - b.dueAt);
    if (isAsking || due === undefined || options.signal.aborted) return;
    isAsking = true;
    // Whatever comes of this question, the others go on.
    due[1].dueAt = now + AGAIN_MS.none;
    void ask(...due).finally(() => {
      timers.after(SPACING_MS, () => {
        isAsking = false;
        next();
      });
    });
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    of(node, owned) {
      const key = keyOf(node.metadata);
      const set = lacking(owned);
      if (set === null) {
        missing.delete(key);
        return null;
      }
      const known = missing.get(key);
      if (known?.setUid === set.uid) {
        next();
        return known.trouble;
      }
      if (known === undefined && missing.size >= MAX_NODES) return null;
      missing.set(key, { setUid: set.uid, dueAt: clock.mono() + COMES_WITHIN_MS, trouble: null });
      timers.after(COMES_WITHIN_MS, next);
      return null;
    },
  };
}

/** The set that should have a Pod and has none; null where that is not so. */
function lacking({ pod, statefulSet }: Pick<OwnedObjects, "pod" | "statefulSet">): StatefulSetView | null {
  if (pod !== null || statefulSet === null || statefulSet.deleting || statefulSet.replicas === 0) return null;
  return statefulSet;
}

function troubleOf(reply: EventsReply, { name, namespace }: StatefulSetView): Trouble | null {
  const said = (reason: string, words: string): Trouble => ({
    reason,
    message: `StatefulSet ${name}: ${reason}: ${words}`.slice(0, 512),
    ordinaryMs: 0,
  });
  switch (reply.kind) {
    case "events": {
      const note = readFailedCreate(reply.items);
      return note === null ? null : said("FailedCreate", note);
    }
    case "unlabelled": {
      const label = `sei.io/node=${reply.node}`;
      const how = `kubectl label pod ${reply.pod} -n ${namespace} --overwrite ${label}`;
      return said("LabelMissing", `Pod ${reply.pod} stands there without the label ${label}. Give it back: ${how}`);
    }
    case "denied": {
      const how = "Apply what `tidekeeper manifests` prints, or: kubectl get events";
      return said("EventsForbidden", `no Pod comes, and why may not be read: list events.events.k8s.io. ${how}`);
    }
    case "failed":
      return null;
  }
}
