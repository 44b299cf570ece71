/** What a scenario is, and what it comes to. */
import type { Cluster } from "../test/cluster/harness/cluster.ts";
import type { Program } from "./contenders.ts";
import type { Machine } from "./machine.ts";

/** One promise against what was measured. */
export interface Check {
  readonly what: string;
  readonly got: number;
  /** At most this. Null = told, not promised. */
  readonly want: number | null;
  readonly unit: string;
}

/** A table of the page. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What a scenario came to: ratios and promises first. */
export interface Outcome {
  readonly checks: readonly Check[];
  readonly tables: readonly Table[];
  /** What else there is to say, a paragraph each. */
  readonly notes: readonly string[];
}

/** What a scenario is given. */
export interface ScenarioInput {
  readonly cluster: Cluster;
  readonly program: Program;
  /** `--nodes`; null = the scenario's own. */
  readonly nodes: number | null;
  /** Says how far it is, on stderr. */
  readonly say: (what: string) => void;
}

/** One kind of measurement, run by name in a cluster of its own. */
export interface Scenario {
  /** Also the name of its file in bench/results. */
  readonly name: string;
  readonly title: string;
  /** What is done and what is compared, a paragraph each. */
  readonly about: readonly string[];
  run(input: ScenarioInput): Promise<Outcome>;
}

/** The run that figures come from. */
export interface Run {
  /** RFC 3339. */
  readonly at: string;
  readonly commit: string;
  readonly command: string;
  /** What was measured: `dist/tidekeeper`, or `sources`. */
  readonly program: string;
  readonly machine: Machine;
  /** Load average of the minute before: others may have shared the machine. */
  readonly loadBefore: number;
  readonly tookSeconds: number;
}

/** What stands in bench/results/NAME.json. */
export interface Result extends Outcome {
  readonly scenario: string;
  readonly run: Run;
}

/** Whether a promise was kept; null where nothing was promised. */
export function isKept({ got, want }: Check): boolean | null {
  return want === null ? null : got <= want;
}
