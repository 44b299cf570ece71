/** The pure step of list and watch, as a table. */
import { describe, expect, test } from "bun:test";

import {
  type AttemptEnd,
  reflectorStart,
  type ReflectorState,
  reflectorStep,
} from "../../../src/kube/watch/reflector-step.ts";
import { readRefusal } from "../../../src/kube/client/index.ts";

const watching: ReflectorState = { ...reflectorStart, attempt: { kind: "watch", version: "7" }, streamRefused: true };
const paging: ReflectorState = { ...watching, attempt: { kind: "list", continueToken: "t" } };
const tooLarge = {
  message: "Too large",
  reason: "Timeout",
  details: { causes: [{ reason: "ResourceVersionTooLarge" }] },
};

const refused = (status: number, body: unknown = {}, retryAfter: string | null = null): AttemptEnd => ({
  kind: "refused",
  version: null,
  refusal: readRefusal(status, body, retryAfter),
  inStream: false,
});
const inStream = (status: number, version: string | null): AttemptEnd => ({
  kind: "refused",
  version,
  refusal: readRefusal(status, {}, null),
  inStream: true,
});
const step = (state: ReflectorState, ending: AttemptEnd, now = 1_000_000) =>
  reflectorStep(state, ending, { now, u32: 2 ** 31 });

const short = (attempt: ReflectorState["attempt"]) =>
  attempt.kind === "watch"
    ? `watch ${attempt.version}`
    : attempt.kind === "list"
      ? `list ${attempt.continueToken ?? ""}`
      : "stream";

