/** One kind's watch is silent while all others live, and what it should tell of is replaced again and again. */
import { shardOf } from "../../src/kube/lease/index.ts";
import { LEASE_NAME, REFERENCE_LEASE_NAME, shardLeaseName } from "../../src/seinode/crd/index.ts";
import { createSimCluster, type SimCluster, type WatchOf } from "../../src/sim/index.ts";
import { dice, type Dice } from "./dice.ts";
import { noFaults, startLife } from "./life.ts";
import { Operator, PATHS } from "./operator.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { Truth } from "./truth.ts";

const SILENT_MS = 300_000;
const ROUND_MS = 20_000;
/** Long enough to know that a watch is dead, and what it told is of no use any more. */
const DEAD_MS = 60_000;

interface Round {
  readonly sim: SimCluster;
  readonly operator: Operator;
  readonly number: number;
  readonly dice: Dice;
  /** Lets this much time pass. */
  readonly pause: (ms: number) => Promise<void>;
}

interface Silence {
  readonly of: WatchOf;
  readonly shards: number;
  readonly isElected: boolean;
  /** A new connection is heard for so long, so that what is known is not always of the beginning; 1 s unless given. */
  readonly graceMs?: number;
  /** Whoever is told of there acts on the same nodes, so nothing may be done beside it. */
  readonly isRival?: true;
  /** From a Pod to its address. */
  readonly podMs?: number;
  /** Replaces the object, in each round anew. */
  readonly replace: (round: Round) => Promise<unknown>;
}

const SHARDS = 2;
const ours = shardLeaseName(shardOf("sei/n0", SHARDS));
const alone = { shards: 1, isElected: false } as const;

/** The kinds. */
export const silences: Readonly<Record<string, Silence>> = {
  SeiNodes: { of: { plural: "seinodes" }, ...alone, replace: otherNode },
  Pods: { of: { plural: "pods" }, ...alone, replace: otherPod },
  StatefulSets: { of: { plural: "statefulsets" }, ...alone, graceMs: 25_000, podMs: 3_000, replace: otherSet },
  claims: { of: { plural: "persistentvolumeclaims" }, ...alone, replace: otherClaim },
  Services: { of: { plural: "services" }, ...alone, replace: otherService },
  Jobs: { of: { plural: "jobs" }, ...alone, replace: otherJob },
  "our Lease": {
    of: { plural: "leases", name: LEASE_NAME },
    shards: 1,
    isElected: true,
    replace: (round) => otherHolder(round, LEASE_NAME),
  },
  "a shard's Lease": {
    of: { plural: "leases", name: ours },
    shards: SHARDS,
    isElected: true,
    replace: (round) => otherHolder(round, ours),
  },
  "the other manager's Lease": {
    of: { plural: "leases", name: REFERENCE_LEASE_NAME },
    shards: 1,
    isElected: true,
    graceMs: 0,
    isRival: true,
    replace: (round) => (round.number === 0 ? otherManager(round) : Promise.resolve()),
  },
};

/** What came of it. */
export function runSilence(kind: string): { readonly breaches: readonly string[]; readonly effects: number } {
  const silence = silences[kind];
  if (silence === undefined) throw new Error(`no such kind: ${kind}`);
  const time = new SimulatedTime();
  const chance = dice(11);
  const breaches = new Set<string>();
  const slow = { taskMs: 20, podMs: 50 };
  const sim = createSimCluster({
    clock: time.clock,
    timers: time.timers,
    random: chance.fork(),
    options: {
      reusesAddresses: () => true,
      taskMs: () => slow.taskMs,
      podStartMs: () => slow.podMs,
    },
  });
  const operator = new Operator(sim);
  const truth = new Truth({ sim, mono: () => time.clock.mono(), breach: (line) => breaches.add(line) });
  const bear = (birth: number): void => {
    const identity = `life-${birth}`;
    const lease = (key: string): string =>
      silence.shards === 1 ? LEASE_NAME : shardLeaseName(shardOf(key, silence.shards));
    const view = truth.view(identity, silence.isElected ? lease : null);
    startLife({
      time,
      sim,
      dice: chance.fork(),
      identity: silence.isElected ? identity : null,
      shards: silence.shards,
      route: "direct",
      faults: () => noFaults,
      sent: () => undefined,
      owned: view.owned,
      told: view.told,
      log: () => undefined,
      ended: () => void time.timers.after(1_000, () => bear(birth + 1)),
    });
  };
  bear(1);
  for (const name of ["n0", "n1"])
    sim.control.createNode({ namespace: "sei", name, image: "sei:1" }).catch(() => undefined);
  time.run(30_000);
  const before = truth.judged.post;
  // What begins now takes a while.
  Object.assign(slow, { taskMs: 6_000, podMs: silence.podMs ?? 50 });
  sim.control.silence(silence.of, SILENT_MS, silence.graceMs ?? 1_000);
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void time.timers.after(ms, resolve));
  for (let number = 0; number * ROUND_MS < SILENT_MS; number += 1) {
    silence.replace({ sim, operator, number, dice: chance, pause }).catch(() => undefined);
    time.run(chance.between(10, ROUND_MS / 2));
    // Something to heal, whatever is known.
    operator.killPod("n0").catch(() => undefined);
    const posts = truth.judged.post;
    time.run(ROUND_MS / 2);
    const isKnown = silence.isRival === true && number * ROUND_MS > DEAD_MS;
    if (isKnown && truth.judged.post > posts) breaches.add("rival: a task was posted beside another manager");
  }
  time.run(60_000);
  return { breaches: [...breaches], effects: truth.judged.post - before };
}

