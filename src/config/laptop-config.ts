/** What the commands that only look were asked to do: on a kubeconfig alone, from a laptop. */
import type { DetectorChoice } from "./config.ts";

/** Which cluster, and which of its namespaces. */
export interface Cluster {
  /** Path of a kubeconfig file; null = `KUBECONFIG`, then the cluster we run in, then `~/.kube/config`. */
  readonly kubeconfig: string | null;
  /** Null = the current context. */
  readonly context: string | null;
  /** Null = the context's, or every one. */
  readonly namespace: string | null;
  /** Every namespace. */
  readonly isEverywhere: boolean;
}

/** What detectors judge with: as `run` takes it. */
export interface Judging {
  readonly plugins: readonly string[];
  readonly detectors: readonly DetectorChoice[] | null;
  readonly sidecarTransport: "auto" | "direct" | "apiserver";
  /** Null = `SEI_CONTROLLER_CONFIG`, else what the controller's ConfigMap says. */
  readonly platformConfig: string | null;
}

/** How a list is printed. */
export type ListOutput = "table" | "wide" | "json" | "yaml" | "name";

/** How one thing is printed. */
export type TextOutput = "text" | "json" | "yaml";

/** `tidekeeper drift`. */
export interface DriftConfig extends Cluster, Judging {
  readonly command: "drift";
  readonly selector: string | null;
  readonly output: ListOutput;
  /** Names of SeiNodes; none = all. */
  readonly nodes: readonly string[];
}

/** `tidekeeper explain NODE`. */
export interface ExplainConfig extends Cluster, Judging {
  readonly command: "explain";
  readonly output: TextOutput;
  readonly node: string;
}

/** `tidekeeper history NODE`. */
export interface HistoryConfig extends Cluster {
  readonly command: "history";
  readonly output: "table" | "wide" | "json" | "yaml";
  readonly node: string;
}

/** `tidekeeper get`. */
export interface GetConfig extends Cluster {
  readonly command: "get";
  readonly selector: string | null;
  readonly output: ListOutput;
  readonly nodes: readonly string[];
  /** Goes on and prints what changes. */
  readonly watch: boolean;
}

/** `tidekeeper doctor`. */
export interface DoctorConfig extends Cluster {
  readonly command: "doctor";
  readonly sidecarTransport: "auto" | "direct" | "apiserver";
  /** Null = where the Lease is found. */
  readonly leaderElectNamespace: string | null;
  readonly plugins: readonly string[];
  readonly output: TextOutput;
}

/** A shell that completes. */
export type Shell = "bash" | "zsh" | "fish";

/** `tidekeeper completion SHELL`. */
export interface CompletionConfig {
  readonly command: "completion";
  readonly shell: Shell;
}

/** What the script of a shell asks: the words of the line so far, the last of them unfinished. */
export interface CompleteConfig {
  readonly command: "__complete";
  readonly words: readonly string[];
}

/** Any of them. */
export type LaptopConfig =
  | DriftConfig
  | ExplainConfig
  | HistoryConfig
  | GetConfig
  | DoctorConfig
  | CompletionConfig
  | CompleteConfig;
