/** From what the mirrors and the transport report to metrics and log records. */
import type { ReflectorReport } from "../../kube/reflector.ts";
import type { ApiTransport } from "../../kube/transport.ts";
import type { Instruments, Logger } from "../../telemetry/index.ts";
import type { ControllerReport } from "./controller.ts";

/** Tells of one report of a mirror. */
export function reportWatch(report: ReflectorReport, instruments: Instruments, log: Logger): void {
  switch (report.type) {
    case "synced":
      return log.info("Cache synced", { resource: report.resource, how: report.how, objects: report.objects });
    case "unreadable":
      return log.change(`unreadable ${report.resource} ${report.key}`, "warn", "An object cannot be read", {
        ...report,
      });
    case "dead":
    case "denied":
    case "fallback":
    case "relist":
    case "retry": {
      const { type, resource, verb, why, status } = report;
      instruments.count("watchRestarts", { resource, reason: type });
      // Without the count of tries and the wait: the same trouble is told once.
      return log.change(`watch ${resource}`, "warn", "A watch failed", { type, resource, verb, why, status });
    }
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
