/** From what the mirrors and the transport report to metrics and log records. */
import type { ReflectorReport } from "../kube/watch/index.ts";
import { REQUEST_PRIORITIES } from "../kube/client/index.ts";
import type { ApiTransport, Clock } from "../base/index.ts";
import type { Instruments } from "../telemetry/index.ts";
import type { Controller } from "./controller.ts";
import type { ControllerReport } from "./controller-options.ts";
import type { WatchLog } from "./watch-log.ts";

/** Counts what a mirror reports, and tells it. */
export function reportWatch(report: ReflectorReport, instruments: Instruments, watches: WatchLog): void {
  // Of the rest none is a restart.
  if ("waitMs" in report) instruments.count("watchRestarts", { resource: report.resource, reason: report.type });
  watches.tell(report);
}

/** The queue's reports as metrics. */
export function queueTelemetry(instruments: Instruments): ControllerReport["queue"] {
  const labels = { name: "seinode" };
  instruments.count("queueRetries", labels, 0);
  return {
    added: () => instruments.count("queueAdds", labels),
    retried: () => instruments.count("queueRetries", labels),
    waited: (ms) => instruments.observe("queueTime", ms / 1000, labels),
    worked: (ms) => instruments.observe("workTime", ms / 1000, labels),
  };
}

/** The transport with its requests counted by method and status, and timed; of a stream only that it opened. */
export function countRequests(
  transport: ApiTransport,
  { instruments, clock }: { readonly instruments: Instruments; readonly clock: Pick<Clock, "mono"> },
): ApiTransport {
  const count = (method: string, code: string): void => instruments.count("apiRequests", { method, code });
  const counted = async <Reply extends { readonly status: number }>(
    method: string,
    send: () => Promise<Reply>,
  ): Promise<Reply> => {
    try {
      const reply = await send();
      count(method, String(reply.status));
      return reply;
    } catch (error) {
      count(method, "<error>");
      throw error;
    }
  };
  return {
    async request(request, limits) {
      const from = clock.mono();
      try {
        return await counted(request.method, () => transport.request(request, limits));
      } finally {
        instruments.observe("apiTime", (clock.mono() - from) / 1000, { verb: request.method });
      }
    },
    stream: (request, limits) => counted(request.method, () => transport.stream(request, limits)),
  };
}

/** What is read off when somebody asks, since no event tells of it. */
export function measureController(
  { queue, caches, requests }: Pick<Controller, "queue" | "caches" | "requests">,
  instruments: Instruments,
): void {
  const name = "seinode";
  const { totalMs, longestMs } = queue.unfinished;
  instruments.set("queueDepth", queue.depth, { name });
  instruments.set("unfinishedWork", totalMs / 1000, { name });
  instruments.set("longestWork", longestMs / 1000, { name });
  instruments.set("activeWorkers", queue.inFlight, { controller: name });
  for (const priority of REQUEST_PRIORITIES)
    instruments.set("apiWaiting", requests.waiting(priority), { lane: priority });
  for (const { resource, health } of caches.reflectors.values()) {
    instruments.set("watchHealthy", health.synced && health.connected ? 1 : 0, { resource });
  }
}
