/** What the process takes, put into the instruments. */
import type { Instruments } from "./instruments.ts";

/** As whoever knows the process tells it. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Unix time. */
  readonly startSeconds: number;
  /** Null where that cannot be read. */
  readonly openFiles: number | null;
  /** Null where that cannot be read, or there is no limit. */
  readonly maxFiles: number | null;
}

/** A function that sets what is used now, each time it is called. */
export function measureProcess(instruments: Instruments, usage: () => ProcessUsage): () => void {
  let counted = 0;
  return () => {
    const { cpuSeconds, residentBytes, startSeconds, openFiles, maxFiles } = usage();
    // A counter only goes up, by what is new.
    instruments.count("cpuSeconds", {}, cpuSeconds - counted);
    counted = Math.max(counted, cpuSeconds);
    instruments.set("residentMemory", residentBytes, {});
    instruments.set("startTime", startSeconds, {});
    if (openFiles !== null) instruments.set("openFiles", openFiles, {});
    if (maxFiles !== null) instruments.set("maxFiles", maxFiles, {});
  };
}
