/** What a fleet owes once nothing is wrong any more, each promise a function. */
import { RUNNING_PLAN_DEADLINE_MS } from "../../../src/model/index.ts";
import type { Care } from "../care.ts";
import { nodeCommitted, statusPatchOf, taskOf } from "../invariants/invariant.ts";
import type { Happening } from "../invariants/index.ts";
import { type Fleet, type Replica, SPACE } from "./fleet.ts";

const HEAL_MS = 25 * 60_000;
/** Whatever is still to come of a fault is over by then. */
const SETTLE_MS = 60_000;
const STEP_MS = 5_000;
const REPAIR_MS = 32_000;
const FAILOVER_MS = 20_000;
const RELEASE_MS = 3_000;
const SHUTDOWN_MS = 20_000;
const DEAD_WATCH_MS = 60_000;
/** 20 polls. */
const QUIET_MS = 200_000;
/** A plan is closed by the process that looks at it next. */
const OVERRUN_MS = 90_000;

/** `untilMs`: the seed goes on until then. `isLong`: also what takes a quarter of an hour. */
export interface ExamOptions {
  readonly untilMs: number;
  readonly isLong: boolean;
}

/** All of them, one after another; those that need a fleet at rest are left out where it came to none. */
export function exams(fleet: Fleet, care: Care, { untilMs, isLong }: ExamOptions): void {
  if (!everyNodeComesToRest(fleet, care)) return;
  gateIsOpenedInTime(fleet);
  deadWatchIsReplaced(fleet);
  isTakenUp(fleet, care);
  rest(fleet, care);
  fleetIsQuiet(fleet, untilMs);
  if (isLong) stuckPlanEnds(fleet);
  successorActsInTime(fleet);
  stoppedProcessLeavesInOrder(fleet);
}

/** Every node comes to rest, whatever befell the others, and no plan is in its way for longer than it may be. */
export function everyNodeComesToRest(fleet: Fleet, care: Care): boolean {
  fleet.time.run(SETTLE_MS);
  const left = rest(fleet, care);
  for (const name of left) fleet.breach(`rest ${name} is not at rest: ${care.unrest(name)}`);
  return left.length === 0;
}

function rest(fleet: Fleet, care: Care): readonly string[] {
  const end = fleet.now + HEAL_MS;
  let left: readonly string[] = fleet.nodes;
  for (;;) {
    for (const name of left) care.mend(name);
    left = fleet.nodes.filter((name) => care.unrest(name) !== null);
    for (const name of left) planIsInTime(fleet, care, name);
    if (left.length === 0 || fleet.now >= end) return left;
    fleet.time.run(STEP_MS);
  }
}

/** An Active plan of a Running node is not there beyond its deadline. */
export function planIsInTime(fleet: Fleet, care: Care, name: string): void {
  const status = care.node(name)?.status;
  const plan = status?.plan;
  if (status?.phase !== "Running" || plan?.phase !== "Active") return;
  const age = fleet.time.clock.wall() + fleet.wallSetBy - Date.parse(plan.createdAt ?? "");
  // A clock that was set moves the age by as much.
  const isOld = age > RUNNING_PLAN_DEADLINE_MS + OVERRUN_MS && fleet.wallSetBy === 0;
  if (isOld)
    fleet.breach(`deadline ${name}: plan ${plan.id} (${plan.reason}) is Active for ${Math.round(age / 1_000)} s`);
}

