/** The pure step of leader election, as a table. */
import { describe, expect, test } from "bun:test";

import {
  assertElectorTiming,
  electorStart,
  electorStep,
  electorTiming,
  seeLease,
  type ElectorMove,
  type ElectorState,
} from "../../../src/kube/lease/elector-step.ts";
import { heldSpec, readLease, renewTimeOf, type Lease } from "../../../src/kube/lease/lease.ts";

const held = (holder: string, renewTime: unknown = "t", seconds: unknown = 15): Lease =>
  readLease({
    metadata: { resourceVersion: "5" },
    spec: { holderIdentity: holder, renewTime, leaseDurationSeconds: seconds },
  }) ?? expect.unreachable("not a Lease");
const seen = (lease: Lease | null, at: number, before = electorStart) =>
  seeLease(before, lease, { now: at, timing: electorTiming });
const leading = (renewedAt: number, lease: Lease | null = held("me")): ElectorState => ({
  ...seen(held("me"), renewedAt),
  lease,
  role: "leading",
  renewedAt,
  triedAt: renewedAt,
});
const move = (state: ElectorState, now: number) =>
  electorStep(state, { now, u32: 0, identity: "me", timing: electorTiming });

describe("elector step", () => {
  test.each<[string, ElectorState, number, [kind: ElectorMove["kind"], ms: number | null]]>([
    ["who knows nothing reads", electorStart, 0, ["read", null]],
    ["no Lease: one is made", seen(null, 0), 0, ["create", null]],
    ["a Lease that nobody holds is taken at once", seen(held(""), 0), 0, ["hold", null]],
    ["our own name on it is from an earlier process of ours", seen(held("me"), 0), 0, ["hold", null]],
    ["another's Lease is left alone for 15 s from when it was seen", seen(held("you"), 100), 200, ["wait", 14_900]],
    ["and taken after that", seen(held("you"), 100), 15_100, ["hold", null]],
    ["a change starts the time anew", seen(held("you", "u"), 9_000, seen(held("you"), 100)), 15_100, ["wait", 8_900]],
    ["the same again does not", seen(held("you"), 9_000, seen(held("you"), 100)), 15_100, ["hold", null]],
    ["a released Lease is taken at once", seen(held(""), 9_000, seen(held("you"), 100)), 9_000, ["hold", null]],
    ["a deleted Lease keeps its holder's time", seen(null, 9_000, seen(held("you"), 100)), 9_000, ["wait", 15_000]],
    ["and is made anew after that", seen(null, 9_000, seen(held("you"), 100)), 24_000, ["create", null]],
    [
      "an empty one in its place does not shorten that",
      seen(held(""), 9_100, seen(null, 9_000, seen(held("you"), 100))),
      9_100,
      ["wait", 14_900],
    ],
    ["a malformed duration counts as ours", seen(held("you", "t", "long"), 0), 0, ["wait", 15_000]],
    ["a short duration does too", seen(held("you", "t", 1), 0), 0, ["wait", 15_000]],
    ["a longer one is respected", seen(held("you", "t", 30), 0), 0, ["wait", 30_000]],
    ["but not for ever", seen(held("you", "t", 1e9), 0), 0, ["wait", 60_000]],
    [
      "a failed try waits before the next read",
      { ...seen(held(""), 0), isUnsure: true, triedAt: 0 },
      500,
      ["wait", 1_500],
    ],
    ["and then reads first", { ...seen(held(""), 0), isUnsure: true, triedAt: 0 }, 2_000, ["read", null]],
    ["a leader rests between renewals", leading(0), 500, ["wait", 1_500]],
    ["and renews after 2 s", leading(0), 2_000, ["hold", null]],
    [
      "a leader whose write failed reads first",
      { ...leading(0), isUnsure: true, triedAt: 2_000 },
      4_000,
      ["read", null],
    ],
    [
      "where reads get no answer either, it writes",
      { ...leading(0), isUnsure: true, isBlind: true, triedAt: 4_000 },
      6_000,
      ["hold", null],
    ],
    ["a leader never rests past its deadline", { ...leading(0), triedAt: 9_500 }, 9_600, ["wait", 400]],
    ["10 s without a renewal lose it", leading(0), 10_000, ["lose", null]],
    ["so does a stop of the process", leading(0), 60_000, ["lose", null]],
    ["so does a deleted Lease", leading(0, null), 100, ["lose", null]],
    ["so does another name on it", leading(0, held("you")), 100, ["lose", null]],
  ])("%s", (_title, state, now, want) => {
    const next = move(state, now);
    expect([next.kind, next.kind === "wait" ? next.ms : null]).toEqual(want);
  });

  test.each([
    [{ leaseMs: 10_000, renewMs: 10_000, retryMs: 2_000 }],
    [{ leaseMs: 15_000, renewMs: 2_400, retryMs: 2_000 }],
    [{ leaseMs: 15_000, renewMs: 10_000, retryMs: 0 }],
  ])("the timing %p is refused", (timing) => {
    expect(() => assertElectorTiming(timing)).toThrow(/leader election: timing: got .*, want more than/);
  });

  test("15, 10 and 2 seconds are accepted", () => {
    expect(() => assertElectorTiming(electorTiming)).not.toThrow();
  });

  test.each([[null], [{}], [{ metadata: null }], ["text"]])("%p is no Lease", (raw) => {
    expect(readLease(raw)).toBeNull();
  });

  test("taking counts a transition, renewing does not", () => {
    const how = { durationMs: 15_000, renewTime: renewTimeOf(0, 7) };
    expect(heldSpec("me", { ...how, lease: held("you") })).toEqual({
      holderIdentity: "me",
      leaseDurationSeconds: 15,
      renewTime: "1970-01-01T00:00:00.000007Z",
      acquireTime: "1970-01-01T00:00:00.000007Z",
      leaseTransitions: 1,
    });
    expect(heldSpec("me", { ...how, lease: held("me") })).not.toHaveProperty("leaseTransitions");
  });
});
