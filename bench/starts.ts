/**
 * What a start of each of several programs costs, in turn, for docs/design/0019-one-static-file.md. Linux, as root.
 * usage: bash scripts/cluster.sh run -- bun bench/starts.ts [--rounds N] PROGRAM PROGRAM...
 * `version`: CPU time, 25 starts a round. A Pod: `run`, without nodes, in a memory cgroup of its own, with none of its file
 * in the page cache; what the cgroup is charged 20 s after it is ready, and what is resident a minute later.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { cluster } from "../test/cluster/harness/cluster.ts";
import { install } from "../test/cluster/harness/controller.ts";
import { eventually } from "../test/cluster/harness/eventually.ts";
import { deployedEnv } from "./fleet/deployed-env.ts";
import { machine } from "./machine.ts";
import { round, spreadOf } from "./spread.ts";
import { usageOf } from "./usage.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" } },
});
// The first hierarchy of cgroups, or the one of version 2.
const isFirst = existsSync("/sys/fs/cgroup/memory");
const parent = isFirst ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
const group = `${parent}/tidekeeper-starts`;
const charge = isFirst ? "memory.usage_in_bytes" : "memory.current";
const [SETTLED_MS, IDLE_MS, HEALTH] = [20_000, 60_000, "127.0.0.1:18081"];

async function versionCpuMs(program: string): Promise<readonly number[]> {
  const spent: number[] = [];
  for (let start = 0; start < 25; start++) {
    const child = Bun.spawn([program, "version"], { stdout: "ignore" });
    await child.exited;
    spent.push(Number(child.resourceUsage()?.cpuTime.total ?? Number.NaN) / 1_000);
  }
  return spent;
}

async function memoryMb(program: string): Promise<{ readonly cold: number; readonly idle: number }> {
  const copy = `/var/tmp/tidekeeper-starts.${process.pid}`;
  copyFileSync(program, copy);
  // Written out and dropped from the page cache: then its pages are charged to whom reads them first.
  Bun.spawnSync(["dd", `of=${copy}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "if=/dev/null"]);
  mkdirSync(group, { recursive: true });
  const flags = [
    `--health-probe-bind-address=${HEALTH}`,
    "--metrics-bind-address=127.0.0.1:18080",
    "--leader-elect=false",
    "--mode=observe",
  ];
  const command = [copy, "run", `--kubeconfig=${cluster().kubeconfigPath}`, ...flags];
  const enter = `echo $$ >${group}/cgroup.procs && exec "$@"`;
  const child = Bun.spawn(["sh", "-c", enter, "sh", ...command], {
    env: deployedEnv,
    stdout: "ignore",
    stderr: "ignore",
  });
  try {
    const ready = async (): Promise<boolean> => (await fetch(`http://${HEALTH}/readyz`)).ok;
    await eventually("readiness", () => ready().catch(() => false), 60_000);
    await Bun.sleep(SETTLED_MS);
    const cold = round(Number(readFileSync(`${group}/${charge}`, "utf8")) / 2 ** 20);
    await Bun.sleep(IDLE_MS);
    return { cold, idle: usageOf(child.pid).rssMb };
  } finally {
    child.kill();
    await child.exited;
    rmSync(copy);
    if (isFirst) writeFileSync(`${group}/memory.force_empty`, "0");
    rmdirSync(group);
  }
}

await install(cluster(), await cluster().namespace("starts"));
const found = new Map(
  positionals.map((program) => [program, { cpu: [] as number[], cold: [] as number[], idle: [] as number[] }]),
);
for (let index = 0; index < Number(values.rounds); index++) {
  for (const [program, { cpu, cold, idle }] of found) {
    cpu.push(...(await versionCpuMs(program)));
    const memory = await memoryMb(program);
    cold.push(memory.cold);
    idle.push(memory.idle);
    console.error(`starts: round ${index + 1}: ${program}: ${JSON.stringify(memory)}`);
  }
}
console.log(JSON.stringify(machine()));
console.log(
  "| | `version`, CPU ms, least / median | charged after a cold start, MB | resident when idle, MB |\n| --- | --- | --- | --- |",
);
for (const [program, { cpu, cold, idle }] of found) {
  const [spent, charged, resident] = [spreadOf(cpu), spreadOf(cold), spreadOf(idle)];
  console.log(`| ${program} | ${round(Math.min(...cpu))} / ${spent.median} | ${charged.median} | ${resident.median} |`);
}
process.exit(0);