/** A plan that comes to nothing is ended at its deadline. */
export function stuckPlanEnds(fleet: Fleet): void {
  const { sim, time } = fleet;
  const name = fleet.nodes.at(-1) ?? "";
  const plans = new Map<string, number>();
  const forget = listen(fleet, (happening) => {
    const seen = nodeCommitted(happening);
    const plan = seen?.node.metadata.name === name ? seen.node.status?.plan : null;
    if (plan?.phase === "Active" && !plans.has(plan.id)) plans.set(plan.id, happening.at);
    for (const id of plans.keys()) if (seen?.node.metadata.name === name && plan?.id !== id) plans.delete(id);
  });
  sim.control.setImageBad("sei:bad", true);
  fleet.tell(sim.control.setImage(SPACE, name, "sei:bad"));
  time.run(RUNNING_PLAN_DEADLINE_MS + 2 * OVERRUN_MS);
  for (const [id, at] of plans) {
    const age = fleet.now - at;
    if (age > RUNNING_PLAN_DEADLINE_MS + OVERRUN_MS)
      fleet.breach(`deadline ${name}: plan ${id} is Active for ${age} ms`);
  }
  forget();
  sim.control.setImageBad("sei:bad", false);
  fleet.tell(sim.control.setImage(SPACE, name, "sei:1"));
  time.run(5 * SETTLE_MS);
}

/** A gate that is found shut is opened within 32 s, by one plan, also while another sidecar hangs. */
export function gateIsOpenedInTime(fleet: Fleet): void {
  const { sim, time, nodes } = fleet;
  const [name, other] = [nodes[0] ?? "", nodes[1] ?? ""];
  // What somebody did to its tasks before may want a person's word again.
  sim.control.forgetTasks(SPACE, name);
  if (other !== "") sim.control.hangSidecar(SPACE, other, true);
  sim.control.restartSidecar(SPACE, name);
  const ids = new Set<string>();
  const from = fleet.now;
  let openedMs = Number.POSITIVE_INFINITY;
  const forget = listen(fleet, (happening) => {
    const task = happening.kind === "sent" ? taskOf(happening.sent) : null;
    if (task?.type !== "mark-ready" || fleet.truth.ownerOf(task.id)?.name !== name) return;
    ids.add(task.id);
    openedMs = Math.min(openedMs, happening.at - from);
  });
  time.run(REPAIR_MS + 10_000);
  forget();
  if (other !== "") sim.control.hangSidecar(SPACE, other, false);
  if (openedMs > REPAIR_MS) fleet.breach(`repair ${name}: its gate was shut, and mark-ready came after ${openedMs} ms`);
  if (ids.size > 1) fleet.breach(`repair ${name}: one loss, and ${ids.size} tasks mark-ready`);
}

/** Watches that tell nothing any more are asked for anew, and what they missed is known, though it is forgotten there. */
export function deadWatchIsReplaced(fleet: Fleet): void {
  const kinds = ["pods", "seinodes", "statefulsets"];
  const again = new Set<string>();
  const { control } = fleet.sim;
  for (const plural of kinds) control.silence({ plural }, 1);
  const name = fleet.nodes.at(-1) ?? "";
  fleet.tell(control.setImage(SPACE, name, "sei:5"));
  fleet.time.timers.after(1_000, () => control.compact());
  const forget = listen(fleet, (happening) => {
    if (happening.kind !== "watching") return;
    for (const plural of kinds)
      if (happening.path.split("?")[0]?.endsWith(`/${plural}`)) again.add(`${happening.by} ${plural}`);
  });
  fleet.time.run(DEAD_WATCH_MS);
  forget();
  const living = fleet.replicas.filter(({ life }) => life !== null);
  for (const { identity } of living) {
    for (const plural of kinds)
      if (!again.has(`${identity} ${plural}`))
        fleet.breach(`watch ${identity}: its dead watch of ${plural} was not replaced`);
  }
}

/** The spec that changed meanwhile has been taken up. */
function isTakenUp(fleet: Fleet, care: Care): void {
  const name = fleet.nodes.at(-1) ?? "";
  fleet.time.run(REPAIR_MS);
  const { currentImage } = care.node(name)?.status ?? {};
  if (currentImage !== "sei:5")
    fleet.breach(`watch ${name}: its spec changed while the watch was dead, and it runs ${currentImage}`);
}

/** A fleet at rest costs no write but the Lease, no Event and no task. */
export function fleetIsQuiet(fleet: Fleet, untilMs: number): void {
  fleet.time.run(SETTLE_MS);
  const written: string[] = [];
  const forget = listen(fleet, (happening) => {
    if (happening.kind !== "sent" || happening.sent.method === "GET") return;
    const { method, path } = happening.sent;
    if (!path.includes("/leases")) written.push(`${method} ${path.split("?")[0]}`);
  });
  fleet.time.run(Math.max(QUIET_MS, untilMs - fleet.now));
  forget();
  if (written.length > 0)
    fleet.breach(`quiet ${written.length} writes while nothing happened, the first ${written[0]}`);
}

