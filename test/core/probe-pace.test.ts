/** How often and how long a sidecar is asked after a Pod event. */
import { expect, test } from "bun:test";
import { NodeMemory } from "../../src/core/node-memory.ts";
import { askAgainMs, probeDeadlineMs, untoldMs } from "../../src/core/probe-pace.ts";

test.each([
  ["alone", 0, 1, 50],
  ["with nine others", 0, 10, 50],
  ["with forty-nine others", 0, 50, 50],
  ["with ninety-nine others", 0, 100, 100],
  ["in a fleet that was drained at once", 0, 200, 150],
  ["after 30 s, alone or not", 30_000, 1, 150],
  ["after a minute", 60_000, 1, 1000],
  ["after three minutes: the steady poll alone", 180_000, 1, null],
])("a sidecar that does not answer yet is asked again, %s", (_title, sincePodEvent, crowd, againMs) => {
  const memory = { podEventAt: 1000 };
  expect(askAgainMs(memory, 1000 + sincePodEvent, crowd)).toBe(againMs);
});

test("a probe may take half a second in the minute after a Pod event, then two", () => {
  const memory = { podEventAt: 1000 };
  expect([0, 59_999, 60_000].map((since) => probeDeadlineMs(memory, 1000 + since))).toEqual([500, 500, 2000]);
});

test.each([
  ["alone", 0, 0, 0],
  ["with three others", 0, 4, 1000],
  ["with three others, a little later", 900, 4, 100],
  ["while a fleet is drained", 0, 500, 8000],
  ["while a fleet is drained, later", 8000, 500, 0],
])("that a sidecar does not answer is told after a while, %s", (_title, sincePodEvent, crowd, leftMs) => {
  const memory = { podEventAt: 1000 };
  expect(untoldMs(memory, 1000 + sincePodEvent, crowd)).toBe(leftMs);
});

test("without a Pod event it is told at once, whoever is waited for", () => {
  expect(untoldMs(new NodeMemory("uid"), 1000, 500)).toBe(0);
});
