/** What the loop reports, as metrics and log records. */
import { type Clock, keepNewest, type Timers } from "../base/index.ts";
import { attentionState, keyOf, type NodeKey, planType, type ReconcileReport, type SeiNode } from "../model/index.ts";
import type { Instruments } from "./instruments.ts";
import { causeLog } from "./cause-log.ts";
import type { LogFields, Logger } from "./logger.ts";
import { type PodBirth, podTimes } from "./pod-times.ts";

/** What the reports are written to. */
export interface ReconcileTelemetryOptions {
  readonly instruments: Instruments;
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Milliseconds between two observations of a node. */
  readonly probeIntervalMs: number;
  /** The Pod that a node has now; where that is not given, times since Pods began are not told. */
  readonly podOf?: (node: SeiNode) => PodBirth | null;
}

/** A drift that was not seen for so long has gone in between; the next sight is another drift. */
const SAME_DRIFT_MS = 60_000;
const MAX_DRIFTS = 20_000;
const controller = "seinode";

/** The loop's reports, and the end of each reconcile. */
export interface ReconcileTelemetry extends ReconcileReport {
  /** A reconcile ended after `ms`; of a failed one only that it failed is told. */
  reconciled(key: NodeKey, ms: number, failed: boolean): void;
}

/** The same, with its end: what was gathered to be told together is told. */
export interface RunningReconcileTelemetry extends ReconcileTelemetry {
  /** An Event about a node that nobody will see. */
  eventDropped(key: NodeKey, reason: string, why: string): void;
  stop(): void;
}

