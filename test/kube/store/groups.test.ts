/** Keys grouped by a value. */
import { expect, test } from "bun:test";
import { Groups } from "../../../src/kube/store/groups.ts";

test("keys come, move and go; a value that nobody has is an empty group", () => {
  const groups = new Groups();
  expect(groups.of("a")).toEqual([]);
  groups.move("k1", null, "a");
  groups.move("k2", null, "a");
  groups.move("k3", null, "b");
  expect([groups.of("a"), groups.of("b")]).toEqual([["k1", "k2"], ["k3"]]);
  groups.move("k1", "a", "b");
  expect([groups.of("a"), groups.of("b")]).toEqual([["k2"], ["k3", "k1"]]);
  groups.move("k2", "a", null);
  groups.move("k2", "a", null);
  groups.move("k3", "b", "b");
  expect([groups.of("a"), groups.of("b")]).toEqual([[], ["k3", "k1"]]);
});
