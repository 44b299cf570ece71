/** The real timers with delays longer than the runtime takes. */
import { expect, test } from "bun:test";
import { timerDelay } from "../../src/http/longest-delay.ts";
import { realWorld } from "../../src/host/index.ts";

test.each<[string, number, number]>([
  ["an ordinary delay stays", 1500, 1500],
  ["one past 24 h is cut", 2 ** 31, 86_400_000],
  ["an endless one is cut", Number.POSITIVE_INFINITY, 86_400_000],
  ["one in the past is now", -5, 0],
])("%s", (_title, ms, want) => {
  expect(timerDelay(ms)).toBe(want);
});

test("the real timers fire, cancel, and do not take a long delay for none", async () => {
  const fired: string[] = [];
  const { timers } = realWorld;
  const cancelLong = timers.after(2 ** 31, () => fired.push("long"));
  timers.after(1, () => fired.push("cancelled"))();
  // A delay of 2^31 ms would fire after some 40 ms.
  await new Promise<void>((resolve) => timers.after(80, resolve));
  cancelLong();
  expect(fired).toEqual([]);
});
