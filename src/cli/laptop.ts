/** The commands that only look, over the real world. */
import type { LaptopConfig } from "../config/index.ts";
import { realWorld } from "../host/index.ts";
import { runLaptop } from "../laptop/index.ts";
import type { Shell } from "./shell.ts";

/** Runs one of them. Returns the exit code. */
export async function runFromLaptop(config: LaptopConfig, { host, stopping }: Shell): Promise<number> {
  return runLaptop(config, { world: { ...realWorld, ...host }, stopping });
}
