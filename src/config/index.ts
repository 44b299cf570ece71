/**
 * Configuration: arguments and environment in, one frozen value out. Nothing here is read from disk or asked.
 *
 * Invariants: every flag has an environment twin, and both are in docs/cli.md (test/house/catalogues.test.ts);
 * all problems are reported at once, a line each (test/config/read-config.test.ts).
 */
export { type Command, COMMANDS, FLAGS } from "./command-table.ts";
export {
  type Amounts,
  type Config,
  type DemoConfig,
  type DetectorChoice,
  FURTHER_PARTS,
  type FurtherPart,
  type ListenAddress,
  type ManifestsConfig,
  type RunConfig,
  type UsualPart,
  USUAL_PARTS,
} from "./config.ts";
export { envName, type Flag } from "./flag.ts";
export { nearest } from "./nearest.ts";
export { readConfig } from "./read-config.ts";
