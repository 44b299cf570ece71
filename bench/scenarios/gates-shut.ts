/** Every gate of a fleet is shut at once, and no Kubernetes event tells of it. */
import type { AuditEntry } from "../../test/cluster/harness/audit-log.ts";
import { takenAs } from "../../test/cluster/harness/taken-as.ts";
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { isAtRest, type SeiNodeObject } from "../../test/cluster/harness/fleet.ts";
import { startBare } from "../contenders.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { wallMs } from "../fleet/player-orders.ts";
import { type BigFleet, buildStage, type Stage } from "../fleet/stage.ts";
import type { Outcome, Scenario } from "../scenario.ts";
import { round, spreadOf } from "../spread.ts";
import { countPatches, patchesNote } from "../status-patches.ts";
import { type Usage, usageOf, usageSince } from "../usage.ts";

const NODES = 1000;
/** Of the program, when nothing else is said: from here on every shut gate has been seen. */
const POLL_MS = 10_000;
const SETTLE_MS = 15_000;
const ROUND_MS = 240_000;
/** The bare loop may take so many times the API server's own time for the same writes; so may we. */
const ALLOWED = 1.3;

/** The scenario. */
export const gatesShut: Scenario = {
  name: "gates-shut",
  title: "All gates shut at once",
  about: [
    "Every gate of the fleet is shut in the same moment, without any Kubernetes event, while the program runs with its usual settings: nothing but its poll, every 10 s, can find out. Measured from that moment.",
    "What the API server can take is measured in the same run, on a fleet of its own: the bare loop makes the same writes, 64 at a time: the two status patches a node that the program made, as the API server's audit log has them. A fleet whose gates are all shut cannot be healed faster than that. Allowed is one poll, and 1.3 times that: of one patch a node until every gate is marked ready, of two until every plan is closed.",
    "Last the bare loop heals its own fleet: it asks every sidecar at once, without waiting for a poll, and for each shut gate stores a plan, posts the task and closes the plan, 64 nodes at a time; it reads no Pod before, tells of nothing, and polls nobody meanwhile.",
  ],
  async run({ cluster, program, nodes, say }) {
    const count = nodes ?? NODES;
    const stage = await buildStage(cluster, program);
    say(`raising twice ${count} nodes`);
    const [own, other] = [await stage.raise(count), await stage.raise(count, { bare: true })];
    const { process } = await startOnFleet(stage, own);
    await Bun.sleep(SETTLE_MS);
    const seen = await shutAll(stage, own, process.pid);
    say(`marked in ${Math.round(seen.marked.at(-1) ?? 0)} ms, closed in ${Math.round(seen.closed.at(-1) ?? 0)} ms`);
    await process.kill("SIGKILL");
    const bare = await bareLoop(stage, other, seen.bodies);
    say(`${Math.round(bare.oneMs)} ms for one patch a node, ${Math.round(bare.twoMs)} ms for two`);
    return outcomeOf(count, { bare, seen });
  },
};

interface Ceiling {
  readonly oneMs: number;
  readonly twoMs: number;
}

interface Bare extends Ceiling {
  /** Until the bare loop had asked every sidecar and healed every node. */
  readonly healMs: number;
  readonly healing: Usage;
}

/** Patches are measured twice over, since a loop that has just begun is slower; the second round counts. */
async function bareLoop({ cluster, player }: Stage, { namespace, ips }: BigFleet, bodies: Bodies): Promise<Bare> {
  const bare = startBare(cluster, namespace);
  await bare.order("follow");
  const round = async (): Promise<Ceiling> => {
    const oneMs = await bare.order(`patch ${JSON.stringify(bodies.opening)}`);
    return { oneMs, twoMs: oneMs + (await bare.order(`patch ${JSON.stringify(bodies.closing)}`)) };
  };
  await round();
  const ceiling = await round();
  await player.shut(ips);
  const before = usageOf(bare.pid);
  const healMs = await bare.order("poll");
  const healing = usageSince(bare.pid, before);
  bare.kill();
  return { ...ceiling, healMs, healing };
}

/** `status` of the patches that healed one node: the one that stored its plan, and the one that closed it. */
interface Bodies {
  readonly opening: unknown;
  readonly closing: unknown;
}

function bodiesOf(entries: readonly AuditEntry[]): Bodies {
  const closing = entries.find(isClosing);
  const opening = entries.find((entry) => entry.name === closing?.name && isOpening(entry));
  if (closing === undefined || opening === undefined) throw new Error("gates-shut: no node was healed by two patches");
  return { opening: statusIn(opening), closing: statusIn(closing) };
}

interface Seen {
  /** Milliseconds from the moment the gates were shut, in order. */
  readonly marked: readonly number[];
  readonly closed: readonly number[];
  readonly usage: Usage;
  readonly patches: ReturnType<typeof countPatches>;
  readonly bodies: Bodies;
}

