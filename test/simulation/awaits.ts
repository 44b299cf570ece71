/**
 * A change at every await: one piece of work is run once and its requests are counted; then it is run again for each of
 * them and each change, with the change made while that request is under way. See truth.ts for what must not follow.
 */
import { LEASE_NAME } from "../../src/seinode/crd/index.ts";
import { createSimCluster, type SimCluster } from "../../src/sim/index.ts";
import { dice } from "./dice.ts";
import type { NodeObject } from "./facts.ts";
import { noFaults, type Reply, type Sent, startLife } from "./life.ts";
import { Operator, PATHS } from "./operator.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { Truth } from "./truth.ts";

/** Whose claim nodes import. */
const SHARED = "i";

/** What the program is doing when the change comes. */
export const works = {
  "a gate that is opened": ({ operator }: Stage) => operator.killPod("n0"),
  "an image that is rolled out": ({ sim }: Stage) => sim.control.setImage("sei", "n0", "sei:2"),
  "a node that is brought up": ({ sim }: Stage) =>
    sim.control.createNode({ namespace: "sei", name: "n2", image: "sei:1" }),
  "a node that is taken down": ({ operator }: Stage) => operator.remove(PATHS.node("n0")),
  "a node that imports a claim": async ({ operator }: Stage) => {
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2000Gi" } } };
    await operator.create(PATHS.claim(SHARED), { metadata: { name: `data-${SHARED}` }, spec });
    return importer(operator, "n2");
  },
} as const;

/** A kind of work. */
export type Work = keyof typeof works;

/** Work on a node that is made for it. */
const OF_N2: ReadonlySet<Work> = new Set<Work>(["a node that is brought up", "a node that imports a claim"]);

interface Stage {
  readonly sim: SimCluster;
  readonly operator: Operator;
}

/** What is changed; `name` is the node that is worked on. */
export const changes = {
  "a workflow adopts it": ({ operator }: Stage, name: string) =>
    operator.status(name, { adoptedWorkflow: { name: "w", uid: "w" } }),
  "a workflow is in progress": async ({ operator }: Stage, name: string) => {
    const node = await operator.read<NodeObject>(PATHS.node(name));
    const told = { reason: "Begun", message: "", lastTransitionTime: "2027-01-15T08:00:00Z", observedGeneration: 1 };
    const conditions = [...(node?.status?.conditions ?? []), { type: "WorkflowInProgress", status: "True", ...told }];
    return operator.status(name, JSON.parse(JSON.stringify({ conditions })));
  },
  "it is paused": ({ operator }: Stage, name: string) => operator.merge(PATHS.node(name), { spec: { paused: true } }),
  "it is deleted": ({ operator }: Stage, name: string) => operator.remove(PATHS.node(name)),
  "it is gone without what it owned": ({ operator }: Stage, name: string) => leave(operator, name),
  "it is made again": ({ operator }: Stage, name: string) => {
    const spec = { chainId: "demo-1", image: "sei:1", fullNode: {} };
    const node = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { name, namespace: "sei" }, spec };
    return operator.create(PATHS.node(name), node);
  },
  "its plan is gone": ({ operator }: Stage, name: string) => operator.status(name, { plan: null }),
  "its claim is replaced": ({ operator }: Stage, name: string) => operator.replaceClaim(name),
  "its Pod is replaced": ({ operator }: Stage, name: string) => operator.killPod(name),
  "its address is another's": async ({ sim, operator }: Stage, name: string) => {
    const mine = sim.control.placedPods().find(({ pod }) => pod === `${name}-0`);
    await operator.killPod(name);
    if (mine === undefined) return;
    sim.control.leaseAddress("sei", "n1", mine.ip);
    await operator.killPod("n1");
  },
  "its gate is shut on purpose": async ({ sim }: Stage, name: string) =>
    sim.control.submitTask("sei", name, "mark-not-ready"),
  "another imports its claim": ({ operator }: Stage, name: string) =>
    importer(operator, name === "n2" ? "n1" : "n9", name === "n2" ? SHARED : name),
  "the right to act runs out": async () => undefined,
} as const;

/** What comes before a change, and before the request that it is made in the middle of is carried out. */
const ahead: Readonly<Partial<Record<Change, (stage: Stage, name: string) => Promise<unknown>>>> = {
  "it is made again": async ({ operator }, name) => {
    await operator.remove(PATHS.node(name));
    await operator.merge(PATHS.node(name), { metadata: { finalizers: null } });
  },
};

/** Makes a node on the claim that was made for this one. */
function importer(operator: Operator, name: string, of = SHARED): Promise<number> {
  const spec = { chainId: "demo-1", image: "sei:1", fullNode: {}, dataVolume: { import: { pvcName: `data-${of}` } } };
  const node = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { name, namespace: "sei" }, spec };
  return operator.create(PATHS.node(name), node);
}

/** What it owned outlives it, and is nobody's. */
async function leave(operator: Operator, name: string): Promise<unknown> {
  const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Orphan" };
  await operator.remove(PATHS.node(name), body);
  return operator.merge(PATHS.node(name), { metadata: { finalizers: ["orphan"] } });
}

/** A kind of change. */
export type Change = keyof typeof changes;

/** One run. */
export interface AwaitCase {
  readonly work: Work;
  readonly change: Change;
  /** The request that it is made in the middle of, from 0. */
  readonly at: number;
  /** From a commit to its telling by the watches. */
  readonly toldAfterMs: number;
}

/** What a run came to. */
export interface AwaitVerdict {
  readonly breaches: readonly string[];
  /** The requests about the node, as far as they were made before the work was done. */
  readonly requests: readonly string[];
  readonly effects: number;
  /** The last effect was the request of this number. */
  readonly lastEffect: number;
}

