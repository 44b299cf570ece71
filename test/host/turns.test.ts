/** Work that comes after our own: when it has its turn. */
import { expect, test } from "bun:test";
import { createTurns } from "../../src/host/turns.ts";

/** Works for so long, however busy the machine is. */
function busy(ms: number): void {
  const from = process.cpuUsage();
  for (let used = 0; used < ms * 1000;) {
    const { user, system } = process.cpuUsage(from);
    used = user + system;
  }
}

test("who comes alone has its turn at once, and behind a timer that is due", async () => {
  const order: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(() => order.push("timer"), 0);
  createTurns().add(() => {
    order.push("turn");
    resolve();
  });
  expect(order).toEqual([]);
  await promise;
  expect(order).toEqual(["timer", "turn"]);
});

test("however much there is to do, most of the time is left to others", async () => {
  const turns = createTurns();
  const { promise, resolve } = Promise.withResolvers<void>();
  const from = performance.now();
  let left = 40;
  const work = (): void => {
    busy(2);
    if ((left -= 1) === 0) resolve();
  };
  for (let at = 0; at < 40; at += 1) turns.add(work);
  await promise;
  // 80 ms of work, and nine times as much of rest but for the last.
  expect(performance.now() - from).toBeGreaterThan(8 * 70);
});

test("what is done outside of a turn counts too", async () => {
  const turns = createTurns();
  const { promise, resolve } = Promise.withResolvers<number>();
  turns.charged(() => busy(20));
  const from = performance.now();
  turns.add(() => resolve(performance.now() - from));
  expect(await promise).toBeGreaterThan(120);
});
