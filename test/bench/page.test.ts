/** The page of figures, written from results. */
import { expect, test } from "bun:test";
import { compared } from "../../bench/compared.ts";
import { figures } from "../../bench/page.ts";
import type { Result } from "../../bench/scenario.ts";
import { inTurnSection, scenarios } from "../../bench/scenarios/index.ts";

const nothing = { checks: [], tables: [], notes: ["What the scenario says last."] };
const rounds = [1, 2, 3].map((value) => ({
  ours: [{ what: "all marked ready", unit: "ms", value: 10 * value }],
  other: [{ what: "all marked ready", unit: "ms", value: 20 }],
}));
const result: Result = {
  scenario: "gates-shut-in-turn",
  ...compared(rounds, nothing),
  rounds,
  run: {
    at: "2026-01-02T03:04:05Z",
    commit: "abc",
    command: "bun run bench --only gates-shut --versus FILE --rounds 3",
    program: "tidekeeper 2.0.0 (commit abc, bun 1 linux x64)",
    versus: "tidekeeper 1.0.0 (commit def, bun 1 linux x64)",
    history: "full",
    machine: { cpu: "Some CPU", cores: 2, memoryGb: 24 },
    loadBefore: 0.5,
    tookSeconds: 400,
  },
};

test("two programs in turn: medians, ratios of the pairs, both by their versions, and the machine", () => {
  const section = scenarios
    .flatMap((scenario) => inTurnSection(scenario) ?? [])
    .find(({ name }) => name === result.scenario);
  if (section === undefined) throw new Error(`no section ${result.scenario}`);
  const text = figures(section, result).join("\n");
  expect(text).toContain("| all marked ready | 20 ms | 20 ms | 1 x | 0.5 x | 1.5 x |");
  expect(text).toContain("What the scenario says last.");
  expect(text).toContain(
    "Measured: ours `tidekeeper 2.0.0 (commit abc, bun 1 linux x64)`, the other `tidekeeper 1.0.0 (commit def, bun 1 linux x64)`, history full,",
  );
  expect(text).toContain("on Some CPU, 2 cores, 24 GB, load average 0.5 before the run.");
});

test("the scenarios that bound storms and reactions can be measured in turn", () => {
  expect(scenarios.filter(({ inTurn }) => inTurn !== undefined).map(({ name }) => name)).toEqual([
    "gates-shut",
    "gates-shut-10000",
    "pods-replaced",
    "pod-replaced",
    "patch-cost",
  ]);
});
