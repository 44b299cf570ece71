/** Why nothing happens to a node: every reason in order, each with what it saw. Pure: what was read comes in. */
import { field, oneLine, stringAt } from "../base/index.ts";
import { keyOf } from "../model/index.ts";
import type { Check, Facts } from "./check.ts";
import { driftRow } from "./drift-row.ts";
import type { Finding } from "./journal.ts";
import type { Judgement } from "./judge-fleet.ts";
import { leaderChecks } from "./leader-checks.ts";
import { nodeChecks } from "./node-checks.ts";

/** All of it. */
export interface Explanation {
  readonly node: string;
  /** In a sentence: what happens, or why nothing does. */
  readonly answer: string;
  /** What a person does about it; null = nothing. */
  readonly remedy: string | null;
  readonly checks: readonly Check[];
  readonly detectors: readonly DetectorWord[];
}

/** What a detector says. */
export interface DetectorWord {
  readonly detector: string;
  readonly mode: Finding["mode"];
  readonly word: string;
  readonly reason: string | null;
  /** Its drift is the one that is acted on first. */
  readonly wins: boolean;
}

/** Explains. */
export function explanation(facts: Facts): Explanation {
  const { node } = facts.judgement;
  const checks = [...leaderChecks(facts), ...nodeChecks(facts)];
  const detectors = wordsOf(facts.judgement);
  return { node: keyOf(node.metadata), ...answerOf(checks, facts), checks, detectors };
}

function answerOf(checks: readonly Check[], { judgement }: Facts): Pick<Explanation, "answer" | "remedy"> {
  const stop = checks.find(({ state }) => state === "stops") ?? checks.find(({ state }) => state === "waits");
  if (stop !== undefined) {
    const what = stop.state === "stops" ? "nothing is done" : "it waits";
    const reason = stop.reason === undefined ? stop.name : stop.reason;
    return { answer: `${what}: ${reason}: ${stop.saw}`, remedy: stop.remedy ?? null };
  }
  const row = driftRow(judgement);
  if (row.drift === null) {
    const unknown = checks.find(({ state }) => state === "unknown");
    const besides = unknown === undefined ? "" : `, though not all is known: ${unknown.saw}`;
    return { answer: `nothing is to be done: no detector sees drift${besides}`, remedy: null };
  }
  if (row.state.startsWith("under way")) return { answer: `${row.drift} is being healed: ${row.state}`, remedy: null };
  return {
    answer: `nothing stands in the way of ${row.drift}: the next reconcile begins ${row.plan.join(", ")}`,
    remedy:
      "Where it does not come: does the controller run with --mode observe, or with other --detectors? Its log says so.",
  };
}

function wordsOf({ findings, drifts: found }: Judgement): readonly DetectorWord[] {
  const winner = found.find(({ waits }) => waits === null)?.detector ?? null;
  return findings.map(({ detector, mode, drift, failure, observed, wasAsked }) => {
    const waits = found.find((one) => one.detector === detector)?.waits ?? null;
    return {
      detector,
      mode,
      reason: drift?.reason ?? null,
      wins: detector === winner,
      word: wordOf({ drift, failure, observed, wasAsked, mode }, { waits, wins: detector === winner }),
    };
  });
}

function wordOf(
  { drift, failure, observed, wasAsked, mode }: Omit<Finding, "detector">,
  { waits, wins }: { readonly waits: string | null; readonly wins: boolean },
): string {
  const seen = observed === undefined || observed === null ? "" : `; saw ${seenText(observed)}`;
  if (mode === "off") return "is off";
  if (failure !== null) return `failed: ${failure}`;
  if (drift === null) return `no drift${seen}`;
  const place = wins
    ? "goes first"
    : waits === null
      ? wasAsked
        ? "is only observed"
        : "is behind the first"
      : `waits: ${waits}`;
  return `${drift.reason} ${place}: ${drift.message}${seen}`;
}

/** What a detector saw; of a sidecar what it said, without which life of it said so. */
function seenText(observed: unknown): string {
  const health = field(observed, "health");
  if (stringAt(health, "state") === null) return oneLine(JSON.stringify(observed));
  const details = [field(field(health, "history"), "kind"), field(health, "cause")].filter(
    (one) => typeof one === "string",
  );
  return [stringAt(health, "state"), ...details].join(", ");
}
