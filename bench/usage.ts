/** CPU and memory of a process, read from /proc. */
import { readFileSync } from "node:fs";
import { round } from "./spread.ts";

/** What a process has used. */
export interface Usage {
  /** Seconds of CPU, user and system, in all threads, since the process began. */
  readonly cpuSeconds: number;
  /** Resident memory now, MB of 2^20 bytes. */
  readonly rssMb: number;
  /** The most that was ever resident. */
  readonly peakMb: number;
}

/** Of /proc; 100 on every Linux that Bun runs on. */
const TICKS_A_SECOND = 100;

/** Reads /proc. */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the program may hold spaces, so the count starts behind its bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return { cpuSeconds: ticks / TICKS_A_SECOND, rssMb: megabytes(status, "VmRSS"), peakMb: megabytes(status, "VmHWM") };
}

/** CPU used since `before`, and memory now. */
export function usageSince(pid: number, before: Usage): Usage {
  const now = usageOf(pid);
  return { ...now, cpuSeconds: Math.round((now.cpuSeconds - before.cpuSeconds) * 100) / 100 };
}

function megabytes(status: string, field: string): number {
  return round(Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN) / 1024);
}
