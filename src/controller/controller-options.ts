/** What a controller is built from, and whom it tells. */
import type { NodeEvent } from "../core/index.ts";
import type { RegisteredDetector, SeiNode } from "../model/index.ts";
import type { RequestQueue } from "../kube/client/index.ts";
import type { ReflectorReport } from "../kube/watch/index.ts";
import type { ApiTransport, Clock, DirectTransport, Random, Timers } from "../base/index.ts";
import type { Platform } from "../seinode/platform/index.ts";
import type { ReconcileTelemetry } from "../telemetry/index.ts";
import type { MaxUnavailable } from "./budgets.ts";

/** What a controller is built from. */
export interface ControllerOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly api: ApiTransport;
  /** Who goes first over `api`. */
  readonly requests: RequestQueue;
  readonly direct: DirectTransport;
  readonly route: "direct" | "apiserver";
  readonly platform: Platform;
  readonly detectors: readonly RegisteredDetector[];
  readonly mode: "act" | "observe";
  /** Null = every namespace. */
  readonly namespace: string | null;
  readonly selector: string | null;
  readonly probeIntervalMs: number;
  readonly concurrency: number;
  /** Nodes that a roll-out over the whole fleet may take down at once. */
  readonly maxUnavailable: MaxUnavailable;
  readonly report: ControllerReport;
  /** Sends an Event in its own time. */
  readonly send: (node: SeiNode, event: NodeEvent) => void;
  /** True while this process may write about a node; asked right before each write. */
  readonly mayWrite: (node: SeiNode) => boolean;
  /** How many parts the nodes are worked on in; 1 unless given. */
  readonly shards?: number;
}

/** Callbacks for telemetry. */
export interface ControllerReport extends ReconcileTelemetry {
  watch(report: ReflectorReport): void;
  /** Keys of the queue. */
  readonly queue: {
    readonly added: () => void;
    readonly retried: () => void;
    readonly waited: (ms: number) => void;
    readonly worked: (ms: number) => void;
  };
}
