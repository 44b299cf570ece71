/** The arena that holds texts as bytes. */
import { describe, expect, test } from "bun:test";
import { ByteArena } from "../../../src/kube/store/byte-arena.ts";

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

describe("byte arena", () => {
  test("what is dropped is gone, and its number is given out again", () => {
    const arena = new ByteArena();
    const [first, second] = [arena.add("one"), arena.add("zwei")];
    arena.drop(first);
    expect([arena.isHeld(first), arena.isHeld(second), arena.isHeld(99)]).toEqual([false, true, false]);
    expect(arena.add("drei")).toBe(first);
    expect([arena.text(first), arena.text(second)]).toEqual(["drei", "zwei"]);
  });

  test("a text larger than a piece is held, replaced and dropped like any other", () => {
    const arena = new ByteArena();
    const large = arena.add("x".repeat(200_000));
    const small = arena.add("small");
    expect(arena.text(large)).toHaveLength(200_000);
    arena.set(large, "y".repeat(70_000));
    expect(arena.text(large)).toBe("y".repeat(70_000));
    arena.set(large, "now small");
    expect([arena.text(large), arena.text(small)]).toEqual(["now small", "small"]);
    expect(arena.bytes).toBeLessThan(200_000);
  });

  test("after a hundred thousand changes each text is what it was last set to, and gaps were closed", () => {
    const [arena, below] = [new ByteArena(), numbers(7)];
    const wanted = new Map<number, string>();
    for (let turn = 0; turn < 100_000; turn += 1) {
      const text = `${turn} żółw `.repeat(below(60));
      const id = below(2000);
      if (!wanted.has(id)) wanted.set(arena.add(text), text);
      else if (below(4) === 0) {
        arena.drop(id);
        wanted.delete(id);
      } else {
        arena.set(id, text);
        wanted.set(id, text);
      }
    }
    for (const [id, text] of wanted) expect(arena.text(id)).toBe(text);
    const live = [...wanted.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(arena.bytes).toBeLessThan(2.5 * live);
    for (const id of wanted.keys()) arena.drop(id);
    expect(arena.bytes).toBeLessThanOrEqual(2 ** 16);
  });

  test.each([
    ["of nearly a piece", 60_000],
    ["of half a piece", 33_000],
    ["of more than a piece", 200_000],
    ["of no size to speak of", 10],
  ])("a text %s that is set again and again beside others takes no more than twice its room", (_title, size) => {
    const arena = new ByteArena();
    const others = Array.from({ length: 50 }, (_, at) => arena.add(`other ${at}`));
    const id = arena.add("x");
    for (let turn = 0; turn < 2000; turn += 1) arena.set(id, `${turn}`.padEnd(size, "."));
    expect(arena.bytes).toBeLessThanOrEqual(2 * Math.max(size, 2 ** 16) + 2 ** 16);
    arena.drop(id);
    expect(others.map((other) => arena.text(other))).toEqual(others.map((_, at) => `other ${at}`));
    for (const other of others) arena.drop(other);
    expect(arena.bytes).toBeLessThanOrEqual(2 ** 17);
  });
});
