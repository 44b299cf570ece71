/** Schema of `status`: all that the loop writes, and what only the reference writes is kept. */
import type { JsonObject } from "../core/json.ts";
import { int, list, object, oneOf, opaque, text, time } from "./crd-schema.ts";

/** Schema of `status`. */
export function statusSchema(): JsonObject {
  return {
    ...object({
      phase: oneOf(["", ...PHASES]),
      phaseTransitionTime: time(),
      observedGeneration: int("int64"),
      currentImage: text(),
      currentSidecarImage: text(),
      conditions: list(conditionSchema(), { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] }),
      plan: { ...planSchema(), nullable: true },
      history: list(recordSchema(), { maxItems: 10 }),
      rolledOutPod: object({ name: text(), uid: text() }, ["name", "uid"]),
      reinitialized: text(),
      applied: object({ generation: int("int64"), statefulSet: text(), service: text() }, ["generation"]),
      dataVolume: object({ claimName: text(), uid: text() }, ["claimName", "uid"]),
      readinessTransitions: list(object({ to: oneOf(["Ready", "NotReady"]), at: time() }, ["to", "at"]), {
        maxItems: 2,
      }),
      adoptedWorkflow: {
        ...object({ name: text(), uid: text(), adoptedAt: time() }, ["name"]),
        nullable: true,
      },
      resolvedPeers: list(text()),
      externalAddress: text(),
    }),
    // Fields of the later reference outlive us.
    "x-kubernetes-preserve-unknown-fields": true,
  };
}

function conditionSchema(): JsonObject {
  return object(
    {
      type: text({ maxLength: 316 }),
      status: oneOf(["True", "False", "Unknown"]),
      reason: text({ minLength: 1, maxLength: 1024, pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$" }),
      message: text({ maxLength: 32_768 }),
      lastTransitionTime: time(),
      observedGeneration: int("int64", { minimum: 0 }),
    },
    ["type", "status", "reason", "message", "lastTransitionTime"],
  );
}

function planSchema(): JsonObject {
  return object(
    {
      id: text(),
      phase: oneOf(["Active", "Complete", "Failed"]),
      tasks: list(taskSchema()),
      targetPhase: oneOf(["", ...PHASES]),
      failedPhase: oneOf(["", ...PHASES]),
      failedTaskIndex: int("int32"),
      failedTaskDetail: object({
        type: text(),
        id: text(),
        error: text(),
        retryCount: int("int32"),
        maxRetries: int("int32"),
      }),
      detector: text(),
      reason: text(),
      message: text(),
      createdAt: time(),
      madeFrom: opaque(),
      incarnation: incarnationSchema(),
      budget: text(),
    },
    ["id", "phase", "tasks"],
  );
}

function taskSchema(): JsonObject {
  return object(
    {
      type: text(),
      id: text(),
      status: oneOf(["Pending", "Running", "Complete", "Failed"]),
      params: opaque(),
      startedAt: time(),
      submittedAt: time(),
      error: text(),
      maxRetries: int("int32"),
      retryCount: int("int32"),
    },
    ["type", "id", "status"],
  );
}

function recordSchema(): JsonObject {
  return object(
    {
      id: text(),
      detector: text(),
      reason: text(),
      outcome: oneOf(["Complete", "Failed", "Superseded"]),
      healed: { type: "boolean" },
      message: text(),
      createdAt: time(),
      finishedAt: time(),
      incarnation: incarnationSchema(),
      budget: text(),
    },
    ["id", "outcome"],
  );
}

function incarnationSchema(): JsonObject {
  return object({ podUid: text(), containerId: text(), restartCount: int("int32") });
}

const PHASES = ["Pending", "Initializing", "Running", "Failed", "Terminating"];
