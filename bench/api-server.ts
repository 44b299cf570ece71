/** What the API server itself spends: its CPU bounds every storm. */
import { readFileSync } from "node:fs";
import type { Cluster } from "../test/cluster/harness/cluster.ts";
import { hundredths } from "./spread.ts";
import type { PatchCount } from "./status-patches.ts";
import { usageOf } from "./usage.ts";

/** One of the programs that `scripts/cluster.sh` started. */
interface ClusterProcess {
  readonly pid: number;
  readonly name: string;
}

/** Those that were started; `dir` is the cluster's folder. */
export function clusterProcesses(dir: string): readonly ClusterProcess[] {
  const lines = readFileSync(`${dir}/pids`, "utf8").trim().split("\n");
  return lines.map((line) => {
    const [pid = "", name = ""] = line.split(" ");
    return { pid: Number(pid), name };
  });
}

/** Seconds of CPU that the API server used since `startClock`. */
export type ApiClock = () => number;

/** Begins to count the CPU of kube-apiserver, by /proc. */
export function startClock({ dir }: Pick<Cluster, "dir">): ApiClock {
  const pid = clusterProcesses(dir).find(({ name }) => name === "kube-apiserver")?.pid;
  if (pid === undefined)
    throw new Error(`${dir}/pids: got no kube-apiserver, want one that scripts/cluster.sh started`);
  const before = usageOf(pid).cpuSeconds;
  return () => hundredths(usageOf(pid).cpuSeconds - before);
}

/** Milliseconds of each of so many. */
export function msEach(cpuSeconds: number, count: number): number {
  return hundredths((cpuSeconds * 1000) / count);
}

/** The same in a sentence. All that the API server did meanwhile is in it, not the patches alone. */
export function apiNote(cpuSeconds: number, { healings, patches }: Pick<PatchCount, "healings" | "patches">): string {
  const [healing, patch] = [msEach(cpuSeconds, healings), msEach(cpuSeconds, patches)];
  return `The API server's CPU meanwhile, with all reads, Events and watches: ${healing} ms a healing, ${patch} ms a status patch (${cpuSeconds} s; ${healings} healings, ${patches} status patches).`;
}
