/** Ids of tasks. */
import { expect, test } from "bun:test";
import { taskId } from "../../src/model/task-id.ts";

const PLAN = "00000000-0000-4000-8000-000000000000";

test.each([
  ["mark-ready", 0, "bfc1314a-0b03-5197-8db4-1b7f37264be3"],
  ["observe-image", 2, "72dd8daf-ab09-562c-bafb-3dd24e5d2acb"],
])("the id of %s at %d agrees with the reference", (type, index, want) => {
  expect(taskId(PLAN, type, index)).toBe(want);
});

test("an id depends on plan, type and index, and on nothing else", () => {
  expect(taskId(PLAN, "mark-ready", 0)).toBe(taskId(PLAN, "mark-ready", 0));
  const other = "10000000-0000-4000-8000-000000000000";
  const ids = [taskId(PLAN, "mark-ready", 1), taskId(other, "mark-ready", 0), taskId(PLAN, "mark-read", 0)];
  expect(new Set([...ids, taskId(PLAN, "mark-ready", 0)]).size).toBe(4);
});
