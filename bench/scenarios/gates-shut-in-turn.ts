/** All gates shut at once, two programs in turn. */
import { msEach } from "../api-server.ts";
import { type Bare, bareCeiling } from "../bare-ceiling.ts";
import { untilAtRest } from "../fleet/at-rest.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { type BigFleet, layGround, type Stage } from "../fleet/stage.ts";
import type { InTurn, Outcome } from "../scenario.ts";
import { type Bodies, type Seen, shutGates } from "../shut-gates.ts";
import { hundredths, round, spreadOf } from "../spread.ts";
import { type BySide, type Figure, forBoth, medianOf, oneByOne, type Round } from "../turns.ts";

/** Twenty times a poll of 10 s are most of it: this many fit into eight minutes. */
const NODES = 500;
/** Of the program, when nothing else is said: from here on every shut gate has been seen. */
const POLL_MS = 10_000;
/** The first poll after the start is spread over all of its 10 s from the beginning. */
const SETTLE_MS = 2000;
/** A sidecar gets no other plan for 10 s after it accepted a task. */
const LEFT_ALONE_MS = 10_500;
const AT_REST_MS = 120_000;
/** The bare loop may take so many times the API server's own time for the same writes; so may we. */
export const ALLOWED = 1.3;
const ALL_MARKED = "all marked ready";
const ALL_CLOSED = "all plans closed";

/** Milliseconds allowed: one poll, and so many times what the API server takes alone. */
export function limitsOf({ oneMs, twoMs }: Pick<Bare, "oneMs" | "twoMs">): {
  readonly marked: number;
  readonly closed: number;
} {
  return { marked: POLL_MS + ALLOWED * oneMs, closed: POLL_MS + ALLOWED * twoMs };
}

interface Contender {
  readonly stage: Stage;
  readonly fleet: BigFleet;
  /** By `performance.now()`; until then gates that are shut again wait. */
  freeAt: number;
}

/** One program alive at a time. */
export const gatesShutInTurn: InTurn = {
  about: [
    "Each round, for each program: it is started on its own fleet, all gates are shut at once, and when every plan is closed it is ended. Last, once, the bare loop on a third fleet, with the patches that ours made.",
  ],
  async setUp({ cluster, programs, history, nodes, say }) {
    const count = nodes ?? NODES;
    const ground = await layGround(cluster);
    const stages = await forBoth((side) => ground.stageFor({ program: programs[side], history }));
    ground.still();
    say(`raising three times ${count} nodes`);
    const contenders = await forBoth(async (side): Promise<Contender> => {
      const stage = stages[side];
      return { stage, fleet: await stage.raise(count), freeAt: 0 };
    });
    const other = await stages.ours.raise(count, { bare: true });
    await forBoth((side) => settle(contenders[side]));
    const bodies: Bodies[] = [];
    return {
      async round(order) {
        const seen = await oneByOne(order, (side) => measure(contenders[side]));
        bodies.push(seen.ours.bodies);
        say(`ours: ${summary(seen.ours)}; the other: ${summary(seen.other)}`);
        return { ours: figuresOf(count, seen.ours), other: figuresOf(count, seen.other) };
      },
      async end(rounds) {
        const last = bodies.at(-1);
        if (last === undefined) throw new Error("gates-shut: got no round, want at least one");
        return outcomeOf({ count, rounds, bare: await bareCeiling(stages.ours, other, last) });
      },
    };
  },
};

/** What a program still has to write on a fleet that was raised, it writes before anything is measured. */
async function settle({ stage, fleet }: Contender): Promise<void> {
  const { process } = await startOnFleet(stage, fleet);
  await untilAtRest(stage.cluster, fleet.namespace, AT_REST_MS);
  await process.kill();
}

interface Measured extends Seen {
  readonly lookedMs: number;
}

async function measure(contender: Contender): Promise<Measured> {
  const { stage, fleet } = contender;
  const { process, lookedMs } = await startOnFleet(stage, fleet);
  await Bun.sleep(Math.max(SETTLE_MS, contender.freeAt - performance.now()));
  const seen = await shutGates(stage, fleet, process.pid);
  contender.freeAt = performance.now() + LEFT_ALONE_MS;
  // It lets go of its Lease, so that the next one need not wait for it.
  await process.kill();
  await stage.rewind(fleet);
  return { ...seen, lookedMs };
}

function summary({ marked, closed }: Seen): string {
  return `marked in ${Math.round(marked.at(-1) ?? 0)} ms, closed in ${Math.round(closed.at(-1) ?? 0)} ms`;
}

function figuresOf(count: number, { lookedMs, ...seen }: Measured): readonly Figure[] {
  const [marked, closed] = [spreadOf(seen.marked), spreadOf(seen.closed)];
  return [
    { what: "half marked ready", unit: "ms", value: marked.median },
    { what: ALL_MARKED, unit: "ms", value: marked.max },
    { what: "half of the plans closed", unit: "ms", value: closed.median },
    { what: ALL_CLOSED, unit: "ms", value: closed.max },
    { what: "CPU of the program a healing", unit: "ms", value: msEach(seen.usage.cpuSeconds, count) },
    { what: "CPU of the API server a healing", unit: "ms", value: msEach(seen.apiSeconds, seen.patches.healings) },
    { what: "CPU of the API server a status patch", unit: "ms", value: msEach(seen.apiSeconds, seen.patches.patches) },
    { what: "status patches a healing, at most", unit: "", value: seen.patches.remediation.max },
    { what: "memory after", unit: "MB", value: seen.usage.rssMb },
    { what: "start until every node was looked at", unit: "ms", value: round(lookedMs) },
  ];
}

interface Last {
  readonly count: number;
  readonly rounds: readonly Round[];
  readonly bare: Bare;
}

function outcomeOf({ count, rounds, bare }: Last): Outcome {
  const limits = limitsOf(bare);
  const medians = (what: string): BySide<number> => ({
    ours: medianIn(rounds, "ours", what),
    other: medianIn(rounds, "other", what),
  });
  const [marked, closed] = [medians(ALL_MARKED), medians(ALL_CLOSED)];
  const row = (who: string, side: keyof BySide<number>): readonly (string | number)[] => [
    who,
    `${hundredths(marked[side] / limits.marked)} x`,
    `${hundredths(closed[side] / limits.closed)} x`,
  ];
  return {
    checks: [],
    tables: [
      {
        columns: [
          `${count} gates, medians by what is allowed`,
          `all marked ready, by one poll and ${ALLOWED} times one patch a node`,
          `all plans closed, by one poll and ${ALLOWED} times two patches a node`,
        ],
        rows: [row("ours", "ours"), row("the other", "other")],
      },
    ],
    notes: [
      `The API server alone: ${round(bare.oneMs)} ms for one patch a node, ${round(bare.twoMs)} ms for two, with ${msEach(bare.apiSeconds, 2 * count)} ms of its CPU a status patch. A bare loop that heals: ${round(bare.healMs)} ms and ${msEach(bare.healing.cpuSeconds, count)} ms of CPU a healing.`,
    ],
  };
}

function medianIn(rounds: readonly Round[], side: keyof Round, what: string): number {
  const values = rounds.flatMap((one) => one[side].find((figure) => figure.what === what)?.value ?? []);
  return medianOf(values);
}
