/** What every task declares: others rely on it and look at nothing else. */
import { describe, expect, test } from "bun:test";
import { tasks, taskTraits } from "../../src/executor/index.ts";
import { RUNNING_PLAN_DEADLINE_MS } from "../../src/model/index.ts";

test("no two tasks have one type", () => {
  expect(new Set(tasks.map(({ type }) => type)).size).toBe(tasks.length);
});

describe.each(tasks.map((task) => [task.type, task] as const))("the task %s", (type, task) => {
  test("has no less time than a plan of a Running node", () => {
    expect(task.deadlineMs).toBeGreaterThanOrEqual(RUNNING_PLAN_DEADLINE_MS);
    expect(taskTraits(type).limitMs).toBe(task.deadlineMs);
  });

  test("is told to the loop as it is declared, and needs a sidecar where the sidecar does it", () => {
    const { touchesObjects, makes } = task;
    expect(taskTraits(type)).toMatchObject({ touchesObjects, makes, needsSidecar: task.by === "sidecar" });
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

test("of a task that is not known the worst holds", () => {
  const worst = { limitMs: RUNNING_PLAN_DEADLINE_MS, touchesObjects: true, needsSidecar: true, makes: null };
  expect(taskTraits("no-such-task")).toEqual(worst);
});

test("what opens a gate alone touches no object", () => {
  expect(tasks.filter(({ touchesObjects }) => !touchesObjects).map(({ type }) => type)).toEqual(["mark-ready"]);
});
