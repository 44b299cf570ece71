/**
 * Random edits of SeiNodes on a real control plane: whatever was edited, and in whatever order, a node ends as a fresh
 * install of its last spec does.
 *
 *   bun run random-edits --edits 10000 --seed 7
 *   bash scripts/cluster.sh run -- bun scripts/random-edits.ts --edits 10000 --seed 7 [--every 25] [--nodes 8] [--pause-ms 300]
 *
 * The real controller runs as a process of its own. Several nodes of every mode are edited side by side, each by dice of
 * its own that follow from the seed: fields that are served, values that the schema refuses, mistakes that it lets
 * through and that are taken back again (a spec that is `Stalled`, one that the API server refuses when it is applied,
 * an image that never starts), half of them right after the edit before; now and then the Pod is killed, or the node
 * deleted and made anew. The edits follow from the seed alone; their timing is the machine's.
 *
 * Every `--every` edits a node is brought to rest and compared with a new node of the same spec, in another name: the
 * StatefulSet, the Service, the claim and the Pod (labels, annotations, owners, the whole `spec`), phase, conditions,
 * images that were seen, resolved peers, and where its sidecar listens behind an open gate. Names, UIDs, times, versions
 * and history are left out. These differ by right, and are seen to so:
 *
 * - What an edit changes in the template reaches the Pod when it is next replaced. That the node says so (`PodOutdated`),
 *   exactly while it is so, is checked; then the Pod is deleted, and the new one is compared.
 * - The labels of the claim are those of its creation: the volume of an initialised node is not edited.
 * - `False` is the ordinary value of every condition but `Ready` and `SidecarReady`, and as good as not set.
 * - What only init uses (`overrides`, `peers`, `externalAddress`, `snapshot`) went into the volume once. Only what the
 *   controller makes of it is compared (`resolvedPeers`), not what the sidecar was told at the time.
 * - A paused node keeps what it has, and one that is paused from the start has nothing: only conditions and replicas are
 *   compared; then the pause ends and all of it is.
 * - A mistake leaves a running node as it is, and a new one does not come up: it is taken back before a comparison. Of
 *   one that is `Stalled`, the conditions are compared with those of a fresh install, which must have made nothing.
 *
 * Ends with 1 at the first difference: which node, after which edit, the lines that differ, and the edits before it.
 */
import { parseArgs } from "node:util";
import { cluster, clusterFolder } from "../test/cluster/harness/cluster.ts";
import { runRandomEdits, told } from "./random-edits/run.ts";

const DEFAULTS = { edits: 1000, seed: 1, every: 25, nodes: 8, "pause-ms": 300 };

const { values } = parseArgs({
  options: Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, { type: "string" as const }])),
});
const wanted = Object.fromEntries(
  Object.entries(DEFAULTS).map(([name, usual]) => [name, Number(values[name] ?? usual)]),
);
const wrong = Object.entries(wanted).find(([, value]) => !Number.isSafeInteger(value) || value < 0);
if (wrong !== undefined || clusterFolder() === null) {
  const why = wrong === undefined ? "there is no test cluster" : `--${wrong[0]}: want a whole number`;
  console.error(`random-edits: ${why}. Run: bun run random-edits --edits 1000 --seed 1`);
  process.exit(2);
}

const { edits = 0, seed = 0, every = 1, nodes = 1 } = wanted;
const outcome = await runRandomEdits(cluster(), {
  edits,
  seed,
  every,
  nodes,
  pauseMs: wanted["pause-ms"] ?? 0,
  tell: (line) => console.log(line),
});
console.log(
  `seed ${seed}: ${told(outcome, edits)}, ${outcome.difference === null ? "no" : "1"} difference, ${outcome.seconds.toFixed(0)} s`,
);
if (outcome.difference !== null) {
  console.log(outcome.difference);
  console.log(`again: bun run random-edits --edits ${edits} --seed ${seed} --every ${every} --nodes ${nodes}`);
  process.exit(1);
}
process.exit(0);
