/** The program on a big fleet, with the times of its start. */
import { type ControllerProcess, startController } from "../../test/cluster/harness/controller.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { deployedEnv } from "./deployed-env.ts";
import type { BigFleet, Stage } from "./stage.ts";

/** A program at work, and how long it took to get there; milliseconds from its start. */
export interface Started {
  readonly process: ControllerProcess;
  readonly readyMs: number;
  /** Every sidecar was asked once. */
  readonly lookedMs: number;
}

const START_MS = 180_000;

/**
 * Starts the program with its usual settings; resolves when every node was looked at. It runs as the administrator, as
 * the bare loop does: the API server shares itself out among all others (priority and fairness), and would be measured
 * instead.
 */
export async function startOnFleet(
  { cluster, program, player }: Stage,
  { namespace, ips }: BigFleet,
  flags: readonly string[] = [],
): Promise<Started> {
  // One that was at work before has asked them already.
  await player.forget(ips);
  const from = performance.now();
  const process = await startController({
    installation: { namespace, kubeconfigPath: cluster.kubeconfigPath },
    untilReady: false,
    flags,
    env: deployedEnv,
    ...(program.argv === null ? {} : { program: program.argv }),
  });
  await eventually("readiness", async () => (await fetch(`${process.healthUrl}/readyz`)).ok, START_MS);
  const readyMs = performance.now() - from;
  const ended = process.exited.then((code) => {
    throw new Error(`the program ended with ${code}: ${process.log().slice(-600)}`);
  });
  ended.catch(() => undefined);
  const looked = eventually(
    "every sidecar to be asked",
    async () => {
      await Bun.sleep(100);
      return (await player.probes(ips)).unseen === 0;
    },
    START_MS,
  );
  await Promise.race([looked, ended]);
  return { process, readyMs, lookedMs: performance.now() - from };
}
