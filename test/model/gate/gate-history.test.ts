/** What a sidecar's tasks prove of its gate. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { SidecarTask } from "../../../src/model/index.ts";
import { gateHistory } from "../../../src/model/gate/gate-history.ts";

const [nine, ten, eleven] = ["2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"];

function task(type: string, submittedAt: string | null, status: SidecarTask["status"] = "completed"): SidecarTask {
  return { id: `${type}-${submittedAt}`, type, status, error: null, submittedAt };
}
const opened = (at: string | null, status?: SidecarTask["status"]) => task("mark-ready", at, status);
const shut = (at: string | null, status?: SidecarTask["status"]) => task("mark-not-ready", at, status);
/** So many tasks that are none of the gate's. */
const others = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...task("config-apply", nine), id: `other-${index}` }));

describe("the tasks of a sidecar tell of its gate", () => {
  test.each<[string, readonly SidecarTask[]]>([
    ["there is no task", []],
    ["no task is the gate's", others(99)],
    ["it was opened", [opened(nine)]],
    ["it was shut, then opened", [shut(nine), opened(ten)]],
    [
      "it was shut, then opened, as times in other zones",
      [shut("2026-01-01T11:00:00+02:00"), opened("2026-01-01T09:30:00Z")],
    ],
    ["a shutting failed before it was opened", [shut(nine, "failed"), opened(ten)]],
    ["an opening failed, and nobody shut it", [opened(ten, "failed")]],
    ["an opening is under way, and nobody shut it", [opened(ten, "running")]],
    ["the list is full, and an opening is in it", [opened(ten), ...others(99)]],
    [
      "it was opened a nanosecond after it was shut",
      [shut("2026-01-01T09:00:00.000000001Z"), opened("2026-01-01T09:00:00.000000002Z")],
    ],
    ["a tenth is later than nine hundredths", [shut("2026-01-01T09:00:00.09Z"), opened("2026-01-01T09:00:00.1Z")]],
    ["both are to come, the opening later", [shut("2099-01-01T09:00:00Z"), opened("2099-01-01T10:00:00Z")]],
  ])("that it may be opened: %s", (_title, tasks) => {
    expect(gateHistory(tasks)).toEqual({ kind: "mayOpen" });
    expect(gateHistory(tasks.toReversed())).toEqual({ kind: "mayOpen" });
  });

  test.each<[string, readonly SidecarTask[]]>([
    ["a shutting alone", [shut(nine)]],
    ["a shutting alone, whenever that was", [shut(null)]],
    ["opened, then shut", [opened(nine), shut(ten)]],
    ["a later task that is none of the gate's", [task("snapshot-upload", ten), shut(nine)]],
    ["a shutting that is still under way", [shut(ten, "running"), opened(nine)]],
    ["a shutting that failed", [shut(ten, "failed"), opened(nine)]],
    ["an opening that failed since", [shut(nine), opened(ten, "failed")]],
    ["an opening that did not end yet", [shut(nine), opened(ten, "running")]],
    ["opened, shut, and an opening that failed", [opened(nine), shut(ten), opened(eleven, "failed")]],
    ["times in other zones", [opened("2026-01-01T11:00:00+02:00"), shut(ten)]],
    ["a nanosecond", [opened("2026-01-01T09:00:00.123456788Z"), shut("2026-01-01T09:00:00.123456789Z")]],
    ["a full list", [shut(ten), ...others(99)]],
    ["a shutting to come", [shut("2099-01-01T09:00:00Z"), opened(ten)]],
  ])("that it was shut on purpose: %s", (_title, tasks) => {
    expect(gateHistory(tasks)).toEqual({ kind: "shutOnPurpose" });
    expect(gateHistory(tasks.toReversed())).toEqual({ kind: "shutOnPurpose" });
  });

  test.each<[string, readonly SidecarTask[], string]>([
    ["an opening without a time", [opened(null)], "no readable time"],
    ["an opening without a time after a shutting", [shut(nine), opened(null)], "no readable time"],
    ["a shutting without a time", [shut(null), opened(ten)], "no readable time"],
    ["a time that is none", [shut("yesterday"), opened(ten)], "no readable time"],
    ["a time that only some readers take", [shut("Thu, 01 Jan 2026 12:00:00 GMT"), opened(ten)], "no readable time"],
    ["a time without a zone", [shut("2026-01-01T12:00:00"), opened(ten)], "no readable time"],
    ["a day that is none", [shut("2026-02-31T09:00:00Z"), opened(ten)], "no readable time"],
    ["the time of Go that was never set", [shut("0001-01-01T00:00:00Z"), opened(ten)], "no readable time"],
    ["one moment", [shut(nine), opened(nine)], "same moment"],
    ["one moment in two zones", [shut(ten), opened("2026-01-01T12:00:00.000+02:00")], "same moment"],
    [
      "one moment to the nanosecond",
      [shut("2026-01-01T09:00:00.1000Z"), opened("2026-01-01T09:00:00.1Z")],
      "same moment",
    ],
    ["a full list", others(100), "full (100)"],
    ["a list that is too long", others(250), "full (100)"],
    ["a full list with an opening that failed", [opened(ten, "failed"), ...others(99)], "full (100)"],
    ["two tasks of one id", [opened(nine), { ...shut(nine), id: "MARK-READY-2026-01-01T09:00:00z" }], "one id"],
  ])("nothing, which is unknown: %s", (_title, tasks, why) => {
    expect(gateHistory(tasks)).toEqual({ kind: "unknown", why: expect.stringContaining(why) });
    expect(gateHistory(tasks.toReversed())).toEqual(gateHistory(tasks));
  });
});

test("a gate may be opened behind a shutting only where an opening that completed is later", () => {
  const statuses = fc.constantFrom<SidecarTask["status"]>("running", "completed", "failed");
  const written = fc.oneof(
    fc.constant(null),
    fc
      .tuple(fc.constantFrom("09", "10"), fc.nat(3))
      .map(([hour, nanos]) => `2026-01-01T${hour}:00:00.00000000${nanos}Z`),
  );
  const one = fc.record({ type: fc.constantFrom("mark-ready", "mark-not-ready"), at: written, status: statuses });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 6 }), (drawn) => {
      const tasks = drawn.map(({ type, at, status }, index) => ({ ...task(type, at, status), id: `id-${index}` }));
      if (gateHistory(tasks).kind !== "mayOpen") return;
      const shuttings = tasks.filter(({ type }) => type === "mark-not-ready");
      const isLater = (at: string): boolean =>
        tasks.some(
          ({ type, status, submittedAt }) =>
            type === "mark-ready" && status === "completed" && (submittedAt ?? "") > at,
        );
      expect(tasks.every(({ submittedAt }) => submittedAt !== null)).toBe(true);
      expect(shuttings.every(({ submittedAt }) => isLater(submittedAt ?? "~"))).toBe(true);
    }),
  );
});