/** Who acts on a node; null while nobody holds its Lease. */
function leaderOf(fleet: Fleet, name: string): Replica | null {
  const lease = fleet.sim.control.object("leases", "tide", fleet.leaseOf(name));
  const holder = JSON.stringify(lease ?? {});
  return (
    fleet.replicas.find(({ identity, life }) => life !== null && holder.includes(`"holderIdentity":"${identity}"`)) ??
    null
  );
}

/** The leader is killed, and another has its first effect within 20 s; a clock at another rate stretches that. */
export function successorActsInTime(fleet: Fleet): void {
  const name = fleet.nodes.at(-1) ?? "";
  const leader = leaderOf(fleet, name);
  if (leader === null) return fleet.breach(`failover nobody holds the Lease of ${name}`);
  const slowest = Math.min(...fleet.replicas.map(({ rate }) => rate));
  fleet.isAway = true;
  leader.life?.kill();
  const from = fleet.now;
  fleet.sim.control.forgetTasks(SPACE, name);
  fleet.sim.control.restartSidecar(SPACE, name);
  let actedMs = Number.POSITIVE_INFINITY;
  const forget = listen(fleet, (happening) => {
    const isEffect = happening.kind === "sent" && (taskOf(happening.sent) ?? statusPatchOf(happening.sent)) !== null;
    if (isEffect) actedMs = Math.min(actedMs, happening.at - from);
  });
  const limitMs = FAILOVER_MS / slowest;
  fleet.time.run(limitMs + STEP_MS);
  forget();
  fleet.isAway = false;
  if (actedMs > limitMs) fleet.breach(`failover the leader was killed, and its successor acted after ${actedMs} ms`);
  fleet.time.run(30_000);
}

/** A process that is told to stop is gone in 20 s, gives the Lease back last, and another has it within 3 s. */
export function stoppedProcessLeavesInOrder(fleet: Fleet): void {
  const name = fleet.nodes[0] ?? "";
  const leader = leaderOf(fleet, name);
  if (leader === null) return fleet.breach(`shutdown nobody holds the Lease of ${name}`);
  const { identity } = leader;
  const lease = fleet.leaseOf(name);
  let releasedAt = Number.POSITIVE_INFINITY;
  let takenMs = Number.POSITIVE_INFINITY;
  let late = "";
  const forget = listen(fleet, (happening) => {
    if (
      happening.kind === "sent" &&
      happening.by === identity &&
      happening.at > releasedAt &&
      statusPatchOf(happening.sent) !== null
    )
      late = happening.sent.path;
    if (happening.kind !== "committed" || happening.revision.resource.plural !== "leases") return;
    const object = JSON.stringify(happening.revision.object);
    if (!object.includes(`"name":"${lease}"`)) return;
    const isHeld = /"holderIdentity":"[^"]/.test(object);
    if (!isHeld) releasedAt = Math.min(releasedAt, happening.at);
    else if (!object.includes(`"holderIdentity":"${identity}"`)) takenMs = Math.min(takenMs, happening.at - releasedAt);
  });
  fleet.isAway = true;
  leader.life?.stop();
  fleet.time.run(SHUTDOWN_MS);
  forget();
  if (leader.life !== null) fleet.breach(`shutdown ${identity} was told to stop, and is there after ${SHUTDOWN_MS} ms`);
  if (late !== "") fleet.breach(`shutdown ${identity} wrote ${late} after it had given the Lease back`);
  if (takenMs > RELEASE_MS) fleet.breach(`failover the Lease was given back, and taken after ${takenMs} ms`);
}

function listen(fleet: Fleet, hear: (happening: Happening) => void): () => void {
  fleet.listeners.add(hear);
  return () => void fleet.listeners.delete(hear);
}
