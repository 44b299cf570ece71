/** What a life can know: a change of the node counts, unless it came after the node's own last read began and no watch told. */
import { expect, test } from "bun:test";
import { takenAs } from "../cluster/harness/taken-as.ts";
import type { Facts } from "./facts.ts";
import type { Reply, Sent } from "./life.ts";
import type { Truth } from "./truth.ts";
import { View } from "./view.ts";

const NODE = "/apis/sei.io/v1alpha1/namespaces/sei/seinodes/a";
const POD = "/api/v1/namespaces/sei/pods/a-0";
const HOST = "10.0.0.1";
const TASKS: Sent = takenAs<Sent>({ method: "GET", path: "/v0/tasks", host: HOST });
const POST: Sent = takenAs<Sent>({ ...TASKS, method: "POST", body: JSON.stringify({ id: "t", type: "mark-ready" }) });

const nodeAt = (paused: boolean) => ({
  kind: "SeiNode",
  metadata: { name: "a", namespace: "sei", uid: "u", resourceVersion: paused ? "2" : "1" },
  spec: { paused },
});

/** `tookMs`: the first reads; `after`: what is asked then. */
interface Case {
  readonly areTasksLast?: boolean;
  readonly tookMs?: number;
  readonly after?: readonly Sent[];
  readonly isTold?: boolean;
}

/** A gate is opened after these reads, the node being paused while the first of them are under way. Whether it is known. */
async function isPauseKnown({ areTasksLast = true, tookMs = 500, after = [], isTold = false }: Case) {
  const world = { ms: 0, count: 0, isPaused: false };
  const place = { name: "a", namespace: "sei", uid: "u", proven: null, wasUp: true };
  const known: boolean[] = [];
  const truth = takenAs<Truth>({
    areTasksLast,
    followLeases: () => undefined,
    next: () => (world.count += 1),
    now: () => world.ms,
    facts: () => ({ node: nodeAt(world.isPaused) }),
    ownerOf: () => place,
    placeOf: () => place,
    judge: (_effect: unknown, now: Facts, asOf: (group: "node") => Facts | null) =>
      known.push((asOf("node") ?? now).node?.spec.paused === true),
  });
  const view = new View({ truth, identity: "one", lease: null, fenceMs: 1 });
  const ask = (sent: Sent): Promise<Reply> => {
    const body = sent.path === NODE ? nodeAt(world.isPaused) : {};
    const reply = { status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) };
    return view.owned(sent, () => Promise.resolve(takenAs<Reply>(reply)));
  };
  const together = [takenAs<Sent>({ method: "GET", path: NODE, host: null }), TASKS].map(ask);
  world.isPaused = true;
  world.ms += tookMs;
  await Promise.all(together);
  if (isTold) view.told(JSON.stringify({ type: "MODIFIED", object: nodeAt(true) }));
  for (const sent of after) {
    world.ms += 5;
    await ask(sent);
  }
  await ask(POST);
  return known;
}

const reads = (path: string): Sent => takenAs<Sent>({ method: "GET", path, host: null });

test.each<[string, Case, boolean]>([
  ["is not known where slow reads are followed by the tasks alone", { after: [TASKS] }, false],
  ["is not known where no request came after", {}, false],
  ["is known where a watch told of it", { after: [TASKS], isTold: true }, true],
  ["has to be known where the reads were quick: nothing is read once more", { tookMs: 10, after: [TASKS] }, true],
  ["has to be known where something else was awaited", { after: [reads(POD), TASKS] }, true],
  ["has to be known where the node was read again", { after: [reads(NODE)] }, true],
  ["has to be known where tasks may not come last", { areTasksLast: false, after: [TASKS] }, true],
])("a pause %s", async (_title, one, isKnown) => {
  expect(await isPauseKnown(one)).toEqual([isKnown]);
});
