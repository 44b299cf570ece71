/** What the API server spends on the two status patches of a healing, by how much the node remembers. */
import { msEach } from "../api-server.ts";
import { patchBoth } from "../bare-ceiling.ts";
import { type BareLoop, type Program, startBare } from "../contenders.ts";
import { type History, movedUp } from "../fleet/history.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { type Ground, layGround, type Stage } from "../fleet/stage.ts";
import type { InTurn, Scenario, ScenarioInput } from "../scenario.ts";
import { type Bodies, shutGates } from "../shut-gates.ts";
import { type Figure, forBoth, medianOf, oneByOne } from "../turns.ts";

const NODES = 400;
/** Fleets that the programs heal themselves once, for the bodies of their patches. */
const HEALED = 20;
const ROUNDS = 10;
const HISTORIES: readonly History[] = ["empty", "full"];

type Setting = Pick<ScenarioInput, "cluster" | "nodes" | "say">;

const ABOUT = `A fleet of ${NODES} nodes as a program leaves them, nobody at work on it: the bare loop stores the plan in every node, then closes it in every node, 64 at a time, by the very patches that the program made when it healed a node of the same kind, with what is remembered moved up by one each round. Told is the CPU of the API server (by /proc) for both patches of a node: CPU, not time, so that others on the machine disturb it least. An empty history is that of a node that was just brought up, a full one has ten finished plans.`;

/** One program in turn with the other. */
const inTurn: InTurn = {
  about: ["Each round, for each program: both of its fleets, the empty histories first."],
  async setUp({ programs, ...setting }) {
    const ground = await layGround(setting.cluster);
    const subjects = await forBoth((side) => subjectsOf(ground, programs[side], setting));
    ground.still();
    const loops = await forBoth((side) => loopsFor(subjects[side], setting));
    return {
      round: (order) => oneByOne(order, (side) => measure(loops[side])),
      async end() {
        for (const { loop } of [...loops.ours, ...loops.other]) loop.kill();
        return { checks: [], tables: [], notes: [] };
      },
    };
  },
};

/** The scenario. */
export const patchCost: Scenario = {
  name: "patch-cost",
  title: "What the status patches of a healing cost the API server",
  about: [ABOUT, `Medians of ${ROUNDS} rounds.`],
  bothHistories: true,
  inTurn,
  async run({ program, ...setting }) {
    const ground = await layGround(setting.cluster);
    const subjects = await subjectsOf(ground, program, setting);
    ground.still();
    const loops = await loopsFor(subjects, setting);
    const rounds: (readonly Figure[])[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(loops));
    for (const { loop } of loops) loop.kill();
    const checks = HISTORIES.map((history, index) => ({
      what: whatOf(history),
      got: medianOf(rounds.flatMap((figures) => figures[index]?.value ?? [])),
      want: null,
      unit: "ms",
    }));
    return { checks, tables: [], notes: [] };
  },
};

function whatOf(history: History): string {
  return `CPU of the API server for both status patches of a healing, history ${history}`;
}

interface Subject {
  readonly history: History;
  readonly stage: Stage;
}

async function subjectsOf(ground: Ground, program: Program, { say }: Setting): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const history of HISTORIES) {
    say(`a node with its history ${history}`);
    subjects.push({ history, stage: await ground.stageFor({ program, history }) });
  }
  return subjects;
}

/** A fleet, and the bare loop that patches it. */
interface Loop extends Subject {
  readonly loop: BareLoop;
  readonly count: number;
  /** As of the round to come: what is remembered changes with every plan that is closed. */
  bodies: Bodies;
}

async function loopsFor(subjects: readonly Subject[], { cluster, nodes, say }: Setting): Promise<readonly Loop[]> {
  const count = nodes ?? NODES;
  const loops: Loop[] = [];
  for (const { history, stage } of subjects) {
    const bodies = await bodiesFor(stage);
    say(`history ${history}: the closing patch has ${JSON.stringify(bodies.closing).length} bytes`);
    const { namespace } = await stage.raise(count, { bare: true });
    const loop = startBare(cluster, namespace);
    await loop.order("follow");
    // The first patches of a loop are slower, and turn the status of a copy into that of a healed node.
    await patchBoth(loop, stage, bodies);
    loops.push({ history, stage, loop, count, bodies });
  }
  return loops;
}

async function bodiesFor(stage: Stage): Promise<Bodies> {
  const fleet = await stage.raise(HEALED);
  const { process } = await startOnFleet(stage, fleet, ["--probe-interval=2s"]);
  const { bodies } = await shutGates(stage, fleet, process.pid);
  await process.kill();
  return bodies;
}

async function measure(loops: readonly Loop[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const one of loops) {
    const { history, stage, loop, count, bodies } = one;
    one.bodies = { opening: bodies.opening, closing: movedUp(bodies.closing) };
    const { apiSeconds } = await patchBoth(loop, stage, one.bodies);
    figures.push({ what: whatOf(history), unit: "ms", value: msEach(apiSeconds, count) });
  }
  return figures;
}
