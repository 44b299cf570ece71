/** What a Lease says of the nodes its holder looks after, and when two say of the same. */
import { expect, test } from "bun:test";
import { doOverlap, scopeAnnotations, scopeOf, scopeText, type Scope } from "../../src/controller/lease-scope.ts";

const all: Scope = { namespace: null, selector: null };
const a: Scope = { namespace: "a", selector: null };
const b: Scope = { namespace: "b", selector: null };
const gold: Scope = { namespace: null, selector: "tier=gold" };
const iron: Scope = { namespace: null, selector: "tier=iron" };
const goldOfA: Scope = { namespace: "a", selector: "tier=gold" };

test.each<[string, Scope, Scope, boolean]>([
  ["the whole cluster twice", all, all, true],
  ["the whole cluster and a namespace", all, a, true],
  ["a namespace twice", a, a, true],
  ["two namespaces", a, b, false],
  ["two selectors that part", gold, iron, false],
  ["a selector and the whole cluster", gold, all, true],
  ["a selector and a namespace", gold, a, true],
  ["a part of a namespace and the other selector", goldOfA, iron, false],
  ["a part of a namespace and the same selector", goldOfA, gold, true],
  ["a part of a namespace and another namespace", goldOfA, b, false],
])("%s", (_title, one, other, want) => {
  expect([doOverlap(one, other), doOverlap(other, one)]).toEqual([want, want]);
});

test("what a Lease says of its scope reads back; an earlier version's says nothing", () => {
  for (const scope of [all, a, gold, goldOfA]) expect(scopeOf(scopeAnnotations(scope))).toEqual(scope);
  expect(scopeOf({})).toBeNull();
  expect([all, a, gold, goldOfA].map(scopeText)).toEqual([
    "every namespace",
    "namespace a",
    "every namespace, tier=gold",
    "namespace a, tier=gold",
  ]);
});
