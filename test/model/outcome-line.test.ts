/** Finished plans as lines of text, written and read. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { outcomeLine, readOutcomeLine } from "../../src/model/outcome-line.ts";
import type { PlanRecord } from "../../src/model/plan.ts";

const healed: PlanRecord = {
  id: "1a2b3c4d",
  detector: "sidecar-ready",
  reason: "SidecarNotReady",
  outcome: "Complete",
  healed: true,
  createdAt: "2026-01-02T03:04:05.266Z",
  finishedAt: "2026-01-02T03:04:05.678Z",
  generation: 3,
};
const life = { podUid: "5e1c2a52-0000-4000-8000-000000000000", containerId: "containerd://ab12", restartCount: 2 };

test.each<[string, PlanRecord, string]>([
  [
    "a healing",
    healed,
    "2026-01-02T03:04:05.678Z sidecar-ready SidecarNotReady Complete healed took=0.412s gen=3 id=1a2b3c4d",
  ],
  [
    "a failure with its budget, and why",
    { ...healed, outcome: "Failed", healed: false, budget: "image", message: "task observe-image: a - b" },
    "2026-01-02T03:04:05.678Z sidecar-ready SidecarNotReady Failed took=0.412s gen=3 id=1a2b3c4d budget=image - task observe-image: a - b",
  ],
  [
    "the life of the sidecar whose gate was opened",
    { ...healed, incarnation: life },
    `2026-01-02T03:04:05.678Z sidecar-ready SidecarNotReady Complete healed took=0.412s gen=3 id=1a2b3c4d pod=${life.podUid} container=containerd://ab12 restarts=2`,
  ],
  [
    "a life whose container was not told yet",
    { ...healed, id: "", createdAt: healed.finishedAt, incarnation: { ...life, containerId: "" } },
    `2026-01-02T03:04:05.678Z sidecar-ready SidecarNotReady Complete healed gen=3 pod=${life.podUid} container= restarts=2`,
  ],
])("%s is a line that people read, and that is read back", (_title, record, line) => {
  expect(outcomeLine(record)).toBe(line);
  expect(readOutcomeLine(line)).toEqual(record);
});

test("a line of a healing is about a hundred bytes", () => {
  expect(outcomeLine(healed).length).toBeLessThan(105);
});

/** One word of printable ASCII, as names, ids and images are. */
const word = fc.stringMatching(/^[\x21-\x7e]{1,40}$/).filter((text) => text !== "-");
const moment = fc.date({ min: new Date(0), max: new Date("2999-01-01"), noInvalidDate: true });
const stored = fc
  .record({
    id: fc.stringMatching(/^[0-9a-f]{8}$/),
    detector: word,
    reason: word,
    outcome: fc.constantFrom<PlanRecord["outcome"]>("Complete", "Failed", "Superseded"),
    healed: fc.boolean(),
    finished: moment,
    tookMs: fc.nat({ max: 9_999_999_999 }),
    more: fc.record(
      {
        message: fc.stringMatching(/^[a-z:=-][ a-z:=-]{0,200}[a-z:=-]$/).filter((text) => !text.includes("  ")),
        generation: fc.maxSafeInteger(),
        budget: word,
        incarnation: fc.record({
          podUid: word,
          containerId: fc.oneof(word, fc.constant("")),
          restartCount: fc.nat({ max: 2_147_483_647 }),
        }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ finished, tookMs, more, ...record }): PlanRecord => {
    const createdAt = new Date(finished.getTime() - tookMs).toISOString();
    return { ...record, createdAt, finishedAt: finished.toISOString(), ...more };
  })
  .filter(({ createdAt }) => createdAt.length === 24);

test("every record comes back from its line", () => {
  fc.assert(fc.property(stored, (record) => expect(readOutcomeLine(outcomeLine(record))).toEqual(record)));
});

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme", maxLength: 2000 }), word);

test("no text from elsewhere breaks a line: it says the same of everything else, and is the same when written again", () => {
  const odd = fc.record({
    id: anyText,
    detector: anyText,
    reason: anyText,
    budget: anyText,
    message: anyText,
    createdAt: fc.oneof(anyText, fc.constant("2026-01-02T03:04:05+02:00")),
    finishedAt: fc.oneof(anyText, fc.constant("9999-12-31T23:59:59-23:59")),
    incarnation: fc.record({ podUid: anyText, containerId: anyText, restartCount: fc.constant(4) }),
  });
  fc.assert(
    fc.property(odd, (texts) => {
      const line = outcomeLine({ ...healed, ...texts });
      const read = readOutcomeLine(line);
      expect(line).toMatch(/^[^\p{Cc}\p{Cs}\u2028\u2029]{1,4096}$/u);
      expect(read).toMatchObject({
        outcome: "Complete",
        healed: true,
        generation: 3,
        incarnation: { restartCount: 4 },
      });
      expect(read === null ? "" : outcomeLine(read)).toBe(line);
    }),
  );
});

describe("a line of somebody else's", () => {
  test("is read or is none, whatever it says", () => {
    fc.assert(fc.property(anyText, (text) => readOutcomeLine(text) === null || text.length > 0));
  });

  const line = outcomeLine(healed);
  test.each([
    ["nothing", ""],
    ["no time", line.slice(25)],
    ["a day that is none", line.replace("2026-01-02", "2026-13-45")],
    ["an outcome that is none", line.replace("Complete", "complete")],
    ["two spaces", line.replace(" ", "  ")],
    ["a text that begins too soon", line.replace("sidecar-ready", "-")],
    ["no end", `${line} - ${"x".repeat(5000)}`],
  ])("with %s is none", (_title, text) => {
    expect(readOutcomeLine(text)).toBeNull();
  });

  test.each([
    ["words of a later version", `${line} colour=blue calm`, healed],
    ["a time that is too long", line.replace("0.412", "0.4123456"), { ...healed, createdAt: healed.finishedAt }],
    ["half a life", `${line} pod=a restarts=1`, healed],
    ["a life below zero", `${line} pod=a container=b restarts=-1`, healed],
  ])("with %s is read without them", (_title, text, record) => {
    expect(readOutcomeLine(text)).toEqual(record);
  });

  test.each(["x", "2.5", "1e3", "9007199254740993", "007"])("with the generation %s has none", (gen) => {
    expect(readOutcomeLine(line.replace("gen=3", `gen=${gen}`))).not.toHaveProperty("generation");
  });
});
