/**
 * Conditions that plugins set: whose each is stands in `status.pluginConditions`, so that those of a detector that is no
 * more can go, and nobody else's. They go with the next patch of their node; where none comes, within an hour of our start,
 * each node at another moment of it: a new start writes no fleet at once.
 */
import { fnv1a } from "../base/index.ts";
import type { NodeStatus } from "../model/index.ts";
import type { ReconcileContext } from "./context.ts";

/** Nodes come one after the other over so long. */
const ALL_WITHIN_MS = 3_600_000;
/** Most that are noted: far more than a node's plugins say. */
const MAX_NOTED = 64;

type Noted = Pick<NodeStatus, "conditions" | "pluginConditions">;

/** Notes whose the conditions are that plugins said in this reconcile, and drops what nobody says any more; null = nothing to do. */
export function tidy(
  { conditions = [], pluginConditions: noted = [] }: Noted,
  { said, plugins }: { readonly said: ReadonlySet<string>; readonly plugins: ReadonlySet<string> },
): Noted | null {
  const isThere = (note: string): boolean => conditions.some(({ type }) => type === typeOf(note));
  const kept = noted.filter((note) => plugins.has(ownerOf(note)) && isThere(note));
  const next = [...new Set([...kept, ...[...said].filter((note) => isThere(note))])].slice(-MAX_NOTED);
  const owned = new Set(next.map((note) => typeOf(note)));
  const stale = new Set(noted.map((note) => typeOf(note)).filter((type) => !owned.has(type)));
  if (stale.size === 0 && next.length === noted.length && next.every((note) => noted.includes(note))) return null;
  return { conditions: conditions.filter(({ type }) => !stale.has(type)), pluginConditions: next };
}

/** What is noted of a condition that this detector sets. */
export function noteOf(detector: string, type: string): string {
  return `${detector}/${type}`;
}

function ownerOf(note: string): string {
  return note.slice(0, note.indexOf("/"));
}

function typeOf(note: string): string {
  return note.slice(note.indexOf("/") + 1);
}

/** Does so in the draft, where a patch goes out anyway or the node's time has come. */
export function tidyConditions({ draft, loop, node }: ReconcileContext): void {
  const { said } = draft;
  const { conditions, pluginConditions } = draft.status;
  // Hardly any fleet has plugins.
  if (said.size === 0 && pluginConditions === undefined) return;
  const plugins = loop.detectors.filter(({ mode, origin }) => mode !== "off" && origin === "plugin");
  const names = new Set(plugins.map(({ detector }) => detector.name));
  const next = tidy(
    { conditions: conditions ?? [], pluginConditions: pluginConditions ?? [] },
    { said, plugins: names },
  );
  if (next === null) return;
  const isDue = loop.clock.mono() - loop.startedAt > ALL_WITHIN_MS * shareOf(node.metadata.uid);
  if (draft.patch() === null && !isDue) return;
  draft.set(next);
}

/** From 0 to 1, another for each node and the same at each start. */
function shareOf(uid: string): number {
  return fnv1a(uid) / 2 ** 32;
}
