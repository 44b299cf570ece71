/** Every gate of a fleet is shut at once, and no Kubernetes event tells of it. */
import { apiNote, msEach } from "../api-server.ts";
import { type Bare, bareCeiling } from "../bare-ceiling.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { buildStage } from "../fleet/stage.ts";
import type { Outcome, Scenario } from "../scenario.ts";
import { type Seen, shutGates } from "../shut-gates.ts";
import { hundredths, round, spreadOf } from "../spread.ts";
import { patchesNote } from "../status-patches.ts";
import { ALLOWED, gatesShutInTurn, limitsOf } from "./gates-shut-in-turn.ts";

const NODES = 1000;
const SETTLE_MS = 15_000;

/** The scenario. */
export const gatesShut: Scenario = {
  name: "gates-shut",
  title: "All gates shut at once",
  about: [
    "Every gate of the fleet is shut in the same moment, without any Kubernetes event, while the program runs with its usual settings: nothing but its poll, every 10 s, can find out. Measured from that moment.",
    "What the API server can take is measured in the same run, on a fleet of its own: the bare loop makes the same writes, 64 at a time: the two status patches a node that the program made, as the API server's audit log has them. A fleet whose gates are all shut cannot be healed faster than that. Allowed is one poll, and 1.3 times that: of one patch a node until every gate is marked ready, of two until every plan is closed.",
    "Last the bare loop heals its own fleet: it asks every sidecar at once, without waiting for a poll, and for each shut gate stores a plan, posts the task and closes the plan, 64 nodes at a time; it reads no Pod before, tells of nothing, and polls nobody meanwhile.",
  ],
  inTurn: gatesShutInTurn,
  async run({ cluster, program, history, nodes, say }) {
    const count = nodes ?? NODES;
    const stage = await buildStage(cluster, { program, history });
    say(`raising twice ${count} nodes`);
    const [own, other] = [await stage.raise(count), await stage.raise(count, { bare: true })];
    const { process } = await startOnFleet(stage, own);
    await Bun.sleep(SETTLE_MS);
    const seen = await shutGates(stage, own, process.pid);
    say(`marked in ${Math.round(seen.marked.at(-1) ?? 0)} ms, closed in ${Math.round(seen.closed.at(-1) ?? 0)} ms`);
    await process.kill("SIGKILL");
    const bare = await bareCeiling(stage, other, seen.bodies);
    say(`${Math.round(bare.oneMs)} ms for one patch a node, ${Math.round(bare.twoMs)} ms for two`);
    return outcomeOf(count, { bare, seen });
  },
};

function outcomeOf(count: number, { bare, seen }: { readonly bare: Bare; readonly seen: Seen }): Outcome {
  const [marked, closed] = [spreadOf(seen.marked), spreadOf(seen.closed)];
  const limits = limitsOf(bare);
  return {
    checks: [
      {
        what: `${count} gates: until all are marked ready, by one poll and ${ALLOWED} times one patch a node`,
        got: hundredths(marked.max / limits.marked),
        want: 1,
        unit: "x",
      },
      {
        what: `${count} gates: until all plans are closed, by one poll and ${ALLOWED} times two patches a node`,
        got: hundredths(closed.max / limits.closed),
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
      `${apiNote(seen.apiSeconds, seen.patches)} Patched by the bare loop alone: ${msEach(bare.apiSeconds, count)} ms for the two patches of a node, ${msEach(bare.apiSeconds, 2 * count)} ms a status patch.`,
    ],
  };
}