async function shutAll({ cluster, player }: Stage, { namespace, ips }: BigFleet, pid: number): Promise<Seen> {
  const from = cluster.audit.offset();
  const before = usageOf(pid);
  const at = wallMs();
  await player.shut(ips);
  await eventually(
    "every gate to be marked ready",
    async () => {
      await Bun.sleep(1000);
      return (await player.probes(ips)).unmarked === 0;
    },
    ROUND_MS,
  );
  await eventually("every plan to be closed", () => isOver(cluster, namespace), ROUND_MS);
  const usage = usageSince(pid, before);
  const lives = await player.tell(ips);
  const entries = cluster.audit.mutationsSince(from, "tidekeeper/");
  return {
    usage,
    marked: sorted(lives.map((life) => (life?.markedAt ?? Number.NaN) - at)),
    closed: sorted(lastOfEach(entries.filter(isClosing)).map(({ doneMs }) => doneMs - at)),
    patches: countPatches(entries, namespace),
    bodies: bodiesOf(entries),
  };
}

/** What a renewed Lease leaves in the log in between. */
const QUIET_BYTES = 20_000;

/** Asked by the length of the log first: a list of the whole fleet would cost what is measured. */
async function isOver({ api, audit }: Cluster, namespace: string): Promise<boolean> {
  const size = audit.offset();
  await Bun.sleep(1500);
  if (audit.offset() - size > QUIET_BYTES) return false;
  const nodes = await api.list<SeiNodeObject>(`/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`);
  return nodes.every(isAtRest);
}

function isClosing(entry: AuditEntry): boolean {
  return statusIn(entry)?.plan === null;
}

function isOpening(entry: AuditEntry): boolean {
  return typeof statusIn(entry)?.plan === "object" && !isClosing(entry);
}

function statusIn({ resource, code, requestObject }: AuditEntry): { readonly plan?: unknown } | undefined {
  if (resource !== "seinodes/status" || code !== 200) return undefined;
  return takenAs<{ status?: { plan?: unknown } } | null>(requestObject)?.status;
}

/** One that had to be closed twice is over with the second. */
function lastOfEach(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  return [...new Map(entries.map((entry) => [entry.name, entry])).values()];
}

function sorted(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}

function outcomeOf(count: number, { bare, seen }: { readonly bare: Bare; readonly seen: Seen }): Outcome {
  const [marked, closed] = [spreadOf(seen.marked), spreadOf(seen.closed)];
  const limits = { marked: POLL_MS + ALLOWED * bare.oneMs, closed: POLL_MS + ALLOWED * bare.twoMs };
  return {
    checks: [
      {
        what: `${count} gates: until all are marked ready, by one poll and ${ALLOWED} times one patch a node`,
        got: Math.round((marked.max / limits.marked) * 100) / 100,
        want: 1,
        unit: "x",
      },
      {
        what: `${count} gates: until all plans are closed, by one poll and ${ALLOWED} times two patches a node`,
        got: Math.round((closed.max / limits.closed) * 100) / 100,
        want: 1,
        unit: "x",
      },
      {
        what: `${count} gates: until all are marked ready`,
        got: marked.max,
        want: Math.round(limits.marked),
        unit: "ms",
      },
      {
        what: `${count} gates: until all plans are closed`,
        got: closed.max,
        want: Math.round(limits.closed),
        unit: "ms",
      },
      {
        what: `${count} gates: status patches a healing, at most`,
        got: seen.patches.remediation.max,
        want: 2,
        unit: "",
      },
    ],
    tables: [
      {
        columns: ["", "half", "p90", "all", "CPU", "memory after"],
        rows: [
          [
            "marked ready",
            `${marked.median} ms`,
            `${marked.p90} ms`,
            `${marked.max} ms`,
            `${seen.usage.cpuSeconds} s`,
            `${seen.usage.rssMb} MB`,
          ],
          ["plans closed", `${closed.median} ms`, `${closed.p90} ms`, `${closed.max} ms`, "", ""],
          ["the API server alone, one patch a node", "", "", `${round(bare.oneMs)} ms`, "", ""],
          ["the API server alone, two patches a node", "", "", `${round(bare.twoMs)} ms`, "", ""],
          [
            "a bare loop that heals",
            "",
            "",
            `${round(bare.healMs)} ms`,
            `${bare.healing.cpuSeconds} s`,
            `${bare.healing.rssMb} MB`,
          ],
        ],
      },
    ],
    notes: [
      `The API server alone took ${Math.round((count / bare.oneMs) * 1000)} patches a second. CPU a healing: ${round((seen.usage.cpuSeconds / count) * 1000)} ms.`,
      patchesNote(seen.patches),
    ],
  };
}
