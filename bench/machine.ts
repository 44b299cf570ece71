/** What a machine is, as figures are told with it. */
import { cpus, totalmem } from "node:os";

/** What a figure was measured on. No names of hosts. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
}

/** This machine. */
export function machine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
  };
}
