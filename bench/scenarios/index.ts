import type { Scenario } from "../scenario.ts";
import { crowd } from "./crowd.ts";
import { gatesShut } from "./gates-shut.ts";
import { hung } from "./hung.ts";
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
];

/** The same at another size, kept beside it. */
function gatesShutTenThousand(): Scenario {
  return {
    ...gatesShut,
    name: "gates-shut-10000",
    title: "All gates of 10,000 nodes shut at once",
    about: ["As above, with 10,000 nodes."],
    run: (input) => gatesShut.run({ ...input, nodes: input.nodes ?? 10_000 }),
  };
}
