/** From what the rooms report to metrics and log records: the rooms themselves measure nothing. */
import { planType } from "../core/plan-lifecycle.ts";
import type { SeiNode } from "../core/node.ts";
import type { ReflectorReport } from "../kube/reflector.ts";
import type { ApiTransport } from "../kube/transport.ts";
import type { Instruments, Logger } from "../telemetry/index.ts";
import type { ControllerReport } from "./controller.ts";

const CONTROLLER = "seinode";

/** The callbacks of a controller. */
export function controllerReport(instruments: Instruments, log: Logger): ControllerReport {
  const of = (node: SeiNode) => ({ namespace: node.metadata.namespace, name: node.metadata.name });
  const keyed = (node: SeiNode, what: string) => `${node.metadata.namespace}/${node.metadata.name} ${what}`;
  return {
    watch: (report) => reportWatch(report, instruments, log),
    probed: (node, outcome) =>
      instruments.count("healthProbes", { controller: CONTROLLER, namespace: node.metadata.namespace, outcome }),
    passed(key, ms, isFailed) {
      instruments.count("reconciles", { controller: CONTROLLER, result: isFailed ? "error" : "success" });
      if (!isFailed) return instruments.observe("reconcileTime", ms / 1000, { controller: CONTROLLER });
      instruments.count("reconcileFailures", { controller: CONTROLLER });
      instruments.count("reconcileErrors", {});
      log.error("A pass failed unexpectedly", { node: key });
    },
    drift(node, detector, mode) {
      instruments.count("driftDetected", { detector });
      log.change(keyed(node, `drift ${detector}`), "info", "Drift detected", { ...of(node), detector, mode });
    },
    detectorFailed(node, detector, why) {
      instruments.count("detectorFailures", { detector });
      log.change(keyed(node, `detector ${detector}`), "warn", "A detector failed", { ...of(node), detector, why });
    },
    planStarted: (node, plan) =>
      log.info("Plan made", { ...of(node), plan: plan.id, detector: plan.detector, reason: plan.reason }),
    planEnded(node, plan, outcome, durationMs) {
      const labels = { controller: CONTROLLER, namespace: node.metadata.namespace, plan_type: planType(plan), outcome };
      instruments.observe("planDuration", durationMs / 1000, labels);
      if (outcome === "complete" && plan.detector !== undefined) {
        instruments.observe("healTime", durationMs / 1000, { detector: plan.detector });
      }
      log.info("Plan ended", { ...of(node), plan: plan.id, outcome, ms: Math.round(durationMs) });
    },
    phaseChanged(node, from, to) {
      const { namespace } = node.metadata;
      instruments.count("phaseTransitions", { controller: CONTROLLER, namespace, from_phase: from, to_phase: to });
      observePhase(node, from, instruments);
      log.info("Phase changed", { ...of(node), from, to });
    },
    waiting: (node, task, why) =>
      log.change(keyed(node, "waiting"), "info", "A task waits", { ...of(node), task: task.type, why }),
    problem: (node, what) => log.change(keyed(node, "problem"), "warn", "A write failed", { ...of(node), what }),
  };
}

/** How long the phase that was left had lasted, read before it is overwritten. */
function observePhase(node: SeiNode, from: string, instruments: Instruments): void {
  const since = Date.parse(node.status.phaseTransitionTime ?? "");
  const last = Date.parse(node.status.conditions?.at(-1)?.lastTransitionTime ?? "");
  if (from === "" || Number.isNaN(since) || Number.isNaN(last)) return;
  const chain = node.spec["chainId"];
  const labels = { namespace: node.metadata.namespace, chain_id: typeof chain === "string" ? chain : "", phase: from };
  instruments.observe("phaseDuration", Math.max(0, last - since) / 1000, labels);
}

function reportWatch(report: ReflectorReport, instruments: Instruments, log: Logger): void {
  switch (report.type) {
    case "synced":
      instruments.set("watchHealthy", 1, { resource: report.resource });
      return log.info("Cache synced", { resource: report.resource, how: report.how, objects: report.objects });
    case "unreadable":
      return log.change(`unreadable ${report.resource} ${report.key}`, "warn", "An object cannot be read", {
        ...report,
      });
    default:
      instruments.set("watchHealthy", 0, { resource: report.resource });
      instruments.count("watchRestarts", { resource: report.resource, reason: report.type });
      return log.change(`watch ${report.resource}`, "warn", "A watch failed", { ...report });
  }
}

/** The transport with its requests counted by method and status. */
export function countedTransport(transport: ApiTransport, instruments: Instruments): ApiTransport {
  const count = (method: string, code: string): void => instruments.count("apiRequests", { method, code });
  return {
    async request(request, limits) {
      try {
        const response = await transport.request(request, limits);
        count(request.method, String(response.status));
        return response;
      } catch (error) {
        count(request.method, "<error>");
        throw error;
      }
    },
    async stream(request, limits) {
      const stream = await transport.stream(request, limits);
      count(request.method, String(stream.status));
      return stream;
    },
  };
}
