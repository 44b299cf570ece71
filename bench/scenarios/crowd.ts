/** A crowd of readers on both ports, while Pods are replaced: neither the Lease nor a shut gate waits for it. */
import { reactionRow } from "../reaction-row.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { takenAs } from "../../test/cluster/harness/taken-as.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { replaceAll } from "../fleet/replace.ts";
import { buildStage, type Stage } from "../fleet/stage.ts";
import type { Scenario } from "../scenario.ts";
import { spreadOf } from "../spread.ts";
import { usageOf, usageSince } from "../usage.ts";

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
  ],
  async run({ cluster, program, nodes, say }) {
    const stage = await buildStage(cluster, program);
    const fleet = await stage.raise(nodes ?? NODES, { ownListeners: true });
    const { process } = await startOnFleet(stage, fleet);
    await Bun.sleep(SETTLE_MS);
    say("the crowd comes");
    const before = usageOf(process.pid);
    const excludes = Array.from({ length: 400 }, (_, at) => `exclude=x${at}`).join("&");
    const urls = [process.metricsUrl, `${process.healthUrl}/readyz?verbose`, `${process.healthUrl}/readyz?${excludes}`];
    const readers = Bun.spawn(
      ["bun", new URL("../fleet/crowd.ts", import.meta.url).pathname, String(CLIENTS), ...urls],
      {
        stdout: "pipe",
        stderr: "inherit",
      },
    );
    const lease = watchLease(stage, fleet.namespace);
    const lag = watchLag(process.metricsUrl);
    const some = { ...fleet, clones: fleet.clones.slice(0, REPLACED) };
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
    const [oldestMs, lagMs] = [await lease.stop(), await lag.stop()];
    readers.kill("SIGTERM");
    const had = takenAs<{ answers: number; failures: number; longestMs: number }>(
      JSON.parse(await new Response(readers.stdout).text()),
    );
    const lives = await stage.player.tell(ips);
    const spread = spreadOf(
      replaced.map(({ addressedAt }, index) => {
        const { listeningAt = null, markedAt = null } = lives[index] ?? {};
        return (markedAt ?? Number.NaN) - Math.max(addressedAt, listeningAt ?? Number.NaN);
      }),
    );
    await process.kill("SIGKILL");
    say(`p99 ${spread.p99} ms, Lease ${oldestMs} ms, ${had.answers} answers`);
    return {
      checks: [
        { what: "age of the Lease, at most", got: oldestMs, want: LEASE_MS, unit: "ms" },
        { what: "reaction, p99", got: spread.p99, want: P99_MS, unit: "ms" },
        { what: "a timer's delay, at most", got: lagMs, want: null, unit: "ms" },
        { what: "longest wait of a reader", got: had.longestMs, want: null, unit: "ms" },
      ],
      tables: [
        {
          columns: ["", "n", "median", "p90", "p99", "max", "CPU", "memory after"],
          rows: [reactionRow("tidekeeper", spread, usage)],
        },
      ],
      notes: [`The crowd had ${had.answers} answers; ${had.failures} connections were closed without one.`],
    };
  },
};

/** Reads the Lease over and over; `stop` gives the oldest that it ever was. */
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
function watchLag(url: string): Watch {
  return watch(async () => {
    const page = await (await fetch(url)).text();
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
