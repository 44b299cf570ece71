/** A task that the sidecar carries out: handed over once, then polled. `mark-ready` has a file of its own around it. */
import type { Outcome, PodView, SeiNode, StoredTask, TaskContext } from "../model/index.ts";
import { withoutPod } from "./bootstrap.ts";
import { aimOf, confirmThen, type Ground, type Meant, NOTHING_MORE } from "./confirm.ts";
import { again, awaitsPod, done, fail, soon } from "./outcomes.ts";
import { placeProof } from "./proofs.ts";
import type { ExecutorPorts, SidecarReads } from "./ports.ts";
import { type Given, sidecarStep, type Task } from "./task.ts";
import { type ParamsDeclared, wireParams } from "./wire-params.ts";
import type { JsonObject } from "../base/index.ts";

/** A task that runs longer is asked after this often. */
const POLL_MS = 1000;
const MOVED_ON_MS = 50;
/** Right after the hand-over a quick task is asked after a few times in the same reconcile. */
const QUICK_POLLS_MS = [0, 15, 40, 100];

/**
 * A step that the sidecar runs: handed over once, then polled until it is terminal.
 *
 * A task that may have been handed over before (after a restart, or a reply that was lost) is asked for first: the
 * sidecar runs a failed id again when it is posted again.
 */
export function polledTask(given: Omit<Given, "run" | "rbac">): Task {
  const task: Task = sidecarStep({
    ...given,
    async run(context, ports) {
      const at = addressee(task, context, ports);
      return at === null ? withoutPod(context, ports) : submitOnce(context, at);
    },
  });
  return task;
}

/** Whom a task is handed to. */
export interface Addressee {
  readonly pod: PodView;
  readonly sidecar: SidecarReads;
  readonly ports: ExecutorPorts;
  /** How the task's params are sent. */
  readonly declared: ParamsDeclared;
}

/** The Pod that stands there as far as is stored, with its sidecar; null while there is none that could answer. */
export function addressee(declared: ParamsDeclared, { node }: TaskContext, ports: ExecutorPorts): Addressee | null {
  const owned = ports.owned(node);
  const sidecar = ports.sidecar(node, owned);
  return owned.pod === null || sidecar === null ? null : { pod: owned.pod, sidecar, ports, declared };
}

/**
 * Hands the task over unless the sidecar has it, and asks what became of it. The Pod and its volume are proven right
 * before, whatever the task; `more` with them.
 */
export async function submitOnce(context: TaskContext, at: Addressee, more: Ground = NOTHING_MORE): Promise<Outcome> {
  const { task, fresh, signal, sinceStartMs } = context;
  const { sidecar, ports, pod, declared } = at;
  const params = wireParams(declared, task.params);
  if (!params.ok) return fail("BAD_PARAMS", `the stored params of ${task.type} cannot be read`);
  if (!fresh || task.status === "Running") {
    const known = await sidecar.task(task.id, signal);
    if (known.kind === "found" && !isOldFailure(task, known.task)) return judgeTask(known.task);
    if (known.kind === "unreachable") return awaitsPod(soon(sinceStartMs), known.cause);
  }
  return handOver(
    context,
    { ...at, params: params.params ?? {} },
    { ...more, together: [() => placeProof(context, pod, ports), ...more.together] },
  );
}

/**
 * True for the failure of a try that was counted already: posting the id again makes the sidecar run it again, its
 * run one higher. A task that was handed over in this try stands as Running, and then every failure is a new one.
 */
function isOldFailure(task: StoredTask, found: { readonly status: string; readonly run: number | null }): boolean {
  const counted = task.retryCount ?? 0;
  if (counted === 0 || task.status === "Running" || found.status !== "failed") return false;
  return found.run === null || found.run <= counted;
}

function handOver(
  context: TaskContext,
  at: Addressee & { readonly params: JsonObject },
  ground: Ground,
): Promise<Outcome> {
  const { node, task, signal, sinceStartMs } = context;
  const { pod, ports, params } = at;
  const aim = aimOf(context, ports);
  const meant: Meant = (newest) => aim.meant(newest) ?? movedOn(newest, context, at);
  return confirmThen({ ...aim, meant }, ground, async (effects) => {
    const reply = await effects.submit({ node, pod }, { id: task.id, type: task.type, params }, signal);
    switch (reply.kind) {
      case "accepted":
        return follow(context, at);
      case "unreachable":
        return awaitsPod(soon(sinceStartMs), reply.cause);
      case "unconfirmed":
        return again(1000, reply.cause);
      case "rejected":
        return fail("SIDECAR_REJECTED", reply.cause);
    }
  });
}

/** What the mirrors have told while the live reads were on their way; null where it is what was read. */
function movedOn(newest: SeiNode, { node }: TaskContext, { pod, ports }: Addressee): Outcome | null {
  const now = ports.owned({ ...newest, status: node.status });
  const isSame = now.pod?.uid === pod.uid && now.pod.ip === pod.ip && !now.pod.deleting;
  const isOnVolume = now.claim === null || now.claim.uid === node.status.dataVolume?.uid;
  return isSame && isOnVolume ? null : again(MOVED_ON_MS, "the Pod or its volume changed meanwhile");
}

async function follow({ task: { id }, signal }: TaskContext, { sidecar, ports }: Addressee): Promise<Outcome> {
  for (const ms of QUICK_POLLS_MS) {
    if (ms > 0) await ports.pause(ms);
    const known = await sidecar.task(id, signal);
    if (known.kind === "unreachable") break;
    const outcome = known.kind === "found" ? judgeTask(known.task) : null;
    if (outcome !== null && outcome.kind !== "submitted") return outcome;
  }
  return { kind: "submitted", afterMs: POLL_MS };
}

function judgeTask(task: { readonly status: string; readonly type: string; readonly error: string | null }): Outcome {
  if (task.status === "completed") return done;
  if (task.status === "failed") {
    return fail("SIDECAR_TASK_FAILED", `${task.type}: ${task.error ?? "the sidecar gave no reason"}`);
  }
  return { kind: "submitted", afterMs: POLL_MS };
}
