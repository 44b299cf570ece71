/** Who is measured: the program, and the bare loop beside it; each with a fleet in a namespace of its own. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Cluster } from "../test/cluster/harness/cluster.ts";
import { type ControllerProcess, install, startController } from "../test/cluster/harness/controller.ts";
import { bringUp } from "../test/cluster/harness/fleet.ts";
import { type History, seedHistory } from "./fleet/history.ts";

/** The nodes of one contender. */
export interface Fleet {
  readonly namespace: string;
  readonly names: readonly string[];
}

/** The bare loop as a process. */
export interface BareLoop {
  readonly pid: number;
  /** Sends an order; resolves with the milliseconds it took, by its own clock. */
  readonly order: (line: string) => Promise<number>;
  readonly kill: () => void;
}

/** What is measured. */
export interface Program {
  /** `dist/tidekeeper`, `sources`, or a file. */
  readonly name: string;
  /** Null = the sources. */
  readonly argv: readonly string[] | null;
}

/**
 * Starts the program for one namespace; resolves when it leads. It runs as the administrator, as the bare loop does:
 * the API server shares itself out among all others (priority and fairness), and would be measured instead.
 */
export async function startOurs(
  cluster: Cluster,
  { program, namespace, flags = [] }: { program: Program; namespace: string; flags?: readonly string[] },
): Promise<ControllerProcess> {
  const ours = await startController({
    installation: { namespace, kubeconfigPath: cluster.kubeconfigPath },
    flags,
    ...(program.argv === null ? {} : { program: program.argv }),
  });
  await ours.leads();
  return ours;
}

/** Whose nodes, how many, and what they remember. */
export interface FleetOptions {
  readonly program: Program;
  readonly history: History;
  readonly count: number;
  readonly prefix: string;
  readonly nameOf?: (index: number) => string;
}

/** A namespace with nodes, all Running and idle, and nobody who works on them. */
export async function raiseFleet(cluster: Cluster, options: FleetOptions): Promise<Fleet> {
  const { program, history, count, prefix, nameOf = (index) => `n${index}` } = options;
  const namespace = await cluster.namespace(prefix);
  await install(cluster, namespace);
  const names = Array.from({ length: count }, (_, index) => nameOf(index));
  await cluster.sidecars.behave({ startDelayMs: [0, 0] }, { namespace });
  // Not measured yet, and alone: a Lease that is not renewed in time on a busy machine would end it.
  const ours = await startOurs(cluster, { program, namespace, flags: ["--leader-elect=false"] });
  const ended = ours.exited.then((code) => {
    throw new Error(`the program ended with ${code} while it brought up ${count} nodes: ${ours.log().slice(-600)}`);
  });
  await Promise.race([bringUp(cluster.api, { namespace, names, withinMs: 180_000 }), ended]);
  ended.catch(() => undefined);
  await ours.kill();
  if (history === "full") await seedHistory(cluster.api, { namespace, names });
  return { namespace, names };
}

/** Starts the bare loop for one namespace. */
export function startBare(cluster: Cluster, namespace: string): BareLoop {
  const script = new URL("bare-loop.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, cluster.kubeconfigPath, namespace], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting: ((ms: number) => void)[] = [];
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.(Number(line)));
  return {
    pid: child.pid ?? 0,
    order: (line) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      waiting.push(resolve);
      child.stdin.write(`${line}\n`);
      return promise;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
