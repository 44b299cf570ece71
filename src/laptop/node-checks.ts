/** The reasons that lie in the node itself, in the order in which the loop comes to them. */
import { type Attention, attentionOf, attentionState, conditionOf, isTrue } from "../model/index.ts";
import { ageText } from "./age.ts";
import type { Check, Facts } from "./check.ts";
import { waitText } from "./drift-row.ts";

/** All of them. */
export function nodeChecks(facts: Facts): readonly Check[] {
  return [
    deletion(facts),
    phase(facts),
    stalled(facts),
    paused(facts),
    held(facts),
    consent(facts),
    ...pod(facts),
    probe(facts),
    underWay(facts),
    drifts(facts),
    backOff(facts),
    budget(facts),
    refusals(facts),
    ...events(facts),
  ];
}

/** A check that a state which wants a person shows in; with its remedy and since when. */
function stateCheck(name: string, { reason, why, since }: Attention, now: number): Check {
  const ago = Number.isNaN(Date.parse(since)) ? "" : ` (for ${ageText(now - Date.parse(since))})`;
  return { name, state: "stops", saw: `${why}${ago}`, reason, remedy: attentionState(reason).remedy };
}

function attentionIn(
  { judgement: { node } }: Facts,
  isMeant: (sources: readonly string[], reason: string) => boolean,
): Attention | null {
  const attention = attentionOf(node.status);
  if (attention === null) return null;
  return isMeant(attentionState(attention.reason).sources, attention.reason) ? attention : null;
}

function fine(name: string, saw: string): Check {
  return { name, state: "fine", saw };
}

function deletion({ judgement: { node }, now }: Facts): Check {
  const { deletionTimestamp: at, finalizers = [] } = node.metadata;
  if (at === undefined) return fine("deletion", "nobody deleted it");
  const ago = ageText(now - Date.parse(at));
  return {
    name: "deletion",
    state: "waits",
    saw: `it was deleted ${ago} ago; finalizers: ${finalizers.join(", ") || "none"}`,
  };
}

function phase({ judgement: { node } }: Facts): Check {
  const name = "phase";
  const { phase: now = "Pending" } = node.status;
  switch (now) {
    case "Running":
      return fine(name, "Running");
    case "Initializing":
      return { name, state: "note", saw: "Initializing: detectors are asked once it runs" };
    case "Failed":
      return { name, state: "note", saw: "Failed: nothing is done until somebody asks for a new start" };
    case "Terminating":
      return { name, state: "note", saw: "Terminating: what is its own is taken down" };
    case "Pending":
      return { name, state: "note", saw: "none yet: a controller that acts brings it up first" };
  }
}

function stalled(facts: Facts): Check {
  const attention = attentionIn(facts, (sources) => sources.includes("Stalled"));
  const isOfTakeOver = attention !== null && !isTrue(facts.judgement.node.status.conditions, "Stalled");
  if (attention !== null && !isOfTakeOver) return stateCheck("stalled", attention, facts.now);
  const found = conditionOf(facts.judgement.node.status.conditions, "Stalled");
  if (found?.status !== "True") return fine("stalled", "nothing stalls it");
  return { name: "stalled", state: "stops", saw: found.message, reason: found.reason };
}

function paused(facts: Facts): Check {
  const attention = attentionIn(facts, (sources) => sources.includes("Paused"));
  if (attention !== null) return stateCheck("paused", attention, facts.now);
  return fine("paused", "spec.paused is not set");
}

function held(facts: Facts): Check {
  const attention = attentionIn(facts, (sources) => sources.includes("HeldByWorkflow"));
  if (attention !== null) return stateCheck("held", attention, facts.now);
  const found = conditionOf(facts.judgement.node.status.conditions, "HeldByWorkflow");
  if (found?.status === "True") return { name: "held", state: "stops", saw: found.message, reason: found.reason };
  if (found?.status === "Unknown") return { name: "held", state: "unknown", saw: found.message, reason: found.reason };
  return fine("held", "no workflow owns its gate, and nobody shut it on purpose");
}

function consent(facts: Facts): Check {
  const attention = attentionIn(facts, (_sources, reason) => reason === "ConsentNeeded");
  if (attention !== null && !isTrue(facts.judgement.node.status.conditions, "Stalled")) {
    return stateCheck("consent", attention, facts.now);
  }
  return fine("consent", "nothing waits for an annotation");
}

