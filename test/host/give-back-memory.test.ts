/** When garbage is collected and memory given back. */
import { expect, test } from "bun:test";
import { giveBackMemory } from "../../src/host/give-back-memory.ts";
import { VirtualTime } from "../fixtures/virtual-time.ts";

test("garbage is collected twice a minute, memory given back a minute after the start and every ten minutes, until it is ended", () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  const end = giveBackMemory({
    timers: time.timers,
    giveBackMemory: () => void seen.push(`gave back at ${time.clock.mono() / 1000 - 1}`),
    collectGarbage: () => void seen.push("collected"),
  });
  time.advance(690_000);
  expect(seen.filter((what) => what !== "collected")).toEqual(["gave back at 60", "gave back at 660"]);
  expect(seen.filter((what) => what === "collected")).toHaveLength(23);
  end();
  time.advance(3_600_000);
  expect(seen).toHaveLength(25);
});
