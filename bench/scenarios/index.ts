/** Every scenario, in the order of docs/performance.md. */
import type { Scenario, Section } from "../scenario.ts";
import { crowd } from "./crowd.ts";
import { gatesShut } from "./gates-shut.ts";
import { gatesShutInTurn } from "./gates-shut-in-turn.ts";
import { hung } from "./hung.ts";
import { patchCost } from "./patch-cost.ts";
import { podReplaced } from "./pod-replaced.ts";
import { podsReplaced } from "./pods-replaced.ts";
import { quiet } from "./quiet.ts";
import { shardsKilled } from "./shards-killed.ts";

/** Every scenario, in the order of the page. */
export const scenarios: readonly Scenario[] = [
  gatesShut,
  gatesShutTenThousand(),
  podsReplaced,
  podReplaced,
  hung,
  quiet,
  shardsKilled,
  crowd,
  patchCost,
];

const ABOUT_RATIOS =
  "Both programs in one cluster, each with a fleet of its own that is raised once and idle before every round; who goes first changes with each round. Told are the medians of the rounds, and the median of the ratios of each pair (with the least and the greatest), since what was measured in the same minute had the same machine.";

/** Every part of the page, in its order: where two programs were compared, that comes right behind. */
export const sections: readonly Section[] = scenarios.flatMap((scenario) => {
  const inTurn = inTurnSection(scenario);
  return inTurn === null ? [scenario] : [scenario, inTurn];
});

/** The part of the page for two programs in turn; null where that is not measured. */
export function inTurnSection({ name, title, inTurn }: Scenario): Section | null {
  if (inTurn === undefined) return null;
  return {
    name: `${name}-in-turn`,
    title: `${title}: two programs in turn`,
    about: [...inTurn.about, ABOUT_RATIOS],
  };
}

/** The same at another size, kept beside it. */
function gatesShutTenThousand(): Scenario {
  return {
    ...gatesShut,
    name: "gates-shut-10000",
    title: "All gates of 10,000 nodes shut at once",
    about: ["As above, with 10,000 nodes."],
    inTurn: {
      ...gatesShutInTurn,
      setUp: (input) => gatesShutInTurn.setUp({ ...input, nodes: input.nodes ?? 10_000 }),
    },
    run: (input) => gatesShut.run({ ...input, nodes: input.nodes ?? 10_000 }),
  };
}
