/** The simulated cluster, and the controller on it, which can be stopped and started as a Pod can. */
import type { RegisteredDetector } from "../model/index.ts";
import type { Clock, Random, Timers } from "../base/index.ts";
import type { Platform } from "../seinode/platform/index.ts";
import { type Control, createSimCluster } from "../sim/index.ts";
import type { Instruments, Logger } from "../telemetry/index.ts";
import { type Session, startSession } from "../controller/index.ts";
import { followCluster, type ClusterView } from "./cluster-view.ts";

/** What a setup is built from. Clock and timers are the cluster's and the controller's alike. */
export interface SetupOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly detectors: readonly RegisteredDetector[];
  readonly platform: Platform;
  readonly instruments: Instruments;
  readonly log: Logger;
  readonly stopping: AbortSignal;
}

/** The cluster and the controller that the script runs on. */
export interface Setup {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly control: Control;
  readonly view: ClusterView;
  readonly stopping: AbortSignal;
  /** The controller that runs now; null while it is stopped. */
  session(): Session | null;
  startController(): void;
  stopController(): Promise<void>;
}

/** The namespace of the script's nodes. */
export const NAMESPACE = "sei";

/**
 * Milliseconds that things take in the simulated cluster: short of a real one, and long enough to be seen.
 * The sidecar's second is what makes a probe meet a closed port first.
 */
const LAGS = { podStartMs: 300, sidecarStartMs: 1000, readyMs: 100, terminateMs: 400, taskMs: 150, flipMs: 20 };

/** Builds the cluster; nothing runs on it yet. */
export function createSetup(options: SetupOptions): Setup {
  const { clock, timers, random, detectors, platform, instruments, log, stopping } = options;
  const sim = createSimCluster({
    clock,
    timers,
    random,
    options: {
      podStartMs: () => LAGS.podStartMs,
      sidecarStartMs: () => LAGS.sidecarStartMs,
      readyMs: () => LAGS.readyMs,
      terminateMs: () => LAGS.terminateMs,
      taskMs: () => LAGS.taskMs,
      flipMs: () => LAGS.flipMs,
      keepRevisions: 2000,
      keepLines: 2000,
    },
  });
  let session: Session | null = null;
  return {
    clock,
    timers,
    stopping,
    control: sim.control,
    view: followCluster(sim.control),
    session: () => session,
    startController() {
      session = startSession({
        clock,
        timers,
        random,
        api: sim.api,
        direct: sim.sidecars,
        route: "direct",
        platform,
        detectors,
        mode: "act",
        namespace: NAMESPACE,
        selector: null,
        probeIntervalMs: 10_000,
        concurrency: 16,
        maxUnavailable: { value: 1, isPercent: true },
        lease: null,
        instance: "tidekeeper-demo",
        instruments,
        log,
        onOver: (why) => log.error("The controller ended", { why }),
      });
    },
    async stopController() {
      const ending = session;
      session = null;
      await ending?.stop();
    },
  };
}
