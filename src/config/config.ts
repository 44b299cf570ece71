/** What each command was asked to do. Frozen; nothing in it was checked against a cluster. */
import type { LaptopConfig } from "./laptop-config.ts";

/** Where to listen. `host` null = every interface. */
export interface ListenAddress {
  readonly host: string | null;
  readonly port: number;
}

/** A number of nodes, or a share of them in percent. */
export interface Share {
  readonly value: number;
  readonly isPercent: boolean;
}

/** `act` heals, `observe` only reports, `off` is not asked at all. */
export type DetectorMode = "act" | "observe" | "off";

/** One entry of `--detectors`. */
export interface DetectorChoice {
  readonly name: string;
  readonly mode: DetectorMode;
}

/** How much is logged. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** How log lines look; null = console on a terminal, JSON elsewhere. */
export type LogFormat = "json" | "console" | null;

/** Where a Lease is. */
export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** `tidekeeper run`. */
export interface RunConfig {
  readonly command: "run";
  /** Path of a kubeconfig file; null = `KUBECONFIG`, then the cluster we run in, then `~/.kube/config`. */
  readonly kubeconfig: string | null;
  /** Null = the current context. */
  readonly context: string | null;
  /** Null = every namespace. */
  readonly namespace: string | null;
  /** Label selector for SeiNodes; null = all of them. */
  readonly selector: string | null;
  readonly mode: "act" | "observe";
  /** Paths as given: files or directories. */
  readonly plugins: readonly string[];
  /** Named detectors in their order; those not named follow in their usual order and act. Null = the usual order. */
  readonly detectors: readonly DetectorChoice[] | null;
  readonly sidecarTransport: "auto" | "direct" | "apiserver";
  /** Path of a file of platform inputs, which must be there; null = `SEI_CONTROLLER_CONFIG`, else the environment alone. */
  readonly platformConfig: string | null;
  readonly leaderElect: boolean;
  /** Parts that replicas share the nodes out in; 1 = one of them acts. More need `leaderElect`. */
  readonly shards: number;
  /** Null = the namespace of our own Pod; on a laptop it is looked for. */
  readonly leaderElectNamespace: string | null;
  /** Null = Pod name and UID. */
  readonly leaderElectIdentity: string | null;
  /** Leases of others that are heeded besides those that are found. */
  readonly otherManagerLeases: readonly LeaseName[];
  /** Null = not served. */
  readonly healthAddress: ListenAddress | null;
  /** Null = not served. */
  readonly metricsAddress: ListenAddress | null;
  readonly probeIntervalMs: number;
  /** Passes at once. */
  readonly concurrency: number;
  /** Nodes that a roll-out over the whole fleet may take down at once. */
  readonly maxUnavailable: Share;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** `tidekeeper demo`. */
export interface DemoConfig {
  readonly command: "demo";
  /** Times real time: 2 = twice as fast. */
  readonly speed: number;
  /** Go on after the story until stopped. */
  readonly keep: boolean;
  readonly plugins: readonly string[];
  /** Null = not served. Served with `keep` alone. */
  readonly healthAddress: ListenAddress | null;
  /** Null = not served. Served with `keep` alone. */
  readonly metricsAddress: ListenAddress | null;
}

/** `tidekeeper manifests`. */
export interface ManifestsConfig {
  readonly command: "manifests";
  /** Namespace the controller is installed in. */
  readonly namespace: string;
  /** Image of the controller. */
  readonly image: string;
  readonly shards: number;
}

/** `tidekeeper version`. */
export interface VersionConfig {
  readonly command: "version";
  readonly output: "text" | "json";
}

/** `tidekeeper help [command]`, and `--help` anywhere. `topic` null = all of it. */
export interface HelpConfig {
  readonly command: "help";
  readonly topic: Config["command"] | null;
}

/** Any of them, told apart by `command`. */
export type Config = RunConfig | DemoConfig | ManifestsConfig | VersionConfig | HelpConfig | LaptopConfig;
