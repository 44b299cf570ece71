/**
 * Configuration: arguments and environment in, one frozen value out. Nothing here is read from disk or asked.
 *
 * Invariants: every flag has an environment twin, and both are in docs/cli.md (test/house/catalogues.test.ts);
 * all problems are reported at once, a line each (test/config/read-config.test.ts).
 */
export { COMMANDS } from "./command-table.ts";
export type { Command } from "./command-table.ts";
export type {
  Config,
  DemoConfig,
  DetectorChoice,
  DetectorMode,
  HelpConfig,
  ListenAddress,
  LogFormat,
  LogLevel,
  ManifestsConfig,
  RunConfig,
  VersionConfig,
} from "./config.ts";
export { nearest } from "./nearest.ts";
export { envName } from "./flag.ts";
export type { Flag } from "./flag.ts";
export { readConfig } from "./read-config.ts";
export type { ConfigResult } from "./read-config.ts";
