/** What flags come to that is more than a text, a number or a switch. */
import type { DetectorMode } from "../model/index.ts";

/** Where to listen. `host` null = every interface. */
export interface ListenAddress {
  readonly host: string | null;
  readonly port: number;
}

/** A number of nodes, or a share of them in percent. */
export interface Share {
  readonly value: number;
  readonly isPercent: boolean;
}

/** One entry of `--detectors`. */
export interface DetectorChoice {
  readonly name: string;
  readonly mode: DetectorMode;
}

/** Where a Lease is. */
export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}
