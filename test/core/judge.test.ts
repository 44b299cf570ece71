/** The walk over detectors. */
import { describe, expect, test } from "bun:test";
import type { DetectInput, Detector, RegisteredDetector } from "../../src/model/index.ts";
import { judge } from "../../src/core/judge.ts";
import { thrownText, runObserve } from "../../src/core/run-observe.ts";
import { Stage } from "../fixtures/stage.ts";

const stage = new Stage();
const owned = { pod: null, statefulSet: null, service: null, claim: null, sidecarImage: null };
const input: DetectInput<unknown> = { node: stage.node(), owned, observed: null, now: 0 };
const ports = { node: stage.node(), owned, sidecar: null, signal: new AbortController().signal };
const never = new Promise<"overrun">(() => {});

function entry(detector: Detector<unknown>, change: Partial<RegisteredDetector> = {}): RegisteredDetector {
  const guard = { observed: () => null, drift: () => null, conditions: () => null };
  return { detector, mode: "act", origin: "builtin", onFailure: "hold", deadlineMs: 1000, guard, ...change };
}

/** A detector that sees a gap (its name is the reason), nothing, or throws. */
function one(name: string, sees: "drift" | "nothing" | "throws", change: Partial<RegisteredDetector> = {}) {
  const detect: Detector<unknown>["detect"] = () => {
    if (sees === "throws") throw new Error("boom");
    return sees === "nothing" ? null : { reason: name, message: "", tasks: [] };
  };
  return entry({ name, detect }, change);
}

/** What each that was asked said, a word each. */
function said(list: readonly RegisteredDetector[], failures: Readonly<Record<string, string>> = {}): readonly string[] {
  const verdicts = judge(list, {
    inputFor: () => input,
    failureOf: (name) => failures[name] ?? null,
    waitOf: ({ budget }) => (budget === "full" ? "place" : null),
  });
  return verdicts.map(({ name, drift, failure }) => `${name}:${failure ?? drift?.reason ?? "-"}`);
}

const boom = "detect() threw: boom";

test.each<[string, readonly RegisteredDetector[], readonly string[]]>([
  ["the first drift wins and the rest are not asked", [one("a", "drift"), one("b", "drift")], ["a:a"]],
  ["who sees nothing passes on", [one("a", "nothing"), one("b", "drift")], ["a:-", "b:b"]],
  ["who only observes passes on", [one("a", "drift", { mode: "observe" }), one("b", "drift")], ["a:a", "b:b"]],
  ["who is off is not asked", [one("a", "throws", { mode: "off" }), one("b", "drift")], ["b:b"]],
  ["who fails and holds keeps the rest back", [one("a", "throws"), one("b", "drift")], [`a:${boom}`]],
  [
    "who fails and is skipped does not",
    [one("a", "throws", { onFailure: "skip" }), one("b", "drift")],
    [`a:${boom}`, "b:b"],
  ],
  [
    "who only observes, fails and holds keeps the rest back too",
    [one("a", "throws", { mode: "observe" }), one("b", "drift")],
    [`a:${boom}`],
  ],
])("%s", (_title, list, want) => {
  expect(said(list)).toEqual([...want]);
});

test("a drift that waits for its place is told, and those after it are asked", () => {
  const waits = entry({ name: "a", detect: () => ({ reason: "a", message: "", tasks: [], budget: "full" }) });
  expect(said([waits, one("b", "drift"), one("c", "drift")])).toEqual(["a:a", "b:b"]);
});

test.each(["backOff", "place", "observation"] as const)(
  "a drift that waits (%s) silences nobody, and those after it know",
  (why) => {
    const told: unknown[] = [];
    const listens = entry({ name: "b", detect: ({ waiting }) => (told.push(waiting), null) });
    const verdicts = judge([one("a", "drift"), listens, one("c", "drift"), one("d", "drift")], {
      inputFor: () => input,
      failureOf: () => null,
      waitOf: (_drift, name) => (name === "a" ? why : null),
    });
    expect(verdicts.map(({ name, waits }) => `${name}:${waits}`)).toEqual([`a:${why}`, "b:null", "c:null"]);
    expect(told).toEqual([[{ detector: "a", why }]]);
  },
);

test("of a drift that is only observed nobody is told", () => {
  const told: unknown[] = [];
  const listens = entry({ name: "b", detect: ({ waiting }) => (told.push(waiting), null) });
  judge([one("a", "drift", { mode: "observe" }), listens], {
    inputFor: () => input,
    failureOf: () => null,
    waitOf: () => "backOff",
  });
  expect(told).toEqual([[]]);
});

test("who failed to observe is not asked to judge", () => {
  expect(said([one("a", "drift"), one("b", "drift")], { a: "no answer" })).toEqual(["a:no answer"]);
});

test("a drift that the guard refuses is a failure, and no drift", () => {
  const guard = { observed: () => null, drift: () => "no drift at all", conditions: () => null };
  const verdicts = judge([one("a", "drift", { guard })], {
    inputFor: () => input,
    failureOf: () => null,
    waitOf: () => null,
  });
  expect(verdicts).toEqual([{ name: "a", mode: "act", drift: null, failure: "no drift at all", waits: null }]);
});

describe("an observation", () => {
  const detect = (): null => null;

  test.each<[string, Detector<unknown>, object]>([
    ["of who does not observe is nothing", { name: "a", detect }, { value: null, failure: null }],
    [
      "is what was seen",
      { name: "a", detect, observe: async () => ({ seen: 1 }) },
      { value: { seen: 1 }, failure: null },
    ],
    [
      "that throws is a failure in one line",
      {
        name: "a",
        detect,
        observe: async () => {
          throw new Error("two\n lines");
        },
      },
      { value: null, failure: "observe() threw: two lines" },
    ],
    [
      "that throws at once is too",
      {
        name: "a",
        detect,
        observe: () => {
          throw new Error("boom");
        },
      },
      { value: null, failure: "observe() threw: boom" },
    ],
  ])("%s", async (_title, detector, want) => {
    expect(await runObserve(entry(detector), ports, never)).toMatchObject(want);
  });

  test("that overruns its deadline is a failure", async () => {
    const hung = entry({ name: "a", detect, observe: () => new Promise(() => {}) });
    const seen = await runObserve(hung, ports, Promise.resolve("overrun"));
    expect(seen).toEqual({ value: null, failure: "observe() did not answer within its deadline" });
  });

  test("that the guard refuses is a failure, and nothing of it is kept", async () => {
    const guard = { observed: () => "no plain JSON", drift: () => null, conditions: () => null };
    const odd = entry({ name: "a", detect, observe: async () => ({ seen: 1 }) }, { guard });
    expect(await runObserve(odd, ports, never)).toEqual({ value: null, failure: "no plain JSON" });
  });
});

test.each<[string, () => unknown, string]>([
  ["an error is its message in one line", () => new Error("a\n\tb"), "a b"],
  ["text is itself", () => "text", "text"],
  ["nothing is named", () => undefined, "undefined"],
  ["a long message is cut", () => new Error("x".repeat(300)), "x".repeat(200)],
])("of what is thrown, %s", (_title, thrown, want) => {
  expect(thrownText(thrown())).toBe(want);
});
