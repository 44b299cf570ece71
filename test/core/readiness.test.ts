/** The story of readiness in status. */
import { expect, test } from "bun:test";
import type { ReadinessTransition } from "../../src/model/index.ts";
import { READINESS } from "../fixtures/readiness.ts";
import { readinessEvent, readinessStory, withReadiness } from "../../src/core/readiness.ts";
import { Stage } from "../fixtures/stage.ts";

type Seen = "True" | "False" | "Unknown";

/** The Events that a row of probes gives, one word each. */
function told(probes: readonly Seen[]): readonly string[] {
  let story: readonly ReadinessTransition[] = [];
  const events: string[] = [];
  for (const [index, seen] of probes.entries()) {
    const next = withReadiness(story, seen, `2026-01-01T00:00:0${index}Z`);
    const event = next === story ? null : readinessEvent(next);
    if (event !== null) events.push(event.replace("SidecarReadiness", ""));
    story = next;
  }
  return events;
}

test.each<[string, readonly Seen[], readonly string[]]>([
  ["a first sight of an open gate is no news", ["True"], []],
  ["a first sight of a shut gate is a loss", ["False"], ["Lost"]],
  ["unknown alone is no news", ["Unknown", "Unknown"], []],
  ["a probe lost between two open ones is no loss", ["True", "Unknown", "True"], []],
  ["a probe lost before the gate opens again hides nothing", ["False", "Unknown", "True"], ["Lost", "Restored"]],
  ["a probe lost before the gate shuts hides nothing", ["True", "Unknown", "False"], ["Lost"]],
  ["a gate that stays shut is told once", ["False", "False", "Unknown", "False"], ["Lost"]],
  ["every change is told", ["True", "False", "True", "False"], ["Lost", "Restored", "Lost"]],
])("%s", (_title, probes, events) => {
  expect(told(probes)).toEqual([...events]);
});

test("the same knowledge gives the same story, and two changes are kept", () => {
  const story = withReadiness([], "True", "a");
  expect(withReadiness(story, "True", "b")).toBe(story);
  const third = withReadiness(withReadiness(story, "False", "b"), "True", "c");
  expect(third).toEqual([
    { to: "NotReady", at: "b" },
    { to: "Ready", at: "c" },
  ]);
});

const condition = {
  type: "SidecarReady",
  reason: "R",
  message: "",
  lastTransitionTime: "2026-01-01T00:00:00Z",
  observedGeneration: 1,
};

test.each<[string, object, readonly ReadinessTransition[]]>([
  ["nothing", {}, []],
  ["an unknown gate", { conditions: [{ ...condition, status: "Unknown" }] }, []],
  [
    "a shut gate, told by an older program",
    { conditions: [{ ...condition, status: "False" }] },
    [{ to: "NotReady", at: condition.lastTransitionTime }],
  ],
  [
    "its own story, whatever the condition",
    { conditions: [{ ...condition, status: "False" }], readinessTransitions: [] },
    [],
  ],
])("a node that knows %s", (_title, status, story) => {
  expect(readinessStory(new Stage({ ...status }).status, READINESS)).toEqual([...story]);
});
