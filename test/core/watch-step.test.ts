/** How long a step of a plan may take, and what it waits for. */
import { describe, expect, test } from "bun:test";
import { type Outcome, planOf, type StoredPlan } from "../../src/model/index.ts";
import { taskTraits } from "../../src/executor/index.ts";
import { judgeByTime, type Try, waitOf, watch, type Watched } from "../../src/core/watch-step.ts";

const MINUTE_MS = 60_000;
const at = "2026-01-01T00:00:00.000Z";

function plan(type: string, failedPhase?: "Failed"): StoredPlan {
  const drift = { reason: "Test", message: "", tasks: [{ type, params: {} }] };
  const stamp = { id: "7f2c1f9e-8f2b-4c64-9d0c-0d7a3c1f2e4b", at, generation: 1 };
  return planOf(failedPhase === undefined ? drift : { ...drift, failedPhase }, "test", stamp);
}

const atWork: Outcome = { kind: "submitted", afterMs: 1000 };
const waits: Outcome = { kind: "again", afterMs: 1000, why: "there is no Pod that could answer" };
const unanswered: Outcome = { kind: "again", afterMs: 1000, why: "timeout", isUnanswered: true };
const jobRuns: Outcome = { kind: "again", afterMs: 1000, why: "it has not halted yet", isUnderWay: true };

interface Story {
  readonly made: StoredPlan;
  readonly isHandedOver?: boolean;
  readonly outcomes: readonly (readonly [Outcome, everyMs: number, times: number])[];
  readonly wasTold?: boolean;
}

/** What the last try of a story came to. */
function told({ made, outcomes, isHandedOver = false, wasTold = false }: Story) {
  const [first] = made.tasks;
  if (first === undefined) throw new Error("no task");
  const task = isHandedOver ? ({ ...first, status: "Running" } as const) : first;
  let watched: Watched | null = null;
  let mono = 1000;
  let last: Outcome = atWork;
  for (const [outcome, everyMs, times] of outcomes) {
    for (let at = 0; at < times; at += 1) {
      mono += everyMs;
      const now: Try = { plan: made, task, outcome, mono, wasTold };
      watched = watch(watched, now);
      last = judgeByTime(outcome, {
        ...now,
        watched,
        traits: { ...taskTraits(now.task.type), limitMs: 10 * MINUTE_MS },
      });
    }
  }
  return { watched, last, wait: waitOf(watched, made, task) };
}

const init = plan("config-apply", "Failed");
const running = plan("mark-ready");
const rollOut = plan("observe-image");

describe("a step of init that may take 10 min", () => {
  test.each<[string, Story, string]>([
    ["goes on for as long", { made: init, outcomes: [[atWork, MINUTE_MS, 10]] }, "submitted"],
    ["fails after it", { made: init, outcomes: [[atWork, MINUTE_MS, 11]] }, "failed"],
    ["never fails by time while it could not be handed over", { made: init, outcomes: [[waits, 5000, 5000]] }, "again"],
    ["nor while the API server is silent", { made: init, outcomes: [[unanswered, 5000, 5000]] }, "again"],
    ["is not charged a day's absence", { made: init, outcomes: [[atWork, 86_400_000, 10]] }, "submitted"],
    [
      "nor the time in which its sidecar gave no answer",
      {
        made: init,
        outcomes: [
          [atWork, MINUTE_MS, 6],
          [waits, MINUTE_MS, 600],
          [atWork, MINUTE_MS, 5],
        ],
      },
      "submitted",
    ],
    [
      "nor that in which an object that it needs was refused",
      {
        made: init,
        outcomes: [
          [atWork, MINUTE_MS, 6],
          [{ kind: "failed", code: "API_REFUSED", why: "quota" }, MINUTE_MS, 600],
          [atWork, MINUTE_MS, 5],
        ],
      },
      "submitted",
    ],
    ["fails after it also when it is a Job's", { made: init, outcomes: [[jobRuns, MINUTE_MS, 11]] }, "failed"],
    [
      "is done when it is, however long that took",
      {
        made: init,
        outcomes: [
          [atWork, MINUTE_MS, 600],
          [{ kind: "done" }, 1, 1],
        ],
      },
      "done",
    ],
  ])("%s", (_title, story, kind) => {
    expect<string>(told(story).last.kind).toBe(kind);
  });
});

describe("a plan of a Running node", () => {
  test.each<[string, Story, string]>([
    ["goes on for 15 min", { made: rollOut, outcomes: [[waits, MINUTE_MS, 15]] }, "again"],
    ["fails then, with what it waited for", { made: rollOut, outcomes: [[waits, MINUTE_MS, 16]] }, "failed"],
    ["is not charged what nobody watched", { made: rollOut, outcomes: [[waits, 3_600_000, 15]] }, "again"],
    [
      "has not failed when nothing could be handed over",
      { made: running, outcomes: [[waits, MINUTE_MS, 16]] },
      "superseded",
    ],
    ["has when it was", { made: running, isHandedOver: true, outcomes: [[atWork, MINUTE_MS, 16]] }, "failed"],
  ])("%s", (_title, story, kind) => {
    const { last } = told(story);
    expect<string>(last.kind).toBe(kind);
    if (kind === "superseded") expect(last).toMatchObject({ why: expect.stringContaining("there is no Pod") });
    if (kind === "failed" && story.made === rollOut) {
      expect(last).toMatchObject({ code: "DEADLINE_EXCEEDED", why: expect.stringContaining("there is no Pod") });
    }
  });
});

describe("what a step waits for", () => {
  const text = "config-apply waits: there is no Pod that could answer";
  test.each<[string, Story, string | null]>([
    ["is not told for a minute", { made: init, outcomes: [[waits, 5000, 12]] }, null],
    ["is told then", { made: init, outcomes: [[waits, 5000, 13]] }, text],
    ["is told at once where it was before", { made: init, wasTold: true, outcomes: [[waits, 5000, 1]] }, text],
    [
      "is told in the same words for ten minutes",
      {
        made: init,
        outcomes: [
          [waits, 5000, 13],
          [unanswered, 5000, 100],
        ],
      },
      text,
    ],
    [
      "and then as it is",
      {
        made: init,
        outcomes: [
          [waits, 5000, 13],
          [unanswered, 5000, 121],
        ],
      },
      "config-apply waits: timeout",
    ],
    [
      "is over when it goes on",
      {
        made: init,
        outcomes: [
          [waits, 5000, 13],
          [atWork, 1000, 1],
        ],
      },
      null,
    ],
  ])("%s", (_title, story, want) => {
    expect(told(story).wait).toBe(want);
  });

  test("is not known of a step that was not tried in this life", () => {
    const [task] = init.tasks;
    expect(task === undefined ? null : waitOf(null, init, task)).toBeUndefined();
  });
});

test("silence of the API server is counted in a row, and from the first silent try", () => {
  const of = (outcomes: Story["outcomes"]) => told({ made: rollOut, outcomes }).watched?.unansweredMs;
  expect(of([[unanswered, 1000, 5]])).toBe(4000);
  expect(
    of([
      [unanswered, 1000, 5],
      [waits, 1000, 1],
      [unanswered, 1000, 2],
    ]),
  ).toBe(1000);
  expect(of([[unanswered, 86_400_000, 2]])).toBe(60_000);
});
