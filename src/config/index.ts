/**
 * Configuration: arguments and environment in, one frozen value out. Nothing here is read from disk or asked.
 *
 * Invariants: every flag has an environment twin, and both are in docs/cli.md (test/house/catalogues.test.ts);
 * all problems are reported at once, a line each (test/config/read-config.test.ts).
 */
export { COMMANDS } from "./command-table.ts";
export type { Command } from "./command.ts";
export type { Config, DemoConfig, DetectorChoice, ListenAddress, ManifestsConfig, RunConfig } from "./config.ts";
export { envName, type Flag } from "./flag.ts";
export { FLAGS } from "./flags.ts";
export type {
  Cluster,
  DoctorConfig,
  DriftConfig,
  ExplainConfig,
  GetConfig,
  HistoryConfig,
  Judging,
  LaptopConfig,
  Shell,
} from "./laptop-config.ts";
export { nearest } from "./nearest.ts";
export { readConfig } from "./read-config.ts";
