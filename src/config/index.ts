/**
 * Configuration: arguments and environment in, one frozen value out. Nothing here is read from disk or asked.
 *
 * Invariants: a flag is one entry of `flags.ts`, and the types of the options follow from it (test/house/complete.test.ts holds
 * that each is used); every flag has an environment twin, and both are in docs/cli.md (test/house/catalogues.test.ts);
 * all problems are reported at once, a line each (test/config/read-config.test.ts).
 */
export { type Command, COMMANDS } from "./command-table.ts";
export type { Config, DemoConfig, ManifestsConfig, RunConfig } from "./config.ts";
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
export type { DetectorChoice, ListenAddress } from "./option-values.ts";
export { type Amounts, FURTHER_PARTS, type FurtherPart, type UsualPart, USUAL_PARTS } from "./parts.ts";
export { readConfig } from "./read-config.ts";
