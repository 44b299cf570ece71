/**
 * What earlier steps of a plan made is kept while later ones need it: outside of a plan the workload detector puts a
 * set or a Service back, and here nobody else would.
 *
 * Objects that hold no state are made again at any time. A claim or a Job is as long as no sidecar has finished a step:
 * after that a blank volume would be configured by half, and what a Job did is nobody's to guess.
 */
import { workflowHold } from "../model/gate/index.ts";
import { isAsApplied, type Outcome, type OwnedDigests, type StoredPlan, type TaskContext } from "../model/index.ts";
import { claimName } from "../seinode/objects/index.ts";
import { isSidecarTask } from "../seinode/plans/index.ts";
import { aimOf, confirmThen, NOTHING_MORE } from "./confirm.ts";
import { again, done, failed, foreign, failureOutcome } from "./outcomes.ts";
import type { ExecutorPorts } from "./ports.ts";
import { applyService } from "./tasks/apply-service.ts";
import { applyStatefulSet } from "./tasks/apply-statefulset.ts";
import { deployBootstrapJob } from "./tasks/deploy-bootstrap-job.ts";
import { deployBootstrapService } from "./tasks/deploy-bootstrap-service.ts";
import { ensureDataPvc } from "./tasks/ensure-data-pvc.ts";

/** Whoever takes the same thing away again and again is not fought faster than this. */
const AGAIN_MS = 1000;

/** A step whose work somebody undid. */
export interface Loss {
  /** The outcome of the present task meanwhile; `done` where nothing was lost after all, and the task may run. */
  makeUp(context: TaskContext, ports: ExecutorPorts): Promise<Outcome>;
}

/** The first step whose work does not stand any more, as far as is stored; null when all of it does. */
export function firstLoss(context: TaskContext, ports: ExecutorPorts): Loss | null {
  if (workflowHold(context.node) !== null) return null;
  for (const type of stepsToKeep(context.plan, context.index)) {
    const keeper = KEEPERS.get(type);
    if (keeper !== undefined && !keeper.stands(context, ports)) return keeper;
  }
  return null;
}

/** Steps that are over, without those whose work was taken down since. */
function stepsToKeep({ tasks }: StoredPlan, index: number): readonly string[] {
  const types = tasks.slice(0, index + 1).map(({ type }) => type);
  const isTornDown = types.includes("teardown-bootstrap");
  return types.slice(0, -1).filter((type) => !isTornDown || !type.startsWith("deploy-bootstrap-"));
}

interface Keeper extends Loss {
  stands(context: TaskContext, ports: ExecutorPorts): boolean;
}

const KEEPERS: ReadonlyMap<string, Keeper> = new Map<string, Keeper>([
  ["ensure-data-pvc", { stands: hasClaim, makeUp: claimAgain }],
  [
    "deploy-bootstrap-service",
    { stands: hasService, makeUp: (at, ports) => made(deployBootstrapService.run(at, ports)) },
  ],
  ["deploy-bootstrap-job", { stands: hasJob, makeUp: jobAgain }],
  ["apply-statefulset", { stands: hasSet, makeUp: (at, ports) => made(applyStatefulSet.run(at, ports)) }],
  ["apply-service", { stands: hasService, makeUp: (at, ports) => made(applyService.run(at, ports)) }],
]);

/** What was made again is looked at once more before the plan goes on. */
async function made(run: Promise<Outcome>): Promise<Outcome> {
  const outcome = await run;
  if (outcome.kind !== "done") return outcome;
  return {
    ...again(AGAIN_MS, "what an earlier step had made was gone or edited, and was made again"),
    ...statusOf(outcome),
  };
}

function statusOf({ status }: Extract<Outcome, { kind: "done" }>): Pick<Extract<Outcome, { kind: "done" }>, "status"> {
  return status === undefined ? {} : { status };
}

function hasSet({ node }: TaskContext, ports: ExecutorPorts): boolean {
  const { statefulSet } = ports.around(node);
  return statefulSet !== null && !statefulSet.deleting && isKept(node.status.applied?.statefulSet, statefulSet);
}

function hasService({ node }: TaskContext, ports: ExecutorPorts): boolean {
  const { service } = ports.around(node);
  return service !== null && !service.deleting && isKept(node.status.applied?.service, service);
}

/** What another program applied is not ours to compare. */
function isKept(was: string | undefined, object: OwnedDigests): boolean {
  return was === undefined || isAsApplied(was, object);
}

function hasJob({ node, plan }: TaskContext, ports: ExecutorPorts): boolean {
  return ports.bootstrapJob(node) !== null || hasFinishedAStep(plan);
}

async function jobAgain(context: TaskContext, ports: ExecutorPorts): Promise<Outcome> {
  const outcome = await deployBootstrapJob.run(context, ports);
  // One that is there and yet not stored lost its label: the task that waits for it says so.
  const isThere = outcome.kind === "done" && ports.bootstrapJob(context.node) === null;
  return isThere ? done : made(Promise.resolve(outcome));
}

/** An imported volume is never written to, whatever its name, and one under another name is not ours to make again. */
function hasClaim({ node }: TaskContext, ports: ExecutorPorts): boolean {
  const { name, uid } = node.metadata;
  const known = node.status.dataVolume;
  if (known?.claimName !== claimName(name) || ports.imports.wanted(node) !== null) return true;
  const { claim } = ports.around(node);
  return claim?.uid === known.uid && claim.ownerUid === uid && claim.node === name;
}

async function claimAgain(context: TaskContext, ports: ExecutorPorts): Promise<Outcome> {
  const { node, plan } = context;
  const { namespace, name } = node.metadata;
  const what = `claim ${claimName(name)}`;
  const found = await ports.objects.claim(namespace, claimName(name));
  if (found.kind !== "ok" && found.kind !== "notFound") return failureOutcome(what, found);
  if (found.kind === "ok" && found.value.uid === node.status.dataVolume?.uid) {
    return reclaimed(context, found.value, ports);
  }
  if (!hasFinishedAStep(plan)) return made(ensureDataPvc.run(context, ports));
  return failed("DATA_VOLUME_LOST", `${what}: it is gone, with what was brought onto it`);
}

/** The very claim that was noted, without its label or its owner. */
async function reclaimed(
  context: TaskContext,
  claim: { readonly ownerUid: string | null; readonly node: string },
  ports: ExecutorPorts,
): Promise<Outcome> {
  const { node } = context;
  const { name, uid } = node.metadata;
  const what = `claim ${claimName(name)}`;
  if (claim.ownerUid === uid && claim.node === name) return done;
  if (claim.ownerUid !== null && claim.ownerUid !== uid) return foreign(what);
  return confirmThen(aimOf(context, ports), NOTHING_MORE, async ({ objects }) => {
    const reply = await objects.reclaim(ports.recipes.claim(node), node.status.dataVolume?.uid ?? "");
    return reply.kind === "ok" ? made(Promise.resolve(done)) : failureOutcome(what, reply);
  });
}

function hasFinishedAStep({ tasks }: StoredPlan): boolean {
  return tasks.some(({ type, status }) => isSidecarTask(type) && status === "Complete");
}
