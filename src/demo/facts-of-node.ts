/** The facts in a change of a SeiNode. */
import { conditionOf, type SeiNode, type StoredPlan } from "../model/index.ts";
import { stringAt } from "../base/index.ts";
import type { Fact, FactKind } from "./fact.ts";

type Said = readonly [FactKind, string];

/** The facts in a commit of a SeiNode; `before` null = it was created. */
export function factsOfNode(before: SeiNode | null, after: SeiNode, at: number): readonly Fact[] {
  const node = after.metadata.name;
  const asFact =
    (who: Fact["who"]) =>
    ([kind, text]: Said): Fact => ({ at, who, kind, node, text });
  const byTidekeeper = [
    ...phase(before, after),
    ...readiness(before, after),
    ...stamped(before, after),
    ...tasks(before?.status.plan ?? null, after.status.plan ?? null),
    ...ended(before, after),
    ...stored(before?.status.plan ?? null, after.status.plan ?? null),
  ];
  return [...bySpec(before, after).map(asFact("operator")), ...byTidekeeper.map(asFact("tidekeeper"))];
}

function imageOf(node: SeiNode): string {
  return stringAt(node.spec, "image") ?? "none";
}

function bySpec(before: SeiNode | null, after: SeiNode): readonly Said[] {
  if (before === null) return [["created", `creates the SeiNode, image ${imageOf(after)}`]];
  if (imageOf(before) === imageOf(after)) return [];
  return [["image", `sets spec.image from ${imageOf(before)} to ${imageOf(after)}`]];
}

function phase(before: SeiNode | null, { status }: SeiNode): readonly Said[] {
  if (status.phase === undefined || status.phase === before?.status.phase) return [];
  return [["phase", `phase ${status.phase}`]];
}

function readiness(before: SeiNode | null, { status }: SeiNode): readonly Said[] {
  const now = conditionOf(status.conditions, "SidecarReady");
  const was = conditionOf(before?.status.conditions, "SidecarReady");
  if (now === null || (was?.status === now.status && was.reason === now.reason)) return [];
  return [["condition", `sees SidecarReady ${now.status} (${now.reason}): ${now.message}`]];
}

function stamped(before: SeiNode | null, { status }: SeiNode): readonly Said[] {
  if (status.currentImage === undefined || status.currentImage === before?.status.currentImage) return [];
  return [["stamped", `saw seid run ${status.currentImage}: status.currentImage`]];
}

function tasks(before: StoredPlan | null, after: StoredPlan | null): readonly Said[] {
  if (after === null || before?.id !== after.id) return [];
  const done = after.tasks
    .filter(({ status }, index) => status === "Complete" && before.tasks[index]?.status !== "Complete")
    .map(({ type }) => type);
  return done.length === 0 ? [] : [["tasks", `done: ${done.join(", ")}`]];
}

function stored(before: StoredPlan | null, after: StoredPlan | null): readonly Said[] {
  if (after === null || before?.id === after.id) return [];
  const types = after.tasks.map(({ type }) => type);
  const what = types.length > 4 ? `${types.length} tasks, ${types[0]} to ${types.at(-1)}` : types.join(", ");
  return [["plan", `stores a plan for ${after.reason ?? "no reason"}: ${what}`]];
}

function ended(before: SeiNode | null, { status }: SeiNode): readonly Said[] {
  const known = new Set((before?.status.history ?? []).map(({ id }) => id));
  return (status.history ?? [])
    .filter(({ id }) => !known.has(id))
    .map(({ reason, outcome, message }): Said => {
      const why = message === undefined || message === "" ? "" : `: ${message}`;
      return ["ended", `plan for ${reason} ended: ${outcome}${why}`];
    });
}
