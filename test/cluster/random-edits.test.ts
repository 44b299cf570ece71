/** Random edits on a real control plane. */
import { expect, test } from "bun:test";
import { runRandomEdits } from "../../scripts/random-edits/run.ts";
import { describeCluster } from "./harness/describe-cluster.ts";

const SLOW_MS = 240_000;
/** Another one by `RANDOM_EDITS_SEED`; what it found is printed with the command that repeats it. */
const SEED = Number(process.env["RANDOM_EDITS_SEED"] ?? 7);

describeCluster("random edits, with mistakes taken back and Pods killed", (cluster) => {
  test(
    `200 of them (seed ${SEED}) leave every node as a fresh install of its last spec`,
    async () => {
      const { difference, edits, comparisons, refused } = await runRandomEdits(cluster, {
        edits: 200,
        seed: SEED,
        every: 25,
        nodes: 8,
        pauseMs: 200,
        tell: () => undefined,
      });
      expect(difference).toBeNull();
      // A node ends on its share or with the mistake that is taken back after it.
      expect(edits).toBeWithin(200, 217);
      expect([comparisons >= 8, refused > 0]).toEqual([true, true]);
    },
    SLOW_MS,
  );
});
