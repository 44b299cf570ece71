/** What a scenario is, and what it comes to. */
import type { Cluster } from "../test/cluster/harness/cluster.ts";
import type { Program } from "./contenders.ts";
import type { History } from "./fleet/history.ts";
import type { Machine } from "./machine.ts";
import type { BySide, Order, Round } from "./turns.ts";

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
  /** What the nodes remember. */
  readonly history: History;
  /** Says how far it is, on stderr. */
  readonly say: (what: string) => void;
}

/** What a scenario of two programs is given. */
export interface InTurnInput extends Omit<ScenarioInput, "program"> {
  readonly programs: BySide<Program>;
}

/** Two programs in turn, in one cluster, each with a fleet of its own that is raised once. */
export interface InTurn {
  /** What one round is, a paragraph each. */
  readonly about: readonly string[];
  /** Raises the fleets; nothing is measured yet. */
  setUp(input: InTurnInput): Promise<Turns>;
}

/** What was set up, round by round. */
export interface Turns {
  /** Measures both; when it resolves, both fleets are idle again. */
  round(order: Order): Promise<Round>;
  /** What is measured once, after the last round. */
  end(rounds: readonly Round[]): Promise<Outcome>;
}

/** A part of the page. */
export interface Section {
  /** Also the name of its file in bench/results. */
  readonly name: string;
  readonly title: string;
  /** What is done and what is compared, a paragraph each. */
  readonly about: readonly string[];
}

/** One kind of measurement, run by name in a cluster of its own. */
export interface Scenario extends Section {
  /** True where fleets of both histories are measured, whatever was asked for. */
  readonly bothHistories?: true;
  run(input: ScenarioInput): Promise<Outcome>;
  /** Absent where two programs are not compared. */
  readonly inTurn?: InTurn;
}

/** The run that figures come from. */
export interface Run {
  /** RFC 3339. */
  readonly at: string;
  readonly commit: string;
  readonly command: string;
  /** What was measured: `dist/tidekeeper`, or `sources`; in turn, what the program says of its version. */
  readonly program: string;
  /** What the program it was compared with says of its version. */
  readonly versus?: string;
  /** Absent where both were measured, and in figures from before there was a choice: `empty`. */
  readonly history?: History;
  readonly machine: Machine;
  /** Load average of the minute before: others may have shared the machine. */
  readonly loadBefore: number;
  readonly tookSeconds: number;
}

/** What stands in bench/results/NAME.json. */
export interface Result extends Outcome {
  readonly scenario: string;
  readonly run: Run;
  /** What each program came to, round by round. */
  readonly rounds?: readonly Round[];
}

/** Whether a promise was kept; null where nothing was promised. */
export function isKept({ got, want }: Check): boolean | null {
  return want === null ? null : got <= want;
}
