/** Condition `SpecUnapplied`: fields of the spec that only bringing the node up applies, and that were edited since. */
import { unappliedSpecEvents } from "./events.ts";
import { conditionOf, verdict } from "../model/index.ts";
import type { ReconcileContext } from "./context.ts";

const WAYS_OUT =
  "Only bringing a node up applies them: nothing of them reaches one that runs. Set them back, or change them on the node by hand, or make another SeiNode";

/** Sets it, with an Event at the edit; nothing where no digest was noted, or the spec cannot be read. */
export function tellUnapplied({ draft, node, loop }: ReconcileContext): void {
  const fields = draft.status.initDigest === undefined ? null : loop.facts.initFields(node);
  if (fields === null) return;
  const before = conditionOf(draft.status.conditions, "SpecUnapplied");
  const { changed } = fields;
  const isQuiet = changed.length === 0;
  draft.abnormal(
    isQuiet
      ? verdict("SpecUnapplied", "False", "AsInitialized", "")
      : verdict("SpecUnapplied", "True", "ChangedSinceInit", `${changed.join(", ")}: changed since init. ${WAYS_OUT}`),
    isQuiet,
  );
  const now = conditionOf(draft.status.conditions, "SpecUnapplied");
  if (now !== null && now.message !== before?.message) draft.event(...unappliedSpecEvents(now));
}
