/** From what the mirrors and the transport report to metrics and log records. */
import type { ReflectorReport } from "../kube/reflector.ts";
import type { ApiTransport } from "../kube/transport.ts";
import type { Instruments, Logger } from "../telemetry/index.ts";
import type { ControllerReport } from "./controller.ts";

/** Tells of one report of a mirror. */
export function reportWatch(report: ReflectorReport, instruments: Instruments, log: Logger): void {
  switch (report.type) {
    case "synced":
      instruments.set("watchHealthy", 1, { resource: report.resource });
      return log.info("Cache synced", { resource: report.resource, how: report.how, objects: report.objects });
    case "unreadable":
      return log.change(`unreadable ${report.resource} ${report.key}`, "warn", "An object cannot be read", {
        ...report,
      });
    case "dead":
    case "denied":
    case "fallback":
    case "relist":
    case "retry":
      instruments.set("watchHealthy", 0, { resource: report.resource });
      instruments.count("watchRestarts", { resource: report.resource, reason: report.type });
      return log.change(`watch ${report.resource}`, "warn", "A watch failed", { ...report });
  }
}

/** The queue's reports as metrics. */
export function queueTelemetry(instruments: Instruments): ControllerReport["queue"] {
  const labels = { name: "seinode" };
  instruments.count("queueRetries", labels, 0);
  return {
    added: () => instruments.count("queueAdds", labels),
    retried: () => instruments.count("queueRetries", labels),
    waited: (ms) => instruments.observe("queueTime", ms / 1000, labels),
  };
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
      try {
        const stream = await transport.stream(request, limits);
        count(request.method, String(stream.status));
        return stream;
      } catch (error) {
        count(request.method, "<error>");
        throw error;
      }
    },
  };
}
