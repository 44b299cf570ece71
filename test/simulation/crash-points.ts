/**
 * Crashes at every effect: a node is brought up, healed, rolled out and taken down once, and its effects are numbered. Then
 * the same again, with the process killed right before one of them, after it was committed and before its reply, or right
 * after its reply. Whatever the point, each piece of work must end as it did without a crash, by the same effects: one that
 * is repeated under its own id does no harm, a new one would.
 */
import { dice } from "./dice.ts";
import { taskOf } from "./invariants/invariant.ts";
import type { Reply, Sent } from "./life.ts";
import { Care } from "./care.ts";
import { Fleet, SPACE } from "./swarm/fleet.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";

/** When the process dies: before the request leaves, after it was carried out, after its reply was heard. */
export type Moment = "before" | "committed" | "answered";

/** One crash. `at`: the number of the effect, from 0, as this run counts them. */
export interface Crash {
  readonly at: number;
  readonly moment: Moment;
}

/** What a run came to. */
export interface CrashVerdict {
  readonly breaches: readonly string[];
  /** Every effect, in order, as far as it left. */
  readonly effects: readonly string[];
  /** Kinds of effects with how many ids each was done under. */
  readonly distinct: Readonly<Record<string, number>>;
  /** What stands after each piece of work. */
  readonly states: readonly string[];
}

/** All moments. */
export const moments: readonly Moment[] = ["before", "committed", "answered"];

const NAME = "n0";
const STEP_MS = 1_000;
const LIMIT_MS = 180_000;

const works: readonly ((fleet: Fleet) => unknown)[] = [
  ({ sim }) => sim.control.createNode({ namespace: SPACE, name: NAME, image: "sei:1" }),
  ({ operator }) => operator.killPod(NAME),
  ({ sim }) => sim.control.setImage(SPACE, NAME, "sei:2"),
  ({ operator }) => operator.remove(`/apis/sei.io/v1alpha1/namespaces/${SPACE}/seinodes/${NAME}`),
];

/** Runs it, with these crashes. */
export function runCrashes(crashes: readonly Crash[]): CrashVerdict {
  const fleet = new Fleet({
    dice: dice(5),
    nodes: [NAME],
    replicas: 1,
    shards: 1,
    route: "direct",
    hasPlugin: false,
  });
  const effects: string[] = [];
  const ids = new Map<string, Set<string>>();
  const states: string[] = [];
  fleet.meddle = async (sent: Sent, send: () => Promise<Reply>): Promise<Reply> => {
    const number = effects.length;
    const { kind, id } = effectOf(sent);
    effects.push(kind);
    const crash = crashes.find(({ at }) => at === number);
    const [replica] = fleet.replicas;
    const die = (): void => replica?.life?.kill();
    if (crash?.moment === "before") die();
    // The dead have sent nothing: what they were about to do is left to the next process.
    if (crash?.moment === "before") return new Promise(() => undefined);
    ids.set(kind, (ids.get(kind) ?? new Set<string>()).add(id));
    const reply = await send();
    if (crash?.moment === "committed") die();
    if (crash?.moment === "answered") fleet.time.timers.after(0, die);
    return reply;
  };
  const care = new Care({
    sim: fleet.sim,
    operator: fleet.operator,
    tell: (done) => fleet.tell(done),
    done: () => [],
    word: () => "again",
  });
  fleet.start();
  fleet.time.run(3_000);
  for (const work of works) {
    fleet.tell(work(fleet));
    const end = fleet.now + LIMIT_MS;
    do fleet.time.run(STEP_MS);
    while (fleet.now < end && !isDone(fleet, care));
    // What was begun late is over too.
    fleet.time.run(20_000);
    if (!isDone(fleet, care)) fleet.breach(`rest: ${care.node(NAME) === null ? "gone" : care.unrest(NAME)}`);
    states.push(stateOf(fleet));
  }
  fleet.replicas[0]?.life?.kill();
  const distinct = Object.fromEntries([...ids].map(([kind, of]) => [kind, of.size] as const));
  // What never left counts for nothing: the next process may do it at once.
  const isUnsent = crashes.some(({ at, moment }) => moment === "before" && effects[at]?.startsWith("DELETE"));
  const breaches = fleet.breaches.filter((breach) => !isUnsent || !breach.startsWith("owned often:"));
  return { breaches, effects, distinct, states };
}

