/** The loop names no task, no condition, no detector and no container of a built-in: what it must know of them they declare. */
import { expect, test } from "bun:test";
import { SEID_CONTAINER, SIDECAR_CONTAINER } from "../../src/model/index.ts";
import { builtinDetectors } from "../../src/drift/index.ts";
import { tasks } from "../../src/executor/index.ts";
import { sourcesIn } from "./sources.ts";

/** Conditions that detectors and tasks set; the loop sets the rest itself. */
const CONDITIONS = ["SidecarReady", "HeldByWorkflow", "TakeOver", "PodOutdated", "WorkflowInProgress"];

/** `image` and `workload` are words of their own: as names of detectors they stand in quotes. */
const DETECTORS = builtinDetectors.map(({ name }) => (name.includes("-") ? name : `"${name}"`));

const BARRED = [
  ...tasks.map(({ type }) => type),
  ...CONDITIONS,
  ...DETECTORS,
  SEID_CONTAINER,
  SIDECAR_CONTAINER,
  "mark-not-ready",
];

const files = await sourcesIn("src/core");

test("there is something to look at, and something to look for", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(BARRED.length).toBeGreaterThan(15);
});

test.each(files.map(({ path, text }) => [path, text] as const))("%s", (_path, text) => {
  expect(barredIn(text), "let the detector or the task declare it").toEqual([]);
});

test.each([
  ["a task", 'tasks.every(({ type }) => type === "mark-ready")', ["mark-ready"]],
  ["a condition", 'conditionOf(conditions, "SidecarReady")', ["SidecarReady"]],
  ["a detector", 'detector !== "sidecar-ready"', ["sidecar-ready"]],
  ["a detector whose name is a word", 'detector === "image"', ['"image"']],
  ["a container", "// as where `seid` alone crashes", ["seid"]],
  ["nor a reason that begins like a condition", '"SidecarReadinessLost"', []],
])("it sees %s", (_what, text, found) => {
  expect(barredIn(text)).toEqual(found);
});

function barredIn(text: string): readonly string[] {
  return BARRED.filter((word) => new RegExp(`(?<![\\w-])${word}(?![\\w-])`, "u").test(text));
}
