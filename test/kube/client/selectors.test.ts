/** Which label selectors may choose the same node. */
import { expect, test } from "bun:test";
import { canBothMatch } from "../../../src/kube/client/selectors.ts";

test.each<[string, string | null, string | null, boolean]>([
  ["no selector and any other", null, "tier=a", true],
  ["two without one", null, "", true],
  ["the same value", "tier=a", "tier==a", true],
  ["two values of one label", "tier=a", "tier=b", false],
  ["two labels", "tier=a", "zone=b", true],
  ["a value and its exclusion", "tier=a", "tier!=a", false],
  ["a value and another's exclusion", "tier=a", "tier!=b", true],
  ["sets that share a value", "tier in (a, b)", "tier in (b,c)", true],
  ["sets that share none", "tier in (a,b)", "tier in (c)", false],
  ["a set and all of it excluded", "tier in (a,b)", "tier notin (a,b)", false],
  ["a set and a part of it excluded", "tier in (a,b)", "tier notin (a)", true],
  ["a set, and its values excluded one by one by both", "tier in (a,b),tier!=a", "tier!=b", false],
  ["a label and its absence", "tier", "!tier", false],
  ["a value and its absence", "tier=a", "!tier", false],
  ["two exclusions: who lacks the label is meant by both", "tier!=a", "tier!=b", true],
  ["an exclusion and the absence", "tier!=a", "!tier", true],
  ["an empty value and another", "tier=", "tier=a", false],
  ["several terms of which one parts them", "app=sei,tier=a", "app=sei,tier=b", false],
  ["one that matches nothing by itself", "tier=a,tier=b", null, false],
  ["prefixed names", "sei.io/tier=a", "sei.io/tier=b", false],
  ["what cannot be read is taken to overlap", "tier>1", "tier=0", true],
  ["an odd bang is not understood", "!tier=a", "tier=a", true],
])("%s", (_title, one, other, want) => {
  expect(canBothMatch(one, other)).toBe(want);
  expect(canBothMatch(other, one)).toBe(want);
});
