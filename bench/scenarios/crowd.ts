/** A crowd of readers on both ports, while Pods are replaced: neither the Lease nor a shut gate waits for it. */
import { part, reactionRow } from "../reaction-row.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { takenAs } from "../../test/cluster/harness/taken-as.ts";
import type { ControllerProcess } from "../../test/cluster/harness/controller.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { replaceAll } from "../fleet/replace.ts";
import { type BigFleet, buildStage, type Stage } from "../fleet/stage.ts";
import type { Scenario } from "../scenario.ts";
import { type Spread, spreadOf } from "../spread.ts";
import { type Usage, usageOf, usageSince } from "../usage.ts";

const NODES = 10_000;
const REPLACED = 300;
const OVER_MS = 60_000;
const CLIENTS = 12;
const UP_AFTER_MS = [1000, 3000] as const;
const SETTLE_MS = 5000;
const LEASE_EVERY_MS = 250;
const LEASE_MS = 5000;
const P99_MS = 1000;

/** The scenario. */
export const crowd: Scenario = {
  name: "crowd",
  title: "Twelve clients that hammer both ports, at 10,000 nodes",
  about: [
    "For a minute twelve clients ask `/metrics`, `/readyz?verbose` and `/readyz` with many `exclude=`, each over a new connection as soon as the last answer is there. Meanwhile 300 Pods are replaced, and the Lease is read four times a second. Reaction = from the moment the new sidecar could be asked to the accepted POST.",
    "Right before, the same is done without the crowd.",
  ],
  async run({ cluster, program, history, nodes, say }) {
    const stage = await buildStage(cluster, { program, history });
    const fleet = await stage.raise(nodes ?? NODES, { ownListeners: true });
    const { process } = await startOnFleet(stage, fleet);
    await Bun.sleep(SETTLE_MS);
    say("without the crowd");
    const alone = await reactions(stage, process, { ...fleet, clones: fleet.clones.slice(0, REPLACED) });
    say("the crowd comes");
    const readers = startReaders(process);
    const among = await reactions(stage, process, { ...fleet, clones: fleet.clones.slice(REPLACED, 2 * REPLACED) });
    readers.kill("SIGTERM");
    const had = takenAs<{ answers: number; failures: number; longestMs: number }>(
      JSON.parse(await new Response(readers.stdout).text()),
    );
    await process.kill("SIGKILL");
    say(
      `p99 ${among.spread.p99} ms, without ${alone.spread.p99} ms; Lease ${among.leaseMs} ms; ${had.answers} answers`,
    );
    return {
      checks: [
        { what: "age of the Lease, at most", got: among.leaseMs, want: LEASE_MS, unit: "ms" },
        { what: "reaction, p99", got: among.spread.p99, want: P99_MS, unit: "ms" },
        {
          what: "reaction, p99, by that without",
          got: part(among.spread.p99, alone.spread.p99),
          want: null,
          unit: "x",
        },
        { what: "a timer's delay, at most", got: among.lagMs, want: null, unit: "ms" },
        { what: "longest wait of a reader", got: had.longestMs, want: null, unit: "ms" },
      ],
      tables: [
        {
          columns: ["", "n", "median", "p90", "p99", "max", "CPU", "memory after"],
          rows: [
            reactionRow("without the crowd", alone.spread, alone.usage),
            reactionRow("with it", among.spread, among.usage),
          ],
        },
      ],
      notes: [
        `The crowd had ${had.answers} answers; ${had.failures} connections were closed without one. Without it the Lease was ${alone.leaseMs} ms old at most, and a timer ${alone.lagMs} ms late.`,
      ],
    };
  },
};

function startReaders({ metricsUrl, healthUrl }: ControllerProcess): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  const excludes = Array.from({ length: 400 }, (_, at) => `exclude=x${at}`).join("&");
  const urls = [metricsUrl, `${healthUrl}/readyz?verbose`, `${healthUrl}/readyz?${excludes}`];
  const crowd = new URL("../fleet/crowd.ts", import.meta.url).pathname;
  return Bun.spawn(["bun", crowd, String(CLIENTS), ...urls], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
}

interface Reactions {
  readonly spread: Spread;
  readonly usage: Usage;
  readonly leaseMs: number;
  readonly lagMs: number;
}

async function reactions(stage: Stage, process: ControllerProcess, some: BigFleet): Promise<Reactions> {
  const before = usageOf(process.pid);
  const [lease, lag] = [watchLease(stage, some.namespace), watchLag(process.metricsUrl)];
  const replaced = await replaceAll(stage, some, { overMs: OVER_MS, upAfterMs: UP_AFTER_MS });
  const ips = replaced.map(({ ip }) => ip);
  const allMarked = async (): Promise<boolean> => {
    await Bun.sleep(500);
    return (await stage.player.tell(ips)).every((life) => life?.markedAt !== null);
  };
  const ended = process.exited.then((code) => {
    throw new Error(`the program ended with ${code}: ${process.log().slice(-600)}`);
  });
  ended.catch(() => undefined);
  await Promise.race([eventually("every gate to be marked ready", allMarked, 60_000), ended]);
  const usage = usageSince(process.pid, before);
  const [leaseMs, lagMs] = [await lease.stop(), await lag.stop()];
  const lives = await stage.player.tell(ips);
  const spread = spreadOf(
    replaced.map(({ addressedAt }, index) => {
      const { listeningAt = null, markedAt = null } = lives[index] ?? {};
      return (markedAt ?? Number.NaN) - Math.max(addressedAt, listeningAt ?? Number.NaN);
    }),
  );
  return { spread, usage, leaseMs, lagMs };
}

/** Reads the Lease over and over. */
function watchLease({ cluster }: Stage, namespace: string): Watch {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/tidekeeper.sei.io`;
  return watch(async () => {
    const askedAt = Date.now();
    const { json } = await cluster.api.request("GET", path);
    const { renewTime } = takenAs<{ spec: { renewTime: string } }>(json).spec;
    return askedAt - Date.parse(renewTime);
  }, LEASE_EVERY_MS);
}

/** What the program itself tells of its timers, once a second as it measures them. */
function watchLag(metricsUrl: string): Watch {
  return watch(async () => {
    const page = await (await fetch(metricsUrl)).text();
    return Math.round(1000 * Number(/^nodejs_eventloop_delay_max_seconds (\S+)$/m.exec(page)?.[1] ?? 0));
  }, 1000);
}

interface Watch {
  /** Ends it, and gives the most that was ever seen. */
  stop(): Promise<number>;
}

function watch(look: () => Promise<number>, everyMs: number): Watch {
  const over = new AbortController();
  let most = 0;
  const looking = (async () => {
    while (!over.signal.aborted) {
      most = Math.max(most, await look().catch(() => 0));
      await Bun.sleep(everyMs);
    }
  })();
  return {
    async stop() {
      over.abort();
      await looking;
      return most;
    },
  };
}
