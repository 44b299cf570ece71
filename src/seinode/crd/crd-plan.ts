/** Schema of `status.plan`. */
import { about, int, list, object, oneOf, opaque, text, time, whole } from "./crd-schema.ts";
import { PHASES, PLAN_PHASES, TASK_STATES } from "../../model/index.ts";

/** Schema of a plan: the reference's fields and ours. */
export function planSchema() {
  const plan = object(
    {
      id: about("A UUID, new for every plan.", text()),
      phase: oneOf(PLAN_PHASES),
      tasks: about("Its steps, done in this order.", list(task())),
      targetPhase: about("Phase of the node when it is done; empty = as it is.", oneOf(["", ...PHASES])),
      failedPhase: about("Phase of the node when it fails; empty = as it is.", oneOf(["", ...PHASES])),
      failedTaskIndex: about("Which step failed, from 0.", int("int32")),
      failedTaskDetail: about("How that step failed.", failedTask()),
      detector: about("Who asked for it.", text()),
      reason: about("What it is for.", text()),
      message: about("The same in a sentence, where condition Drift does not say it.", text()),
      createdAt: time(),
      generation: about("The spec it was made under.", int("int64")),
      budget: about("The budget of the fleet that it has a place in.", text()),
      madeFrom: about("Fields of the spec it was made from; it ends when one changes.", opaque()),
      incarnation: incarnation("The life of the sidecar that it is bound to."),
    },
    ["phase", "tasks"],
  );
  return whole(plan);
}

/** Schema of one life of a sidecar. */
export function incarnation(description: string) {
  return about(description, object({ podUid: text(), containerId: text(), restartCount: int("int32") }));
}

function task() {
  return object(
    {
      type: text(),
      id: about("A UUID that follows from plan, type and index.", text()),
      status: oneOf(TASK_STATES),
      params: about("What it is given.", opaque()),
      startedAt: about("When this try began.", time()),
      submittedAt: about("When the sidecar took it.", time()),
      error: about("Why the last try failed.", text()),
      maxRetries: int("int32"),
      retryCount: int("int32"),
    },
    ["type", "id", "status"],
  );
}

function failedTask() {
  return object({ type: text(), id: text(), error: text(), retryCount: int("int32"), maxRetries: int("int32") });
}
