/** What every task declares: others rely on it and look at nothing else. */
import { describe, expect, test } from "bun:test";
import { taskDeadlineMs, tasks, touchesObjects } from "../../src/executor/index.ts";
import { RUNNING_PLAN_DEADLINE_MS } from "../../src/model/index.ts";

test("no two tasks have one type", () => {
  expect(new Set(tasks.map(({ type }) => type)).size).toBe(tasks.length);
});

describe.each(tasks.map((task) => [task.type, task] as const))("the task %s", (type, task) => {
  test("has no less time than a plan of a Running node", () => {
    expect(task.deadlineMs).toBeGreaterThanOrEqual(RUNNING_PLAN_DEADLINE_MS);
    expect(taskDeadlineMs(type)).toBe(task.deadlineMs);
  });

  test("touches objects where the controller does it, and leaves them alone where the sidecar does", () => {
    expect(task.touchesObjects).toBe(task.by === "controller");
    expect(touchesObjects(type)).toBe(task.touchesObjects);
  });

  test("is told in a sentence, with params by name and rights that name a resource", () => {
    expect(task.about).toMatch(/^[a-z].*[^.]$/);
    for (const name of Object.keys(task.params)) expect(name).toMatch(/^[a-z][A-Za-z]+$/);
    for (const { resources, verbs } of task.rbac) expect(resources.length * verbs.length).toBeGreaterThan(0);
  });

  test("that the sidecar does writes no object", () => {
    if (task.by === "controller") return;
    const written = task.rbac.filter(({ resources }) => !resources.includes("pods/proxy"));
    for (const { verbs } of written) expect(verbs).toEqual(["get"]);
  });
});

test("a task that is not known is taken to touch objects, and has the time of most", () => {
  expect(touchesObjects("no-such-task")).toBe(true);
  expect(taskDeadlineMs("no-such-task")).toBe(RUNNING_PLAN_DEADLINE_MS);
});
