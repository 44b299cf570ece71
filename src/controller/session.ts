/** One life of the controller: mirrors, waits to lead, works, hands over. `run` and `demo` differ in its World alone. */
import { keyOf, type NodeKey, PLURAL } from "../model/index.ts";
import { createClient, createRequestQueue } from "../kube/client/index.ts";
import { createEventRecorder } from "../kube/events/index.ts";
import type { ApiTransport } from "../base/index.ts";
import type { HealthCheck } from "../server/index.ts";
import { type Instruments, type Logger, reconcileTelemetry } from "../telemetry/index.ts";
import { watchApiSilence } from "./api-silence.ts";
import { type Controller, createController } from "./controller.ts";
import type { ControllerOptions } from "./controller-options.ts";
import { nameEvent } from "./event-name.ts";
import type { LeaseOptions } from "./leadership-options.ts";
import { createLeadership } from "./leadership.ts";
import { podBirth } from "./pod-birth.ts";
import { countRequests, queueTelemetry, reportWatch } from "./report.ts";
import { tellUnsupported } from "./unsupported.ts";
import { watchLog } from "./watch-log.ts";

/** What a session is built from: a controller's parts, without those that the session makes. */
export interface SessionOptions extends Omit<
  ControllerOptions,
  "report" | "send" | "mayWrite" | "requests" | "shards"
> {
  /** Connections for the Lease alone, so that no renewal waits behind reconciles; `api` unless given. */
  readonly leaseApi?: ApiTransport;
  /** Null = no election: we are the only one. */
  readonly lease: LeaseOptions | null;
  /** Address of the API server, to be told where it does not answer. */
  readonly server?: string;
  /** Who tells Events. */
  readonly instance: string;
  readonly instruments: Instruments;
  readonly log: Logger;
  /** Called once when this life is over against our will: the Lease was lost. */
  readonly onOver: (why: string) => void;
}

/** A running session. */
export interface Session {
  readonly controller: Controller;
  readonly live: readonly HealthCheck[];
  readonly ready: readonly HealthCheck[];
  /** True while reconciles run and may write. */
  readonly isLeading: () => boolean;
  /** Whether the node's metrics are ours to tell: another replica tells those of the shards it works on. */
  readonly tells: (key: NodeKey) => boolean;
  /** Ends the reconciles, tells the Events, gives the Lease back, ends the mirrors: in this order. */
  stop(): Promise<void>;
}

/** As many as the API server's transport has sockets. */
const API_PLACES = 64;
/** Reconciles under way get this long to end; every request in them ends sooner. */
const DRAIN_MS = 10_000;
const EVENTS_MS = 2000;
/** A queue whose oldest key waits longer than this makes no progress. */
const STUCK_MS = 120_000;

/** Starts a session. */
export function startSession(options: SessionOptions): Session {
  const { clock, timers, random, instruments, log } = options;
  const silence = watchApiSilence({ clock, timers, instruments, log });
  const telemetry = reconcileTelemetry({
    instruments,
    log,
    clock,
    timers,
    probeIntervalMs: options.probeIntervalMs,
    podOf: (node) => podBirth(controller.caches, node),
  });
  const counted = (transport: ApiTransport): ApiTransport =>
    countRequests(silence.over(transport), { instruments, clock });
  const api = counted(options.api);
  const requests = createRequestQueue({ clock, timers, places: API_PLACES });
  const client = createClient(requests.over(api, "telling"));
  const recorder = createEventRecorder({
    client,
    clock,
    timers,
    random,
    reportingController: "tidekeeper.sei.io",
    reportingInstance: options.instance,
    report: ({ event: { regarding, reason }, why }) =>
      telemetry.eventDropped(`${regarding.namespace}/${regarding.name}`, reason, why),
  });
  const leadership = createLeadership({ ...options, api: counted(options.leaseApi ?? options.api) });
  const shards = options.lease?.shards ?? 1;
  const watches = watchLog({ log, clock, timers, server: options.server });
  const controller = createController({
    ...options,
    api,
    requests,
    report: {
      ...telemetry,
      watch(report) {
        reportWatch(report, instruments, watches);
        if (report.type === "synced" && report.resource.startsWith(`${PLURAL}.`)) tellOnce();
      },
      queue: queueTelemetry(instruments),
    },
    send: (node, event) => recorder.record(nameEvent(node, event)),
    mayWrite: ({ metadata }) => leadership.mayWrite(keyOf(metadata)),
    shards,
  });
  let isCounted = false;
  const tellOnce = (): void => {
    if (isCounted) return;
    isCounted = true;
    void tellUnsupported({ nodes: controller.caches.nodes.reader, timers, log });
  };
  const reflectors = [...controller.caches.reflectors.values()];
  leadership.start({
    synced: () => reflectors.every((reflector) => reflector.health.synced),
    acquired: (shard) => controller.lead([shard]),
    leave: (shard) => controller.leave(shard),
    observe: (some) => controller.lead(some),
  });
  return {
    controller,
    isLeading: leadership.leads,
    tells: (key) => shards === 1 || controller.works(key),
    live: [{ name: "queue", check: () => queueCheck(controller) }],
    ready: [
      ...[...controller.caches.reflectors].map(([name, { health }]) =>
        cacheCheck(name, () => controller.caches.reflectors.get(name)?.health ?? health),
      ),
      // A mirror that is whole serves on while the server is away, so this is told and is no reason to be unready.
      { name: "apiserver", check: () => ({ ok: true, note: silence.note }) as const },
      { name: "leader", check: () => ({ ok: true, note: leadership.leader() }) as const },
      ...(shards === 1
        ? []
        : [{ name: "shards", check: () => ({ ok: true, note: leadership.shards() ?? "" }) as const }]),
    ],
    async stop() {
      leadership.retire();
      // Whoever may not write tells nothing either: the next leader tells what status remembers.
      if (!leadership.leads()) await recorder.flush(0);
      const isIdle = await Promise.race([
        controller.rest().then(() => true),
        new Promise<boolean>((resolve) => void timers.after(DRAIN_MS, () => resolve(false))),
      ]);
      await recorder.flush(EVENTS_MS);
      telemetry.stop();
      watches.stop();
      await leadership.stop({ isIdle });
      silence.stop();
      // Reconciles that did not end are cut off by the end of the process.
      if (isIdle) await controller.stop();
    },
  };
}

function queueCheck({ queue }: Controller): ReturnType<HealthCheck["check"]> {
  const ms = queue.oldestWaitMs;
  return ms < STUCK_MS
    ? { ok: true }
    : { ok: false, why: `a node has waited ${Math.round(ms / 1000)} s to be reconciled` };
}

function cacheCheck(
  name: string,
  health: () => { synced: boolean; connected: boolean; problem: string | null },
): HealthCheck {
  return {
    name: `cache-${name}`,
    check() {
      const { synced, connected, problem } = health();
      if (!synced) return { ok: false, why: `${name}: not synced${problem === null ? "" : `: ${problem}`}` };
      return connected
        ? { ok: true }
        : { ok: false, why: `${name}: the watch is dead: ${problem ?? "it does not open"}` };
    },
  };
}
