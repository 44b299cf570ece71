/** What `tidekeeper drift` says of one node. */
import {
  type Condition,
  conditionOf,
  currentTask,
  graceUntil,
  heldBackUntil,
  type StoredPlan,
} from "../model/index.ts";
import type { Judgement } from "./judge-fleet.ts";

/** One node, for tables and for programs. */
export interface DriftRow {
  readonly namespace: string;
  readonly name: string;
  readonly phase: string;
  /** Of `Ready`, as a controller would write it now. */
  readonly ready: string;
  readonly why: string;
  /** Reason of the first drift; null = none. */
  readonly drift: string | null;
  readonly detector: string | null;
  readonly message: string;
  /** What would be done, or is being done. */
  readonly plan: readonly string[];
  /** What is under way, or holds the plan back; empty when it would be made now. */
  readonly state: string;
  /** Of `SidecarReady`. */
  readonly sidecar: string;
  readonly sidecarMessage: string;
  readonly image: string;
  /** Everything that detectors see, also behind the first. */
  readonly seen: readonly { readonly detector: string; readonly reason: string }[];
  /** What failed while it was looked at; null when nothing did. */
  readonly problem: string | null;
}

/** The row of a node. */
export function driftRow({ node, drifts, findings, problem }: Judgement): DriftRow {
  const { metadata, status } = node;
  const ready = conditionOf(status.conditions, "Ready") ?? UNTOLD;
  const sidecar = conditionOf(status.conditions, "SidecarReady") ?? UNTOLD;
  const active = status.plan?.phase === "Active" ? status.plan : null;
  const { drift, detector, message } = firstDrift(drifts, active, conditionOf(status.conditions, "Drift"));
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    phase: status.phase ?? "Pending",
    ready: ready.status,
    why: ready.reason,
    drift,
    detector,
    message,
    plan: planOf(drifts) ?? (active === null ? [] : active.tasks.map(({ type }) => type)),
    state: active === null ? stateOf({ node, drifts, findings }) : stepOf(active),
    sidecar: sidecar.reason,
    sidecarMessage: sidecar.message,
    image: typeof node.spec["image"] === "string" ? node.spec["image"] : "",
    seen: findings.flatMap(({ detector, drift: one }) => (one === null ? [] : [{ detector, reason: one.reason }])),
    problem,
  };
}

/** Of a condition that nobody set yet. */
const UNTOLD = { status: "Unknown", reason: "", message: "" } as const;

/** The drift that stands first; while a plan is under way nobody judges, and what was told stands. */
function firstDrift(
  [first]: Judgement["drifts"],
  active: StoredPlan | null,
  told: Condition | null,
): Pick<DriftRow, "drift" | "detector" | "message"> {
  if (first !== undefined) return { drift: first.reason, detector: first.detector, message: first.message };
  if (active === null || told?.status !== "True") return { drift: null, detector: null, message: "" };
  return { drift: told.reason, detector: active.detector ?? null, message: told.message };
}

/** Of the first drift that nothing holds back, else of the first. */
function planOf(drifts: Judgement["drifts"]): readonly string[] | null {
  const next = drifts.find(({ waits }) => waits === null) ?? drifts[0];
  return next?.tasks ?? null;
}

function stepOf(plan: StoredPlan): string {
  const at = currentTask(plan);
  const done = plan.tasks.filter(({ status }) => status === "Complete").length;
  return `under way: ${at?.task.type ?? "its end"} (${Math.min(done + 1, plan.tasks.length)} of ${plan.tasks.length})`;
}

function stateOf({ node, drifts, findings }: Pick<Judgement, "node" | "drifts" | "findings">): string {
  const next = drifts.find(({ waits }) => waits === null);
  const [first] = drifts;
  if (first === undefined) return "";
  if (next !== undefined) {
    const mode = findings.find(({ detector }) => detector === next.detector)?.mode;
    return mode === "observe" ? "only observed" : "";
  }
  switch (first.waits) {
    case "backOff":
      return waitText({ node, findings }, first.detector);
    case "place":
      return "waits for a place in its budget";
    case "spec":
      return "nothing of this spec may be applied";
    case "observation":
    case null:
      return "";
  }
}

/** Until when a drift waits: after plans in vain, or because its gate was opened a moment ago. */
export function waitText({ node, findings }: Pick<Judgement, "node" | "findings">, detector: string): string {
  const { metadata, status } = node;
  const history = status.history ?? [];
  const backOff = heldBackUntil(history, detector, metadata.generation);
  const grace = graceUntil(history, findings.find((one) => one.detector === detector)?.drift?.incarnation);
  const at = `${new Date(Math.max(backOff, grace)).toISOString().slice(0, 19)}Z`;
  return grace > backOff ? `its gate was just opened, and has until ${at}` : `backs off until ${at}`;
}