/** Held, released, paused, and in the end another of the name. */
async function otherNode({ operator, number }: Round): Promise<void> {
  const path = PATHS.node("n0");
  if (number % 4 === 0) await operator.status("n0", { adoptedWorkflow: { name: "w", uid: "w" } });
  if (number % 4 === 1) await operator.status("n0", { adoptedWorkflow: null });
  if (number % 4 === 2) await operator.merge(path, { spec: { paused: true } });
  if (number % 4 !== 3) return;
  await operator.remove(path);
  await operator.merge(path, { metadata: { finalizers: null } });
  const spec = { chainId: "demo-1", image: "sei:1", fullNode: {} };
  const body = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { name: "n0", namespace: "sei" }, spec };
  await operator.create(path, body);
}

/** A node is being brought up, for long; its Pod and another's are others, at one another's addresses. */
async function otherPod({ sim, operator, number, dice, pause }: Round): Promise<void> {
  if (number % 5 === 0) await operator.remove(PATHS.node("n2"));
  await pause(1_000);
  await sim.control.createNode({ namespace: "sei", name: "n2", image: "sei:1" }).catch(() => undefined);
  await pause(1_000);
  const busy = dice.pick(["n0", "n2"]);
  const ipOf = (name: string): string => sim.control.placedPods().find(({ pod }) => pod === `${name}-0`)?.ip ?? "";
  const [mine, theirs] = [ipOf(busy), ipOf("n1")];
  if (mine !== "") sim.control.leaseAddress("sei", "n1", mine);
  if (theirs !== "") sim.control.leaseAddress("sei", busy, theirs);
  await Promise.all([operator.killPod(busy), operator.killPod("n1")]);
}

/** Restarted in the middle of a roll-out; at times another set. */
async function otherSet({ sim, operator, number, dice, pause }: Round): Promise<void> {
  if (number % 5 === 4) await operator.remove(PATHS.set("n0"));
  await sim.control.setImage("sei", "n0", `sei:${(number % 5) + 1}`);
  await pause(dice.between(30, 3_000));
  await operator.restart("n0", String(number));
}

/** Paused, the claim replaced, and on again. */
async function otherClaim({ operator, pause }: Round): Promise<void> {
  await operator.merge(PATHS.node("n0"), { spec: { paused: true } });
  await pause(3_000);
  await operator.replaceClaim("n0");
  await pause(500);
  await operator.merge(PATHS.node("n0"), { spec: { paused: false } });
}

async function otherService({ operator }: Round): Promise<void> {
  await operator.remove(PATHS.service("n0"));
  await operator.create(PATHS.service("n0"), { metadata: { name: "n0" }, spec: { clusterIP: "None" } });
}

async function otherJob({ operator, number }: Round): Promise<void> {
  const path = "/apis/batch/v1/namespaces/sei/jobs/n0-bootstrap";
  if (number % 2 === 1) await operator.remove(path);
  else await operator.create(path, { metadata: { name: "n0-bootstrap", labels: { "sei.io/node": "n0" } }, spec: {} });
}

/** The Lease is another, and another's; it lets it go before the next round. */
async function otherHolder({ operator, pause }: Round, name: string): Promise<void> {
  const path = PATHS.lease(name);
  await operator.remove(path);
  const renewTime = "2027-01-15T08:00:00.000000Z";
  const spec = { holderIdentity: "other", leaseDurationSeconds: 15, renewTime, acquireTime: renewTime };
  await operator.create(path, { metadata: { name, namespace: "tide" }, spec });
  await pause(12_000);
  await operator.merge(path, { spec: { holderIdentity: "" } });
}

/** From now on it renews. */
async function otherManager({ operator, pause }: Round): Promise<void> {
  const path = PATHS.lease(REFERENCE_LEASE_NAME);
  const spec = { holderIdentity: "other_manager", leaseDurationSeconds: 15 };
  await operator.create(path, { metadata: { name: REFERENCE_LEASE_NAME, namespace: "tide" }, spec });
  for (let beat = 0; beat * 2_000 < SILENT_MS; beat += 1) {
    await pause(2_000);
    await operator.merge(path, { spec: { renewTime: new Date(1_800_000_000_000 + beat * 2_000).toISOString() } });
  }
}