/** The loop's reports over these instruments and this log. */
export function reconcileTelemetry(options: ReconcileTelemetryOptions): RunningReconcileTelemetry {
  const { instruments, log, clock, timers, probeIntervalMs } = options;
  const drifts = new Drifts(Math.max(SAME_DRIFT_MS, 3 * probeIntervalMs));
  const causes = causeLog({ log, timers });
  const pods = podTimes({ instruments, wall: () => clock.wall(), podOf: options.podOf ?? (() => null) });
  const timeOf = (wall: number): string => new Date(wall).toISOString();
  // A rate over a counter that comes into being at 1 misses the first failure.
  instruments.count("reconcileErrors", {}, 0);
  instruments.count("reconcileFailures", { controller }, 0);
  return {
    stop: () => causes.stop(),
    eventDropped(key, reason, why) {
      const fields = { reason, why, next: "it is not sent again: the node's status tells the same" };
      causes.tell({ level: "warn", message: "An Event was dropped", node: key, fields });
    },
    reconciled(key, ms, failed) {
      instruments.count("reconciles", { controller, result: failed ? "error" : "success" });
      if (!failed) return instruments.observe("reconcileTime", ms / 1000, { controller });
      instruments.count("reconcileFailures", { controller });
      log.debug("Reconcile failed", { node: key });
    },
    probed(namespace, outcome, tookMs) {
      instruments.observe("probeTime", tookMs / 1000, { outcome });
      instruments.count("healthProbes", { controller, namespace, outcome });
    },
    drift(node, found) {
      const { detector, mode, reason, message, tasks, waits } = found;
      const seen = drifts.see(driftKey(node, detector), `${mode} ${reason} ${message}`, clock.mono());
      if (seen === "same") return;
      if (seen === "new") instruments.count("driftDetected", { detector });
      pods.detected(node, tasks);
      const next = mode === "observe" ? { would: tasks } : waits === null ? {} : { next: WAITS[waits] };
      log.info("Drift found", { node: keyOf(node.metadata), detector, mode, reason, why: message, ...next });
    },
    detectorFailed(node, detector, why) {
      instruments.count("detectorFailures", { detector });
      const fields = { detector, why };
      causes.tell({ level: "warn", message: "Detector failed", node: keyOf(node.metadata), fields });
    },
    sidecarUnknown(node, reason, why) {
      const fields = {
        reason,
        why,
        next: "nothing is done to its gate before it answers; it is asked again and again",
      };
      causes.tell({ level: "warn", message: "Sidecar state unknown", node: keyOf(node.metadata), fields });
    },
    planStarted(node, plan) {
      const { id, detector = null, reason = null, message: why = "" } = plan;
      const tasks = plan.tasks.map(({ type }) => type);
      pods.planned(node, plan);
      log.info("Plan stored", { node: keyOf(node.metadata), plan: id, detector, reason, why, tasks });
    },
    planEnded(node, plan, { outcome, message, healed, durationMs, nextTryAt }) {
      const { namespace } = node.metadata;
      const labels = { controller, namespace, plan_type: planType(plan), outcome };
      instruments.observe("planDuration", Math.max(0, durationMs) / 1000, labels);
      const detector = plan.detector ?? "unknown";
      const firstMs = outcome === "complete" ? drifts.close(driftKey(node, detector)) : null;
      if (firstMs !== null) instruments.observe("healTime", (clock.mono() - firstMs) / 1000, { detector });
      if (outcome === "complete" && healed) pods.healed(node, plan);
      causes.forget(keyOf(node.metadata));
      const { failedPhase } = plan;
      log[outcome === "failed" ? "warn" : "info"]("Plan ended", {
        node: keyOf(node.metadata),
        plan: plan.id,
        detector,
        reason: plan.reason ?? null,
        outcome,
        ...(outcome === "complete" ? { healed } : endedBy(message)),
        durationMs,
        ...(nextTryAt === null ? {} : { nextTry: timeOf(nextTryAt) }),
        ...(outcome === "failed" && failedPhase !== undefined ? { next: FOR_A_PERSON } : {}),
      });
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
    waiting(node, task, { why, afterMs }) {
      const { type, id } = task;
      const fields = { task: type, why };
      const own = { id, nextTry: timeOf(clock.wall() + afterMs) };
      const key = keyOf(node.metadata);
      causes.tell({ level: "info", message: "Task has to wait", node: key, once: key, fields, own });
    },
    attention(node, now, was) {
      const key = keyOf(node.metadata);
      // By UID: a node that is made anew under the same name is reported anew.
      const once = `attention/${node.metadata.uid}`;
      if (now === null) {
        causes.forget(once, key);
        const fields = { node: key, reason: was?.reason ?? "" };
        return log.change(`${once}/${was?.transition}`, "info", "No person is wanted any more", fields);
      }
      const { reason, why } = now;
      const { event, remedy } = attentionState(reason);
      // What happens to a whole fleet at once shows in its watch.
      if (event === null) return;
      const fields = { reason, why, remedy };
      causes.tell({ level: "warn", message: "A person is wanted", node: key, once, fields });
    },
    problem(node, what, afterMs) {
      instruments.count("reconcileErrors", {});
      const own = { nextTry: timeOf(clock.wall() + afterMs) };
      const fields = { what };
      causes.tell({ level: "error", message: "Reconcile met a problem", node: keyOf(node.metadata), fields, own });
    },
  };
}

/** What is waited for before a drift becomes a plan. */
const WAITS = {
  backOff: "earlier plans came to nothing: a plan follows after a pause",
  place: "other nodes of its budget come first: a plan follows when one has healed",
  observation: "it is observed once more first: a plan follows at once",
  spec: "nothing of its spec may be applied: see the condition Stalled",
} as const;

/** The plan that brings a node up is made once. */
const FOR_A_PERSON = "remove the cause, then annotate the SeiNode with tidekeeper.sei.io/reinitialize=WORD";

/** Task, code and cause in the message of a plan's end. */
function endedBy(message: string): LogFields {
  const [, task, code, why] = /^task ([\w-]+): ([A-Z][A-Z_]+): (.*)$/s.exec(message) ?? [];
  if (code !== undefined) return { task, code, why };
  return message === "" ? {} : { why: message };
}

/** Drifts that are known, and since when. */
class Drifts {
  readonly #known = new Map<string, { readonly firstMs: number; lastMs: number; told: string }>();
  readonly #sameMs: number;

  constructor(sameMs: number) {
    this.#sameMs = sameMs;
  }

  /** `other`: the same drift, of which there is something else to tell. */
  see(key: string, told: string, now: number): "new" | "other" | "same" {
    const seen = this.#known.get(key);
    if (seen !== undefined && now - seen.lastMs < this.#sameMs) {
      const isSame = seen.told === told;
      Object.assign(seen, { lastMs: now, told });
      return isSame ? "same" : "other";
    }
    keepNewest(this.#known, [key, { firstMs: now, lastMs: now, told }], MAX_DRIFTS);
    return "new";
  }

  /** Forgets it; when it was first seen, null where it was not. */
  close(key: string): number | null {
    const seen = this.#known.get(key);
    this.#known.delete(key);
    return seen?.firstMs ?? null;
  }
}

function driftKey(node: SeiNode, detector: string): string {
  return `${node.metadata.uid}/${detector}`;
}

/** `spec.chainId` as a label; empty where it is none. */
function chainOf(node: SeiNode): string {
  return typeof node.spec.chainId === "string" ? node.spec.chainId : "";
}
