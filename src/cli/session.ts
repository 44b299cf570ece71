/** One life of the controller: mirrors, waits to lead, works, hands over. `run` and `demo` differ in its World alone. */
import type { RegisteredDetector } from "../core/registry.ts";
import { createClient } from "../kube/client.ts";
import { type Elector, startElector } from "../kube/elector.ts";
import { createEventRecorder } from "../kube/event-recorder.ts";
import { type LeaseLife, observeLease } from "../kube/lease-observer.ts";
import type { ApiTransport, Clock, Random, Timers } from "../kube/transport.ts";
import type { Platform } from "../seinode/platform.ts";
import { LEASE_NAME, REFERENCE_LEASE_NAME } from "../seinode/rbac.ts";
import type { HealthCheck } from "../server/index.ts";
import type { DirectTransport } from "../sidecar/index.ts";
import { type Instruments, type Logger, passTelemetry } from "../telemetry/index.ts";
import { type Controller, createController } from "./controller.ts";
import { recordedEvent } from "./event-name.ts";
import { countedTransport, queueTelemetry, reportWatch } from "./report.ts";

/** What a session is built from. */
export interface SessionOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly api: ApiTransport;
  readonly direct: DirectTransport;
  readonly route: "direct" | "apiserver";
  readonly platform: Platform;
  readonly detectors: readonly RegisteredDetector[];
  readonly mode: "act" | "observe";
  readonly namespace: string | null;
  readonly selector: string | null;
  readonly probeIntervalMs: number;
  readonly concurrency: number;
  /** Null = no election: we are the only one. */
  readonly lease: { readonly namespace: string; readonly identity: string } | null;
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
  /** True while passes run and may write. */
  readonly isLeading: () => boolean;
  /** Ends the passes, tells the Events, gives the Lease back, ends the mirrors: in this order. */
  stop(): Promise<void>;
}

/** Passes under way get this long to end; every request in them ends sooner. */
const DRAIN_MS = 10_000;
const EVENTS_MS = 2000;
/** A queue whose oldest key waits longer than this makes no progress. */
const STUCK_MS = 120_000;

/** Starts a session. */
export function startSession(options: SessionOptions): Session {
  const { clock, timers, random, instruments, log } = options;
  const api = countedTransport(options.api, instruments);
  const client = createClient(api);
  const recorder = createEventRecorder({
    client,
    clock,
    timers,
    random,
    reportingInstance: options.instance,
    report: (lost) => log.warn("An Event was dropped", { reason: lost.event.reason, why: lost.why }),
  });
  const leadership = createLeadership(options, api);
  const controller = createController({
    ...options,
    api,
    report: {
      ...passTelemetry({ instruments, log, clock }),
      watch: (report) => reportWatch(report, instruments, log),
      queue: queueTelemetry(instruments),
    },
    send: (node, event) => recorder.record(recordedEvent(node, event)),
    mayWrite: leadership.mayWrite,
  });
  leadership.start({
    synced: () => [...controller.caches.reflectors.values()].every((reflector) => reflector.health.synced),
    async acquired() {
      // What was listed as a standby may be older than what the last leader wrote.
      await Promise.all([...controller.caches.reflectors.values()].map((reflector) => reflector.refresh()));
      controller.lead();
    },
    look: () => controller.lead(),
  });
  return {
    controller,
    isLeading: leadership.mayWrite,
    live: [{ name: "queue", check: () => queueCheck(controller) }],
    ready: [...controller.caches.reflectors].map(([name, { health }]) =>
      cacheCheck(name, () => controller.caches.reflectors.get(name)?.health ?? health),
    ),
    async stop() {
      await Promise.race([
        controller.rest(),
        new Promise<void>((resolve) => void timers.after(DRAIN_MS, () => resolve())),
      ]);
      await recorder.flush(EVENTS_MS);
      await leadership.stop();
      await controller.stop();
    },
  };
}

function queueCheck({ queue }: Controller): ReturnType<HealthCheck["check"]> {
  const ms = queue.oldestWaitMs;
  return ms < STUCK_MS ? { ok: true } : { ok: false, why: `a node has waited ${Math.round(ms / 1000)} s for its pass` };
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

interface Leadership {
  readonly mayWrite: () => boolean;
  start(on: {
    readonly synced: () => boolean;
    readonly acquired: () => Promise<void>;
    readonly look: () => void;
  }): void;
  stop(): Promise<void>;
}

/** Who may write: the holder of our Lease, and only while the reference's manager is not alive. */
function createLeadership(options: SessionOptions, api: ApiTransport): Leadership {
  const { clock, timers, random, lease, log, instruments } = options;
  const ending = new AbortController();
  let elector: Elector | null = null;
  let reference: LeaseLife = lease === null ? "absent" : "unknown";
  let lookingOnly = false;
  const held = (): boolean => (lease === null ? options.mode === "act" : (elector?.fence() ?? false));
  return {
    mayWrite: () => reference === "absent" && held(),
    start({ synced, acquired, look }) {
      const begin = async (): Promise<void> => {
        instruments.set("leading", 1, { name: LEASE_NAME });
        log.info("Leading", { lease: lease?.namespace ?? "none" });
        await acquired();
      };
      const whenSynced = (): void => {
        if (ending.signal.aborted) return;
        if (!synced()) return void timers.after(20, whenSynced);
        if (options.mode === "observe") look();
        if (lease === null) return void begin().catch((error: unknown) => options.onOver(String(error)));
        elect(lease);
      };
      const elect = ({ namespace, identity }: { readonly namespace: string; readonly identity: string }): void => {
        instruments.set("leading", 0, { name: LEASE_NAME });
        const watch = { transport: api, clock, timers, random, report: () => undefined };
        const candidate = (): void => {
          if (elector !== null || reference !== "absent") return;
          elector = startElector({
            ...watch,
            client: createClient(api),
            namespace,
            name: LEASE_NAME,
            identity,
            onAcquired: () => void begin().catch((error: unknown) => options.onOver(String(error))),
            onLost: (why) => {
              instruments.set("leading", 0, { name: LEASE_NAME });
              options.onOver(why);
            },
            onTrouble: (why) => log.change("lease", "warn", "The Lease could not be renewed", { why }),
          });
        };
        observeLease({
          ...watch,
          namespace,
          name: REFERENCE_LEASE_NAME,
          signal: ending.signal,
          onChange(life) {
            reference = life;
            if (life === "alive") {
              log.warn("The reference's manager is alive, so nothing is written. Stop it first", {
                lease: REFERENCE_LEASE_NAME,
              });
              if (!lookingOnly) look();
              lookingOnly = true;
            }
            candidate();
          },
        });
      };
      whenSynced();
    },
    async stop() {
      await elector?.release();
      ending.abort();
    },
  };
}