/** The change is under way for so long: a sidecar has 2 s to answer. */
const HELD_MS = 1_900;
/** From the last renewal to the work, where the right to act is to run out in it. */
const FENCE_LEAD_MS = 8_300;
/** Long enough for all of it, and for a second try. */
const WORK_MS = 2_500;

/** Runs one; null changes nothing. */
export function runAwait(work: Work, one: AwaitCase | null): AwaitVerdict {
  const time = new SimulatedTime();
  const chance = dice(7);
  const breaches: string[] = [];
  const requests: string[] = [];
  const name = OF_N2.has(work) ? "n2" : "n0";
  const isFence = one?.change === "the right to act runs out";
  const state = { isWorking: false, hang: false, toldAfterMs: 0, renewedAt: 0, judged: 0, lastEffect: 0 };
  const sim = createSimCluster({
    clock: time.clock,
    timers: time.timers,
    random: chance.fork(),
    options: {
      apiLatencyMs: () => 1,
      sidecarLatencyMs: () => 1,
      controllerLagMs: () => 3,
      podStartMs: () => 3,
      sidecarStartMs: () => 5,
      readyMs: () => 3,
      terminateMs: () => 3,
      taskMs: () => 5,
      watchDelayMs: () => state.toldAfterMs,
      beforeReply: ({ path }) => (state.hang && path.includes("/leases/") ? { kind: "hang" } : null),
    },
  });
  const operator = new Operator(sim);
  const truth = new Truth({ sim, mono: () => time.clock.mono(), breach: (line) => breaches.push(line) });
  const view = truth.view("life", isFence ? () => LEASE_NAME : null);
  const meddle = async (sent: Sent, send: () => Promise<Reply>): Promise<Reply> => {
    if (sent.path.includes(`/leases/${LEASE_NAME}`) && sent.method === "PATCH") state.renewedAt = time.clock.mono();
    if (!state.isWorking || /\/leases\/|\/events|healthz/.test(sent.path)) return send();
    requests.push(`${sent.method} ${sent.path.split("?")[0]}`);
    if (total(truth.judged) > state.judged) state.lastEffect = requests.length - 1;
    state.judged = total(truth.judged);
    const isIt = one !== null && requests.length - 1 === one.at;
    if (!isIt) return send();
    await ahead[one.change]?.({ sim, operator }, name);
    const reply = await send();
    state.toldAfterMs = one.toldAfterMs;
    await changes[one.change]({ sim, operator }, name);
    // What the change leads to in the cluster is there before the reply is.
    await new Promise<void>((resolve) => void time.timers.after(isFence ? HELD_MS : 60, resolve));
    return reply;
  };
  const life = startLife({
    time,
    sim,
    dice: chance.fork(),
    identity: isFence ? "life" : null,
    shards: 1,
    route: "direct",
    faults: () => noFaults,
    sent: () => undefined,
    owned: (sent, send) => view.owned(sent, () => meddle(sent, send)),
    told: view.told,
    log: () => undefined,
    ended: () => undefined,
  });
  for (const node of one?.change === "its address is another's" ? ["n0", "n1"] : ["n0"]) {
    sim.control.createNode({ namespace: "sei", name: node, image: "sei:1" }).catch(() => undefined);
  }
  time.run(isFence ? 4_000 : 1_000);
  if (isFence) {
    while (state.renewedAt + 100 > time.clock.mono()) time.run(50);
    for (const renewed = state.renewedAt; renewed === state.renewedAt;) time.run(50);
    state.hang = true;
    time.run(FENCE_LEAD_MS);
  }
  const before = total(truth.judged);
  state.judged = before;
  state.isWorking = true;
  Promise.resolve(works[work]({ sim, operator })).catch(() => undefined);
  time.run(WORK_MS + (isFence ? HELD_MS : 0));
  const effects = total(truth.judged) - before;
  life.kill();
  breaches.push(...unseen(sim, name, one));
  return { breaches, requests, effects, lastEffect: state.lastEffect };
}

/** What is told late may be unseen yet, and whoever may not act looks at nothing. */
function unseen({ control }: SimCluster, name: string, one: AwaitCase | null): readonly string[] {
  const isDue = one !== null && one.toldAfterMs === 0 && one.change !== "the right to act runs out";
  const node = isDue ? control.object("seinodes", "sei", name) : null;
  return node === null || node["status"] !== undefined ? [] : [`unseen: ${name} was never looked at`];
}

function total({ post, deletePod, deleteData }: Truth["judged"]): number {
  return post + deletePod + deleteData;
}

/** Every case, work by work: the awaits up to the last effect, and for the right to act all of them. */
export function awaitCases(
  ofWorks: readonly Work[] = namesOf(works),
  ofChanges: readonly Change[] = namesOf(changes),
): readonly AwaitCase[] {
  return ofWorks.flatMap((work) => {
    const { requests, lastEffect } = runAwait(work, null);
    return ofChanges.flatMap((change) => {
      // Of the right to act more than these effects hangs.
      const last = change === "the right to act runs out" ? requests.length : lastEffect + 1;
      const awaits = Array.from({ length: last }, (_, at) => at);
      return awaits.flatMap((at) => [0, 5_000].map((toldAfterMs) => ({ work, change, at, toldAfterMs })));
    });
  });
}

/** The keys of a table, as they are typed. */
export function namesOf<T extends string>(table: Readonly<Record<T, unknown>>): readonly T[] {
  return Object.keys(table).filter((key): key is T => key in table);
}
