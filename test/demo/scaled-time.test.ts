/** The clock of the demo that runs faster. */
import { expect, test } from "bun:test";
import { scaledTime } from "../../src/demo/scaled-time.ts";
import { virtualTime } from "../sim/virtual-time.ts";

test.each([
  [1, 1000],
  [4, 4000],
  [0.5, 500],
])("at speed %d a second is %d ms", async (speed, ms) => {
  const time = virtualTime();
  const { clock, timers } = scaledTime(time, speed);
  const [mono, wall] = [clock.mono(), clock.wall()];
  const due: number[] = [];
  timers.after(ms, () => due.push(time.clock.mono()));
  await time.run(1000);
  expect([clock.mono() - mono, clock.wall() - wall, due]).toEqual([ms, ms, [1000]]);
});