function isDone(fleet: Fleet, care: Care): boolean {
  const node = care.node(NAME);
  return node === null ? fleet.sim.control.placedPods().length === 0 : care.unrest(NAME) === null;
}

function effectOf(sent: Sent): { readonly kind: string; readonly id: string } {
  const task = taskOf(sent);
  const path = sent.path.split("?")[0] ?? "";
  if (task === null) return { kind: `${sent.method} ${path}`, id: "" };
  return { kind: `POST ${task.type}`, id: task.id };
}

/** What stands, without what is another each time: times, versions, identities. */
function stateOf(fleet: Fleet): string {
  const read = (plural: string, name: string): unknown => fleet.sim.control.object(plural, SPACE, name);
  const all = {
    node: read("seinodes", NAME),
    set: read("statefulsets", NAME),
    pod: read("pods", `${NAME}-0`),
    claim: read("persistentvolumeclaims", `data-${NAME}`),
    service: read("services", NAME),
    isOpen: fleet.sim.control.isGateOpen(SPACE, NAME),
  };
  return JSON.stringify(all, (key, value: unknown) => {
    if (FLEETING.has(key)) return undefined;
    return key === "conditions" ? conditionsOf(value) : value;
  });
}

/** Only `status` of a condition: reasons and messages may remember a restart. */
function conditionsOf(value: unknown): unknown {
  const all = takenAs<readonly { type: string; status: string }[]>(value);
  return all
    .filter(({ status }) => status === "True")
    .map(({ type }) => type)
    .toSorted();
}

const FLEETING: ReadonlySet<string> = new Set([
  "uid",
  "resourceVersion",
  "managedFields",
  "creationTimestamp",
  "lastTransitionTime",
  "outcomes",
  "readinessTransitions",
  "podDeletion",
  "phaseTransitionTime",
  "podIP",
  "podIPs",
  "startTime",
  "containerStatuses",
  "initContainerStatuses",
  "containerID",
  "startedAt",
  "volumeName",
  "dataVolume",
  "deletionTimestamp",
]);

/** The apply that follows a creation: it is the node's without, whoever is noted as the owner of its fields. */
const AFTER_CREATION = `PATCH /api/v1/namespaces/${SPACE}/persistentvolumeclaims/data-${NAME}`;

/** Every single crash of a run with so many effects. */
export function singleCrashes(effects: number): readonly Crash[] {
  return Array.from({ length: effects }, (_, at) => at).flatMap((at) => moments.map((moment) => ({ at, moment })));
}

/** What a run with crashes has that the one without has not: states, kinds of effects, ids. */
export function differences(reference: CrashVerdict, crashed: CrashVerdict): readonly string[] {
  const states = crashed.states.flatMap((state, index) =>
    state === reference.states[index]
      ? []
      : [`state ${index}: ${firstDifference(reference.states[index] ?? "", state)}`],
  );
  const kinds = new Set([...Object.keys(reference.distinct), ...Object.keys(crashed.distinct)]);
  const effects = [...kinds].flatMap((kind) => {
    const [want = 0, got = 0] = [reference.distinct[kind], crashed.distinct[kind]];
    const isFine = want === got || (got === 0 && kind === AFTER_CREATION);
    return isFine ? [] : [`effects: ${kind}: got ${got}, want ${want}`];
  });
  return [...crashed.breaches, ...states, ...effects];
}

function firstDifference(want: string, got: string): string {
  const at = Array.from(want).findIndex((char, index) => char !== got[index]);
  const from = Math.max(0, at - 60);
  return `got …${got.slice(from, at + 60)}…, want …${want.slice(from, at + 60)}…`;
}
