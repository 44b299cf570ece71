/** The map that keeps objects as bytes, beside a Map. */
import { describe, expect, test } from "bun:test";
import { PackedMap } from "../../../src/kube/store/packed-map.ts";
import { TextModels } from "../../../src/kube/store/text-models.ts";

type Thing = { readonly name: string; readonly at?: number };

const empty = (models = new TextModels()) => new PackedMap<Thing>(models);

describe("packed map", () => {
  test("does what a Map does, through ten thousand comings and goings", () => {
    const [packed, plain] = [empty(), new Map<string, Thing>()];
    for (let turn = 0; turn < 10_000; turn += 1) {
      const key = `default/n${(turn * 7919) % 1500}`;
      if (turn % 3 === 2) expect(packed.delete(key)).toBe(plain.delete(key));
      else {
        const thing = { name: key, ...(turn % 2 === 0 ? { at: turn } : {}) };
        packed.set(key, thing);
        plain.set(key, thing);
      }
    }
    expect(packed.size).toBe(plain.size);
    expect([...packed.keys()].toSorted()).toEqual([...plain.keys()].toSorted());
    expect(new Map(packed)).toEqual(plain);
    for (const [key, thing] of plain) expect(packed.get(key)).toEqual(thing);
    expect([packed.has("default/other"), packed.get("default/other")]).toEqual([false, undefined]);
  });

  test.each([
    ["one is the beginning of another", ["a", "ab", "abc", ""]],
    ["hashes collide", ["costarring", "liquid", "declinate", "macallums"]],
    ["they are long, or of another script", ["x".repeat(317), "x".repeat(127), "x".repeat(128), "海龜"]],
  ])("keys are told apart where %s", (_title, keys) => {
    const map = empty();
    for (const key of keys) map.set(key, { name: key });
    expect(keys.map((key) => map.get(key)?.name)).toEqual(keys);
    for (const key of keys) {
      expect(map.delete(key)).toBe(true);
      expect(map.has(key)).toBe(false);
    }
    expect(map.size).toBe(0);
  });

  test("is the same as another of its models where both hold equal objects", () => {
    const models = new TextModels();
    const [one, other, stranger] = [empty(models), empty(models), empty()];
    for (const map of [one, other, stranger]) map.set("a", { name: "a", at: 1 });
    one.set("b", { name: "b" });
    other.set("b", { name: "c" });
    one.set("alone", { name: "alone" });
    expect([one.isSame("a", other), one.isSame("b", other), one.isSame("alone", other)]).toEqual([true, false, false]);
    expect([one.isSame("a", stranger), one.isSame("none", other)]).toEqual([false, false]);
  });

  test("tells what is there now, however often it was asked before", () => {
    const map = empty();
    map.set("a", { name: "a" });
    expect([map.get("a"), map.get("a")]).toEqual([{ name: "a" }, { name: "a" }]);
    map.set("a", { name: "b" });
    expect(map.get("a")).toEqual({ name: "b" });
    map.delete("a");
    expect(map.get("a")).toBeUndefined();
  });

  test("may be changed while it is being iterated over", () => {
    const map = empty();
    for (const name of ["a", "b", "c", "d"]) map.set(name, { name });
    const met: string[] = [];
    for (const { name } of map.values()) {
      met.push(name);
      map.delete("c");
      map.set(name, { name, at: 1 });
    }
    expect(met).toEqual(["a", "b", "d"]);
  });

  test("what was read of late is kept up to a bound of bytes, however few they are", () => {
    const map = empty();
    for (let at = 0; at < 6; at += 1) map.set(`k${at}`, { name: `${at}`.padEnd(400_000, ".") });
    const first = Array.from({ length: 6 }, (_, at) => map.get(`k${at}`));
    const kept = first.filter((thing, at) => map.get(`k${5 - at}`) === first[5 - at] && thing !== undefined);
    expect(kept.length).toBeGreaterThanOrEqual(1);
    expect(kept.length).toBeLessThanOrEqual(2);
  });
});
