import { expect, test } from "bun:test";
import { giveBackMemory } from "../../src/cli/give-back-memory.ts";

test("memory is given back a minute after the start and every ten minutes, until it is ended", () => {
  const waits: number[] = [];
  let run = (): void => {};
  let given = 0;
  let cancelled = 0;
  const end = giveBackMemory({
    timers: {
      after(ms, due) {
        waits.push(ms);
        run = due;
        return () => void (cancelled += 1);
      },
    },
    giveBackMemory: () => void (given += 1),
  });
  run();
  run();
  expect([waits, given]).toEqual([[60_000, 600_000, 600_000], 2]);
  end();
  expect(cancelled).toBe(1);
});
