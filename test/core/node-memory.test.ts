import { expect, test } from "bun:test";
import { askAgainMs, newMemory, probeDeadlineMs } from "../../src/core/node-memory.ts";

test.each([
  ["alone", 0, 1, 50],
  ["with nine others", 0, 10, 50],
  ["with thirty others", 0, 30, 50],
  ["with forty-nine others", 0, 50, 75],
  ["in a fleet that was drained at once", 0, 200, 150],
  ["after 30 s, alone or not", 30_000, 1, 150],
  ["after a minute", 60_000, 1, 1000],
  ["after three minutes: the steady poll alone", 180_000, 1, null],
])("a sidecar that does not answer yet is asked again, %s", (_title, sincePodEvent, crowd, againMs) => {
  const memory = { ...newMemory("uid"), podEventAt: 1000 };
  expect(askAgainMs(memory, 1000 + sincePodEvent, crowd)).toBe(againMs);
});

test("a probe may take half a second in the minute after a Pod event, then two", () => {
  const memory = { ...newMemory("uid"), podEventAt: 1000 };
  expect([0, 59_999, 60_000].map((since) => probeDeadlineMs(memory, 1000 + since))).toEqual([500, 500, 2000]);
});