describe("reflector step", () => {
  const overflow: AttemptEnd = { kind: "tooLarge", version: null, why: "more than 8 MiB" };

  test("pages shrink to one object, and one that is too large by itself is tried again later", () => {
    const sizes: number[] = [];
    let state: ReflectorState = paging;
    for (let turn = 0; turn < 4; turn += 1) {
      const next = step(state, overflow);
      expect([short(next.state.attempt), next.waitMs]).toEqual(["list t", 0]);
      state = next.state;
      sizes.push(state.pageObjects);
    }
    expect(sizes).toEqual([125, 31, 7, 1]);
    const { waitMs, problem } = step(state, overflow);
    expect([waitMs, problem?.why]).toEqual([800, "more than 8 MiB"]);
  });

  test("a whole list that is too large is had by pages after all", () => {
    const { state, waitMs } = step({ ...paging, wholeList: true, pageObjects: 7 }, overflow);
    expect([state.wholeList, state.pageObjects, short(state.attempt), waitMs]).toEqual([false, 7, "list ", 800]);
  });

  test.each<[string, ReflectorState, AttemptEnd, [attempt: string, waitMs: number, problem: string | null]]>([
    [
      "the last page starts the watch at the list's version",
      paging,
      { kind: "page", continueToken: null, version: "9" },
      ["watch 9", 0, null],
    ],
    ["pages follow their token", paging, { kind: "page", continueToken: "u", version: "9" }, ["list u", 0, null]],
    [
      "a watch that ended in order goes on from its last version",
      watching,
      { kind: "closed", version: "8", lastedMs: 45_000, progressed: true },
      ["watch 8", 0, null],
    ],
    [
      "a quiet watch that ended in order is no failure",
      watching,
      { kind: "closed", version: "7", lastedMs: 45_000, progressed: false },
      ["watch 7", 0, null],
    ],
    [
      "a watch over in less than a second without an event is a failure",
      watching,
      { kind: "closed", version: "7", lastedMs: 20, progressed: false },
      ["watch 7", 800, "retry"],
    ],
    ["a silent watch is opened anew at once", watching, { kind: "silent", version: "8" }, ["watch 8", 0, "dead"]],
    ["410 as status lists anew, the first time at once", watching, refused(410), ["list ", 0, "relist"]],
    ["410 in the stream lists anew", watching, inStream(410, "8"), ["list ", 0, "relist"]],
    ["Expired without a code lists anew", watching, refused(0, { reason: "Expired" }), ["list ", 0, "relist"]],
    [
      "no connection resumes at the same version",
      watching,
      { kind: "unreachable", version: "7", why: "refused" },
      ["watch 7", 800, "retry"],
    ],
    [
      "429 resumes at the same version after its Retry-After",
      watching,
      refused(429, {}, "7"),
      ["watch 7", 7_350, "retry"],
    ],
    [
      "so does a wait named in the Status",
      watching,
      refused(503, { details: { retryAfterSeconds: 2 } }),
      ["watch 7", 2_100, "retry"],
    ],
    [
      "a version from the future is asked for again",
      watching,
      refused(504, tooLarge, "1"),
      ["watch 7", 1_050, "retry"],
    ],
    ["and again", { ...watching, tooLarge: 1 }, refused(504, tooLarge), ["watch 7", 800, "retry"]],
    ["then a quorum list is made", { ...watching, tooLarge: 2 }, refused(504, tooLarge), ["list ", 800, "relist"]],
    [
      "bad bytes end the watch with an error",
      watching,
      { kind: "broken", version: "8", why: "no JSON" },
      ["watch 8", 800, "retry"],
    ],
    [
      "the same bad bytes again list anew",
      { ...watching, broken: 1 },
      { kind: "broken", version: "8", why: "no JSON" },
      ["list ", 800, "relist"],
    ],
    ["403 is denied, and asked again later", watching, refused(403), ["watch 7", 800, "denied"]],
    ["404 lists anew when it is back", watching, refused(404), ["list ", 800, "retry"]],
    ["no WatchList: 422", reflectorStart, refused(422), ["list ", 0, "fallback"]],
    ["no WatchList: 400", reflectorStart, refused(400), ["list ", 0, "fallback"]],
    ["no WatchList: 403", reflectorStart, refused(403), ["list ", 0, "fallback"]],
    ["an etcd too old for WatchList: 500 in the stream", reflectorStart, inStream(500, null), ["list ", 0, "fallback"]],
    ["no end bookmark", reflectorStart, { kind: "silent", version: null }, ["list ", 0, "fallback"]],
    [
      "the end before the end bookmark",
      reflectorStart,
      { kind: "closed", version: null, lastedMs: 5, progressed: false },
      ["list ", 0, "fallback"],
    ],
    [
      "a cut line before the end bookmark streams anew",
      reflectorStart,
      { kind: "unreachable", version: null, why: "cut" },
      ["stream", 800, "retry"],
    ],
    ["500 as status is no missing WatchList", reflectorStart, refused(500), ["stream", 800, "retry"]],
    ["500 after the end bookmark resumes", reflectorStart, inStream(500, "9"), ["watch 9", 800, "retry"]],
  ])("%s", (_title, state, ending, want) => {
    const next = step(state, ending);
    expect([short(next.state.attempt), next.waitMs, next.problem?.type ?? null]).toEqual(want);
  });

  test("the wait doubles from 0.8 s to 30 s and starts over after two healthy minutes", () => {
    const waits: number[] = [];
    let state = watching;
    let now = 1_000_000;
    for (let i = 0; i < 8; i++) {
      const next = step(state, { kind: "unreachable", version: "7", why: "refused" }, now);
      waits.push(next.waitMs);
      state = next.state;
      now += next.waitMs;
    }
    waits.push(step(state, { kind: "unreachable", version: "7", why: "refused" }, now + 121_000).waitMs);
    expect(waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 800]);
  });

  test("a storm of 410 settles at no more than 0.22 lists a second", () => {
    let state = watching;
    let waited = 0;
    for (let i = 0; i < 20; i++) {
      const next = reflectorStep(state, refused(410), { now: 1_000_000 + waited, u32: 0 });
      state = next.state;
      if (i >= 10) expect(next.waitMs).toBeGreaterThanOrEqual(4_550);
      waited += next.waitMs;
    }
  });

  test("pages that expire under way are asked for all at once the next time", () => {
    expect(step(paging, refused(410)).state.wholeList).toBe(true);
  });
});

test("a resource that is missing for long is asked for every 10 s, so that it is found within 30", () => {
  const next = reflectorStep({ ...watching, failures: 40 }, refused(404), { now: 1_000, u32: 2 ** 31 });
  expect(next.waitMs).toBe(10_000);
});
