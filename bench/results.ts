import type { Machine } from "./machine.ts";
import type { GatesShut } from "./scenarios/gates-shut.ts";
import type { PodReplaced } from "./scenarios/pod-replaced.ts";

/** The run that a figure comes from. */
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
}

/** The newest figures of each scenario, as they are kept in `bench/results/latest.json`. */
export interface Results {
  readonly podReplaced: (PodReplaced & { readonly run: Run }) | null;
  readonly gatesShut: (GatesShut & { readonly run: Run }) | null;
}
