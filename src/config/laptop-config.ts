/** What the commands that only look were asked to do: on a kubeconfig alone, from a laptop. */
import type { Options } from "./flags.ts";

/** Which cluster, and which of its namespaces. */
export interface Cluster {
  readonly kubeconfig: string | null;
  readonly context: string | null;
  /** Null = the context's, or every one. */
  readonly namespace: string | null;
  /** Every namespace. */
  readonly isEverywhere: boolean;
}

/** What detectors judge with. */
export type Judging = Pick<Options<"drift">, "plugins" | "detectors" | "sidecarTransport" | "platformConfig">;

type Asked<Name extends "drift" | "explain" | "history" | "get" | "doctor"> = {
  readonly command: Name;
} & Cluster &
  Omit<Options<Name>, "allNamespaces" | keyof Cluster>;

/** `tidekeeper drift`. `nodes` are names of SeiNodes; none = all. */
export type DriftConfig = Asked<"drift"> & { readonly nodes: readonly string[] };

/** `tidekeeper explain NODE`. */
export type ExplainConfig = Asked<"explain"> & { readonly node: string };

/** `tidekeeper history NODE`. */
export type HistoryConfig = Asked<"history"> & { readonly node: string };

/** `tidekeeper get`. */
export type GetConfig = Asked<"get"> & { readonly nodes: readonly string[] };

/** `tidekeeper doctor`. */
export type DoctorConfig = Asked<"doctor">;

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
