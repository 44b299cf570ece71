/** What each command was asked to do. Frozen; nothing in it was checked against a cluster. */
import type { CommandName, Options } from "./flags.ts";
import type { LaptopConfig } from "./laptop-config.ts";

/** `tidekeeper run`. `allNamespaces` is in `namespace`: null = every one. */
export type RunConfig = { readonly command: "run" } & Omit<Options<"run">, "allNamespaces">;

/** `tidekeeper demo`. */
export type DemoConfig = { readonly command: "demo" } & Options<"demo">;

/** `tidekeeper manifests`. */
export type ManifestsConfig = { readonly command: "manifests" } & Options<"manifests">;

/** `tidekeeper version`. */
export type VersionConfig = { readonly command: "version" } & Options<"version">;

/** `tidekeeper help [command]`, and `--help` anywhere. `topic` null = all of it. */
export interface HelpConfig {
  readonly command: "help";
  readonly topic: CommandName | null;
}

/** Any of them, told apart by `command`. */
export type Config = RunConfig | DemoConfig | ManifestsConfig | VersionConfig | HelpConfig | LaptopConfig;
