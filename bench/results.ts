import type { Machine } from "./machine.ts";
import type { GatesShut } from "./scenarios/gates-shut.ts";
import type { PodReplaced } from "./scenarios/pod-replaced.ts";

/** One run of the benchmark, as it is kept in `bench/results/latest.json`. */
export interface Results {
  /** RFC 3339. */
  readonly at: string;
  readonly commit: string;
  readonly command: string;
  /** What was measured: `dist/tidekeeper`, or `sources`. */
  readonly program: string;
  readonly machine: Machine;
  /** Load average of the minute before: others may have shared the machine. */
  readonly loadBefore: number;
  readonly podReplaced: PodReplaced | null;
  readonly gatesShut: GatesShut | null;
}