function pod(facts: Facts): readonly Check[] {
  const attention = attentionIn(facts, (_sources, reason) => reason === "PodNotRunning" || reason === "WatchSilent");
  if (attention !== null)
    return [stateCheck(attention.reason === "WatchSilent" ? "watch" : "pod", attention, facts.now)];
  const { pod: found, statefulSet } = facts.judgement.owned;
  if (found === null) {
    const set =
      statefulSet === null
        ? "and no StatefulSet of its own"
        : `StatefulSet ${statefulSet.name} wants ${statefulSet.replicas}`;
    return [{ name: "pod", state: "note", saw: `there is no Pod of its own, ${set}` }];
  }
  const containers = found.containers.map(
    ({ name, state, stateReason }) => `${name} ${stateReason === "" ? state : stateReason}`,
  );
  const saw = `${found.name} is ${found.deleting ? "going" : found.phase}: ${containers.join(", ")}`;
  return [
    found.trouble === undefined
      ? fine("pod", saw)
      : { name: "pod", state: "note", saw: `${saw}. ${found.trouble.message}` },
  ];
}

function probe({ judgement: { node } }: Facts): Check {
  const name = "probe";
  const found = conditionOf(node.status.conditions, "SidecarReady");
  if (node.status.phase !== "Running") return { name, state: "note", saw: "the sidecar is asked once the node runs" };
  if (found === null) return { name, state: "unknown", saw: "the sidecar was not asked" };
  const saw = `${found.reason}: ${found.message}`;
  return { name, state: found.status === "Unknown" ? "unknown" : "fine", saw };
}

function underWay({ judgement: { node } }: Facts): Check {
  const { plan, conditions } = node.status;
  if (plan?.phase !== "Active") return fine("plan", "none is under way");
  const steps = plan.tasks.map(({ type, status }) => `${type} ${status}`).join(", ");
  const busy = conditionOf(conditions, "Reconciling");
  const waits = busy?.status === "True" ? `. ${busy.message}` : "";
  return {
    name: "plan",
    state: "waits",
    saw: `${plan.reason ?? "a plan"} by ${plan.detector ?? "somebody"}: ${steps}${waits}`,
  };
}

function drifts({ judgement }: Facts): Check {
  const { findings, problem, node } = judgement;
  if (problem !== null) return { name: "drift", state: "stops", saw: problem };
  if (node.status.phase !== "Running") return { name: "drift", state: "note", saw: "detectors judge Running nodes" };
  const seen = findings.flatMap(({ detector, drift }) => (drift === null ? [] : [`${drift.reason} (${detector})`]));
  const [first, ...hidden] = seen;
  if (first === undefined) return fine("drift", "no detector sees any");
  return {
    name: "drift",
    state: "note",
    saw: hidden.length === 0 ? first : `${first} goes first; behind it ${hidden.join(", ")}`,
  };
}

function backOff(facts: Facts): Check {
  const { drifts: found } = facts.judgement;
  const attention = attentionIn(facts, (sources) => sources.includes("Drift"));
  const until = found.find(({ waits }) => waits === "backOff");
  if (attention !== null) return stateCheck("back-off", attention, facts.now);
  if (until === undefined) return fine("back-off", "no plan came to nothing lately");
  const saw = `${until.reason}: ${waitText(facts.judgement, until.detector)}`;
  return { name: "back-off", state: "waits", saw };
}

function budget({ judgement, hasPlace }: Facts): Check {
  const budgeted = judgement.findings.find(({ drift }) => drift?.budget !== undefined);
  const name = budgeted?.drift?.budget;
  if (name === undefined) return fine("budget", "no drift of it needs a place in one");
  if (hasPlace(judgement.node, name)) return fine("budget", `${name}: a place is free`);
  const saw = `${name}: all places are taken by other nodes, as --max-unavailable has it by default`;
  return { name: "budget", state: "waits", saw };
}

function refusals({ judgement: { node }, now }: Facts): Check {
  const last = (node.status.history ?? []).findLast(({ outcome }) => outcome === "Failed");
  if (last === undefined) return fine("refusals", "no plan failed that status remembers");
  const ago = ageText(now - Date.parse(last.finishedAt));
  const isOver = (node.status.history ?? []).some(({ finishedAt, healed }) => healed && finishedAt > last.finishedAt);
  const saw = `${last.reason} failed ${ago} ago: ${last.message ?? "no reason was given"}`;
  return { name: "refusals", state: isOver ? "fine" : "note", saw };
}

const SHOWN = 3;
const HOUR_MS = 3_600_000;

function events({ events: found, now }: Facts): readonly Check[] {
  if (found === null) return [{ name: "events", state: "unknown", saw: "Events could not be read" }];
  const recent = found.filter(({ at, type }) => type === "Warning" && now - Date.parse(at) < HOUR_MS);
  if (recent.length === 0) return [fine("events", "no warning about its Pod in the last hour")];
  return recent.slice(-SHOWN).map(({ at, reason, note, count }) => ({
    name: "events",
    state: "note",
    saw: `${reason} ${ageText(now - Date.parse(at))} ago${count > 1 ? `, ${count} times` : ""}: ${note}`,
  }));
}
