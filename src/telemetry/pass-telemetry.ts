/** What the loop reports, as metrics and log records. */
import { attentionOf } from "../core/attention.ts";
import { attentionState } from "../core/attention-states.ts";
import type { NodeKey, SeiNode } from "../core/node.ts";
import { keyOf } from "../core/node.ts";
import { planType } from "../core/plan-lifecycle.ts";
import type { PassReport } from "../core/ports.ts";
import type { Instruments } from "./instruments.ts";
import type { Logger } from "./logger.ts";
import type { NodeState } from "./node-state.ts";

/** What the reports are written to. */
export interface PassTelemetryOptions {
  readonly instruments: Instruments;
  readonly log: Logger;
  readonly clock: { mono(): number; wall(): number };
}

/** A drift that was not seen for so long has gone in between; the next sight is another drift. */
const SAME_DRIFT_MS = 60_000;
const MAX_DRIFTS = 20_000;
const controller = "seinode";

/** The loop's reports, and the end of each pass. */
export interface PassTelemetry extends PassReport {
  /** A pass ended after `ms`; of a failed one only that it failed is told. */
  passed(key: NodeKey, ms: number, failed: boolean): void;
}

/** The loop's reports over these instruments and this log. */
export function passTelemetry({ instruments, log, clock }: PassTelemetryOptions): PassTelemetry {
  const drifts = new Map<string, { readonly firstMs: number; lastMs: number }>();
  // A rate over a counter that comes into being at 1 misses the first failure.
  instruments.count("reconcileErrors", {}, 0);
  instruments.count("reconcileFailures", { controller }, 0);
  return {
    passed(key, ms, failed) {
      instruments.count("reconciles", { controller, result: failed ? "error" : "success" });
      if (!failed) return instruments.observe("reconcileTime", ms / 1000, { controller });
      instruments.count("reconcileFailures", { controller });
      log.debug("Pass failed", { node: key });
    },
    probed(namespace, outcome, tookMs) {
      instruments.observe("probeTime", tookMs / 1000, { outcome });
      instruments.count("healthProbes", { controller, namespace, outcome });
    },
    drift(node, detector, mode) {
      if (!isNewDrift(drifts, driftKey(node, detector), clock.mono())) return;
      instruments.count("driftDetected", { detector });
      log.info("Drift found", { node: keyOf(node.metadata), detector, mode });
    },
    detectorFailed(node, detector, why) {
      instruments.count("detectorFailures", { detector });
      const key = keyOf(node.metadata);
      log.change(`detector/${key}/${detector}`, "warn", "Detector failed", { node: key, detector, why });
    },
    planStarted(node, plan) {
      const { id, detector = null, reason = null } = plan;
      const tasks = plan.tasks.map(({ type }) => type);
      log.info("Plan stored", { node: keyOf(node.metadata), plan: id, detector, reason, tasks });
    },
    planEnded(node, plan, outcome, durationMs) {
      const { namespace } = node.metadata;
      const labels = { controller, namespace, plan_type: planType(plan), outcome };
      instruments.observe("planDuration", Math.max(0, durationMs) / 1000, labels);
      const detector = plan.detector ?? "unknown";
      const seen = drifts.get(driftKey(node, detector));
      if (outcome === "complete" && seen !== undefined) {
        drifts.delete(driftKey(node, detector));
        instruments.observe("healTime", (clock.mono() - seen.firstMs) / 1000, { detector });
      }
      const level = outcome === "failed" ? "warn" : "info";
      log[level]("Plan ended", { node: keyOf(node.metadata), plan: plan.id, detector, outcome, durationMs });
    },
    phaseChanged(node, { from, to, lastedMs }) {
      const { namespace } = node.metadata;
      instruments.count("phaseTransitions", { controller, namespace, from_phase: from, to_phase: to });
      if (from !== "" && !Number.isNaN(lastedMs)) {
        const labels = { namespace, chain_id: chainOf(node), phase: from };
        instruments.observe("phaseDuration", Math.max(0, lastedMs) / 1000, labels);
      }
      log.info("Phase changed", { node: keyOf(node.metadata), from, to });
    },
    waiting(node, task, why) {
      const key = keyOf(node.metadata);
      log.change(`waiting/${key}`, "info", "Task has to wait", { node: key, task: task.type, id: task.id, why });
    },
    attention(node, now, was) {
      const fields = { node: keyOf(node.metadata), reason: (now ?? was)?.reason ?? "" };
      // By UID: one of the same name that is made anew is told of anew.
      const key = `attention/${node.metadata.uid}`;
      if (now === null) return log.change(key, "info", "No person is wanted any more", fields);
      // What a whole fleet comes to at once is told by its watch.
      if (attentionState(now.reason).event === null) return;
      log.change(key, "warn", "A person is wanted", {
        ...fields,
        why: now.why,
        remedy: attentionState(now.reason).remedy,
      });
    },
    problem(node, what) {
      instruments.count("reconcileErrors", {});
      const key = keyOf(node.metadata);
      log.change(`problem/${key}`, "error", "Pass met a problem", { node: key, what });
    },
  };
}

/** A node as its metrics tell it. Readiness is what the condition says, so replicas agree. */
export function nodeStateOf({ metadata, status }: SeiNode): NodeState {
  const condition = status.conditions?.find(({ type }) => type === "SidecarReady");
  const held = status.conditions?.find(({ type }) => type === "HeldByWorkflow");
  const isGateHistoryUnknown = held?.reason === "GateHistoryUnknown";
  const wanted = attentionOf(status);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    phase: status.phase ?? null,
    sidecar: condition === undefined ? null : SIDECAR_STATES[condition.status],
    planActive: status.plan?.phase === "Active",
    ...(isGateHistoryUnknown ? { isGateHistoryUnknown } : {}),
    ...(wanted === null ? {} : { attention: wanted.reason }),
  };
}

const SIDECAR_STATES = { True: "ready", False: "notReady", Unknown: "unknown" } as const;

function driftKey(node: SeiNode, detector: string): string {
  return `${node.metadata.uid}/${detector}`;
}

function isNewDrift(
  drifts: Map<string, { readonly firstMs: number; lastMs: number }>,
  key: string,
  now: number,
): boolean {
  const seen = drifts.get(key);
  if (seen !== undefined && now - seen.lastMs < SAME_DRIFT_MS) {
    seen.lastMs = now;
    return false;
  }
  drifts.delete(key);
  drifts.set(key, { firstMs: now, lastMs: now });
  const oldest = drifts.size > MAX_DRIFTS ? drifts.keys().next().value : undefined;
  if (oldest !== undefined) drifts.delete(oldest);
  return true;
}

/** `spec.chainId` as a label; empty where it is none. */
function chainOf(node: SeiNode): string {
  return typeof node.spec.chainId === "string" ? node.spec.chainId : "";
}
