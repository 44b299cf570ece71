/** What this process takes of the machine. */
import { readdirSync, readFileSync } from "node:fs";

/** Read anew at each call; the last two are null where there is no /proc. */
export function processUsage(): {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly startSeconds: number;
  readonly openFiles: number | null;
  readonly maxFiles: number | null;
} {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    startSeconds: performance.timeOrigin / 1000,
    openFiles: openFiles(),
    maxFiles: (limit ??= { files: maxFiles() }).files,
  };
}

/** It does not change. */
let limit: { readonly files: number | null } | null = null;

function openFiles(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
}

function maxFiles(): number | null {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
