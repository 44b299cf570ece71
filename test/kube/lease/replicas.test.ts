/** What replicas tell one another on the shared Lease. */
import { describe, expect, test } from "bun:test";

import {
  isLastReplica,
  deadReplicas,
  replicaKey,
  replicaMark,
  type ReplicasSeen,
  seeReplicas,
  stayingReplicas,
} from "../../../src/kube/lease/replicas.ts";

const PREFIX = "replica.example.com/";
const keyOf = (identity: string): string => replicaKey(PREFIX, identity);
const NOBODY: ReplicasSeen = new Map();
const mark = (identity: string, beat: number, isLeaving = false) => ({
  [keyOf(identity)]: replicaMark({ identity, isLeaving }, beat),
});
const seen = (at: number, annotations: Record<string, string>, before = NOBODY) =>
  seeReplicas(before, { annotations, prefix: PREFIX, now: at });

describe("replicas on the shared Lease", () => {
  test("an identity of any letters has a name of an annotation, of its own", () => {
    const keys = ["a", "b", "pod_uid", "ü/ ".repeat(200)].map(keyOf);
    expect(keys.every((key) => /^replica\.example\.com\/[0-9a-f]{16}$/.test(key))).toBe(true);
    expect(new Set(keys).size).toBe(4);
  });

  test("are alive while what they say changes, on the clock of whoever looks", () => {
    const first = seen(0, { ...mark("b", 1), ...mark("a", 7) });
    expect(stayingReplicas(first, 14_999)).toEqual(["a", "b"]);
    const later = seen(14_000, { ...mark("b", 1), ...mark("a", 8) }, first);
    expect(stayingReplicas(later, 15_000)).toEqual(["a"]);
    expect(stayingReplicas(later, 29_000)).toEqual([]);
    expect(stayingReplicas(seen(29_000, mark("b", 2), later), 29_000)).toEqual(["b"]);
  });

  test("whoever is leaving shares no more, and is still not to be acted against", () => {
    const both = seen(0, { ...mark("a", 1), ...mark("b", 1, true) });
    expect(stayingReplicas(both, 1_000)).toEqual(["a"]);
    expect([isLastReplica(both, "a", 1_000), isLastReplica(both, "a", 15_000)]).toEqual([false, true]);
    expect(isLastReplica(seen(1_000, mark("a", 2), both), "a", 1_000)).toBe(true);
  });

  test("the dead are tidied up, and one whose annotation is gone is forgotten", () => {
    const both = seen(0, { ...mark("a", 1), ...mark("b", 1) });
    expect(deadReplicas(both, 14_999)).toEqual([]);
    const later = seen(14_000, { ...mark("a", 2), ...mark("b", 1) }, both);
    expect(deadReplicas(later, 15_000)).toEqual([keyOf("b")]);
    expect(seen(16_000, mark("a", 3), later).size).toBe(1);
  });

  test.each(["", "x in a", "1 here a", "1 in ", "in a", "-1 in a", "1  in a"])("%j says nothing", (text) => {
    expect(seen(0, { [keyOf("a")]: text, "other/thing": "1 in a" }).size).toBe(0);
  });

  test("an identity may hold blanks", () => {
    expect(stayingReplicas(seen(0, mark("a b in c", 1)), 0)).toEqual(["a b in c"]);
  });
});
