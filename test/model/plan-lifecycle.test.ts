/** A plan from its drift to its end. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Outcome } from "../../src/model/outcome.ts";
import type { Drift, StoredPlan } from "../../src/model/plan.ts";
import {
  advancePlan,
  currentTask,
  dueInMs,
  refuseUnanswered,
  lapsedField,
  planOf,
  planType,
  retryDelayMs,
  withStart,
} from "../../src/model/plan-lifecycle.ts";
import { taskId } from "../../src/model/task-id.ts";
import { Stage } from "../fixtures/stage.ts";

const ID = "7f2c1f9e-8f2b-4c64-9d0c-0d7a3c1f2e4b";
const at = "2026-01-01T00:00:00.000Z";

function drift(types: readonly string[], more: Partial<Drift> = {}): Drift {
  return { reason: "Test", message: "a gap", tasks: types.map((type) => ({ type, params: {} })), ...more };
}

function plan(types: readonly string[], more: Partial<Drift> = {}): StoredPlan {
  return planOf(drift(types, more), "test", { id: ID, at, generation: 2 });
}

const done: Outcome = { kind: "done" };
const submitted: Outcome = { kind: "submitted", afterMs: 1 };
const ran: Outcome = { kind: "failed", code: "SIDECAR_TASK_FAILED", why: "it broke" };
const refused = { kind: "failed", code: "SIDECAR_REJECTED", why: "no" } as const;

test("a plan is Active, its tasks Pending, their ids those of plan, type and index", () => {
  const made = plan(["a", "a"]);
  expect(made).toMatchObject({ id: ID, phase: "Active", detector: "test", createdAt: at });
  expect(made.tasks.map(({ id, status }) => [id, status])).toEqual([
    [taskId(ID, "a", 0), "Pending"],
    [taskId(ID, "a", 1), "Pending"],
  ]);
  expect(taskId(ID, "a", 0)).not.toBe(taskId(ID, "a", 1));
});

test("what a drift does not say is no key of its plan", () => {
  expect(Object.keys(plan(["a"])).toSorted()).toEqual([
    "createdAt",
    "detector",
    "generation",
    "id",
    "message",
    "phase",
    "reason",
    "tasks",
  ]);
});

describe("one outcome of the first of two tasks", () => {
  test.each<[string, Outcome, string, readonly string[]]>([
    ["not yet", { kind: "again", afterMs: 1, why: "" }, "Active", ["Pending", "Pending"]],
    ["handed over", submitted, "Active", ["Running", "Pending"]],
    ["done", done, "Active", ["Complete", "Pending"]],
    ["failed", refused, "Failed", ["Failed", "Pending"]],
    ["superseded", { kind: "superseded", why: "" }, "Failed", ["Pending", "Pending"]],
  ])("%s", (_title, outcome, phase, states) => {
    const next = advancePlan(plan(["a", "b"]), 0, outcome, at);
    expect<string>(next.phase).toBe(phase);
    expect<string[]>(next.tasks.map(({ status }) => status)).toEqual([...states]);
  });

  test("a plan is Complete with its last task", () => {
    const half = advancePlan(plan(["a", "b"]), 0, done, at);
    expect(currentTask(half)?.index).toBe(1);
    const whole = advancePlan(half, 1, done, at);
    expect([whole.phase, currentTask(whole)]).toEqual(["Complete", null]);
  });

  test("a failure names the task and why, cut to what status may hold", () => {
    const next = advancePlan(plan(["a"]), 0, { ...refused, why: "x".repeat(5000) }, at);
    expect(next.failedTaskIndex).toBe(0);
    expect(next.failedTaskDetail?.error).toStartWith("SIDECAR_REJECTED: xxx");
    expect(next.failedTaskDetail?.error.length).toBe(1024);
  });

  test("a task that is handed over already keeps the time it was handed over at", () => {
    const once = advancePlan(plan(["a"]), 0, submitted, at);
    expect(advancePlan(once, 0, submitted, "2027-01-01T00:00:00Z")).toBe(once);
  });
});

describe("a task that may be tried again", () => {
  const patient = planOf({ ...drift([]), tasks: [{ type: "a", params: {}, maxRetries: 2 }] }, "test", {
    id: ID,
    at,
    generation: 2,
  });

  test("is due after a pause with the same id, then fails for good", () => {
    const running = advancePlan(withStart(patient, 0, at), 0, submitted, at);
    const first = advancePlan(running, 0, ran, at);
    expect(first.phase).toBe("Active");
    expect(first.tasks[0]).toMatchObject({ id: patient.tasks[0]?.id ?? "", status: "Pending", retryCount: 1 });
    expect(first.tasks[0]).not.toHaveProperty("submittedAt");
    const last = advancePlan(advancePlan(first, 0, ran, at), 0, ran, at);
    expect([last.phase, last.failedTaskDetail?.retryCount]).toEqual(["Failed", 2]);
  });

  test("is not tried again after a refusal", () => {
    expect(advancePlan(patient, 0, refused, at).phase).toBe("Failed");
  });

  test("forgets its error when it is done", () => {
    const next = advancePlan(advancePlan(patient, 0, ran, at), 0, done, at);
    expect(next.tasks[0]).not.toHaveProperty("error");
  });

  test.each([
    [1, 10_000],
    [2, 20_000],
    [3, 30_000],
    [4, 30_000],
    [1000, 30_000],
  ])("waits before repeat %d", (count, ms) => {
    expect(retryDelayMs(count)).toBe(ms);
  });

  test("waits for nothing before it failed once, whatever the clock says", () => {
    const [task] = withStart(plan(["a"]), 0, "2026-01-01T00:00:10Z").tasks;
    expect(task === undefined ? null : dueInMs(task, -10_000)).toBe(0);
  });

  test.each([
    ["was never started", Number.NaN, 0],
    ["is due", 1000, 0],
    ["waits", -10_000, 10_000],
    ["waits for longer than any pause: the time is another's", -86_400_000, 0],
  ])("when it %s", (_title, startAgeMs, ms) => {
    const [task] = plan(["a"]).tasks;
    if (task === undefined) throw new Error("no task");
    expect(dueInMs({ ...task, retryCount: 1 }, startAgeMs)).toBe(ms);
  });

  test("tells no refusal any more once it was handed over", () => {
    const init = plan(["a"], { failedPhase: "Failed" });
    const waiting = advancePlan(init, 0, { kind: "failed", code: "API_REFUSED", why: "quota" }, at);
    expect(waiting.tasks[0]?.error).toBe("API_REFUSED: quota");
    expect(advancePlan(waiting, 0, submitted, at).tasks[0]).not.toHaveProperty("error");
  });
});

test.each([
  ["nothing it was made from", {}, null],
  ["the image it was made from", { "spec.image": "seid:v1" }, null],
  ["another image", { "spec.image": "seid:v0" }, "spec.image"],
  ["a field that is gone", { "spec.sidecar.image": "x" }, "spec.sidecar.image"],
  ["a name of the language", { "spec.toString": "x" }, "spec.toString"],
  ["an object that reads the same", { "spec.fullNode": {}, "spec.tags": { b: [2, { c: null }], a: 1 } }, null],
  ["an object that reads otherwise", { "spec.tags": { a: 1, b: [2, { c: 1 }] } }, "spec.tags"],
])("a plan that knows %s", (_title, madeFrom, field) => {
  const stage = new Stage();
  stage.edit({ tags: { a: 1, b: [2, { c: null }] } });
  expect(lapsedField(plan(["a"], { madeFrom }), stage.node())).toBe(field);
});

test.each([
  [["apply-statefulset", "apply-service", "observe-image", "mark-ready"], "node-update"],
  [["ensure-data-pvc", "observe-image", "mark-ready"], "init"],
  [["mark-ready"], "mark-ready-reapply"],
  [["mark-ready", "mark-ready"], "unknown"],
  [["apply-statefulset", "apply-service"], "workload-apply"],
  [["observe-image", "apply-statefulset", "apply-service"], "take-over"],
  [["observe-image"], "take-over"],
  [["apply-service", "config-patch"], "unknown"],
  [[], "unknown"],
] as const)("a plan of %p", (types, type) => {
  expect(planType({ tasks: types.map((name) => ({ type: name })) })).toBe(type);
});

test("a plan of a plugin's own steps is a plugin's, and one that nobody asked for is unknown", () => {
  const tasks = [{ type: "mark-ready" }, { type: "mark-ready" }];
  expect([planType({ tasks, detector: "theirs" }), planType({ tasks })]).toEqual(["plugin", "unknown"]);
  expect(planType({ tasks: [{ type: "apply-service" }], detector: "workload", reason: "TakeOver" })).toBe("take-over");
});

describe("whatever happens to a plan", () => {
  const outcome = fc.constantFrom<Outcome>(
    done,
    submitted,
    ran,
    refused,
    { kind: "again", afterMs: 1, why: "" },
    { kind: "superseded", why: "" },
  );
  const life = fc.record({
    tasks: fc.array(fc.record({ type: fc.constantFrom("a", "b"), maxRetries: fc.nat(2) }), {
      minLength: 1,
      maxLength: 6,
    }),
    outcomes: fc.array(outcome, { maxLength: 30 }),
  });
  const RANK = { Pending: 0, Running: 1, Complete: 2, Failed: 2 } as const;

  test("its list of tasks never changes and no task goes back, a counted retry aside", () => {
    fc.assert(
      fc.property(life, ({ tasks, outcomes }) => {
        const made = planOf(
          { reason: "Test", message: "", tasks: tasks.map((task) => ({ ...task, params: {} })) },
          "test",
          { id: ID, at, generation: 2 },
        );
        let plan = made;
        for (const one of outcomes) {
          const current = currentTask(plan);
          if (plan.phase !== "Active" || current === null) break;
          const next = advancePlan(withStart(plan, current.index, at), current.index, one, at);
          expect(next.tasks.map(({ type, id }) => [type, id])).toEqual(made.tasks.map(({ type, id }) => [type, id]));
          for (const [index, task] of next.tasks.entries()) {
            const before = plan.tasks[index];
            if (before === undefined) throw new Error("a task appeared");
            const isRetry = (task.retryCount ?? 0) === (before.retryCount ?? 0) + 1;
            expect(isRetry || RANK[task.status] >= RANK[before.status]).toBe(true);
            expect(task.retryCount ?? 0).toBeLessThanOrEqual(task.maxRetries ?? 0);
          }
          plan = next;
        }
        expect(plan.phase === "Complete").toBe(plan.tasks.every(({ status }) => status === "Complete"));
      }),
    );
  });
});

const MINUTE_MS = 60_000;

test.each<[string, StoredPlan, readonly [Outcome, number], string]>([
  ["an apply that was not answered yet waits", plan(["apply-service"]), [unanswered(true), 59_999], "again"],
  ["one that was not for a minute is refused", plan(["apply-service"]), [unanswered(true), MINUTE_MS], "failed"],
  ["one that waits for something else waits", plan(["apply-service"]), [unanswered(false), MINUTE_MS], "again"],
  ["a step that takes its time does so", plan(["observe-image"]), [unanswered(true), MINUTE_MS], "again"],
  ["init waits", plan(["apply-service"], { failedPhase: "Failed" }), [unanswered(true), MINUTE_MS], "again"],
  ["what came to something did", plan(["apply-service"]), [done, MINUTE_MS], "done"],
])("%s", (_title, made, [outcome, sinceMs], want) => {
  expect<string>(refuseUnanswered(made, 0, outcome, sinceMs).kind).toBe(want);
});

function unanswered(isUnanswered: boolean): Outcome {
  return { kind: "again", afterMs: 1, why: "timeout", ...(isUnanswered ? { isUnanswered } : {}) };
}
