/** The demo's script in virtual time: the same rooms as the program, only time is simulated. */
import { describe, expect, test } from "bun:test";
import {
  createSetup,
  createNarrator,
  DEADLINE_MS,
  runScript,
  type Setup,
  type ScriptStep,
  script,
} from "../../src/demo/index.ts";
import { registry } from "../../src/controller/index.ts";
import { readPlatform } from "../../src/seinode/platform/index.ts";
import { createInstruments, createLogger } from "../../src/telemetry/index.ts";
import { virtualTime } from "../sim/virtual-time.ts";

function scriptRun(mode: "act" | "observe" = "act") {
  const time = virtualTime();
  const list = registry(
    [],
    [
      { name: "image", mode },
      { name: "sidecar-ready", mode },
    ],
  );
  const platform = readPlatform({});
  if (!list.ok || !platform.ok) throw new Error("refused");
  const written: string[] = [];
  const warnings: string[] = [];
  const stopping = new AbortController();
  const setup: Setup = createSetup({
    ...time,
    detectors: list.detectors,
    platform: platform.platform,
    instruments: createInstruments(),
    log: createLogger({ level: "warn", format: "json", sink: (line) => warnings.push(line), clock: time.clock }),
    stopping: stopping.signal,
  });
  const write = (text: string): void => void written.push(text);
  return {
    setup,
    stopping,
    warnings,
    write,
    told: () => written.join("").split("\n"),
    run: (steps: readonly ScriptStep[]) =>
      time.until(
        runScript(steps, {
          setup,
          narrator: createNarrator({ write, color: false, isBuilt: true }),
          deadlineMs: DEADLINE_MS,
        }),
      ),
  };
}

describe("the script", () => {
  test("is told whole: each step ends as promised, and nothing is logged as odd", async () => {
    const { run, told, warnings } = scriptRun();
    expect(await run(script)).toBe(true);
    const ends = told().filter((line) => line.includes("=>"));
    expect(ends).toEqual([
      expect.stringMatching(/^ {3}=> in [\d.]+ s: 3 nodes run seid:v1 behind open gates$/),
      expect.stringMatching(/^ {3}=> in [\d.]+ s: healed: the gate of the new Pod was opened \d+ ms after /),
      expect.stringMatching(/^ {3}=> in [\d.]+ s: rolled out: node-1 was seen running seid:v2 /),
      expect.stringMatching(
        /^ {3}=> in [\d.]+ s: the image won: 1 plan stored \(ImageChanged Complete\), mark-ready posted once/,
      ),
    ]);
    expect(told().at(-2)).toMatch(/^4 steps in [\d.]+ s\. mark-ready was posted 6 times, never by hand\.$/);
    expect(warnings).toEqual([]);
  });

  test("of the replaced Pod goes from the loss of the gate over the stored plan to the open gate", async () => {
    const { run, told } = scriptRun();
    await run(script);
    const lines = told();
    const second = lines.slice(
      lines.findIndex((line) => line.startsWith("2. ")),
      lines.findIndex((line) => line.startsWith("3. ")),
    );
    const order = [
      "Pod node-0-0 is gone",
      "a new Pod node-0-0 with seid:v1",
      "the sidecar of Pod node-0-0 is up",
      "sees SidecarReady False (NotReady)",
      "stores a plan for SidecarNotReady: mark-ready",
      "posts mark-ready to the sidecar of Pod node-0-0: 201",
      "sees SidecarReady True (Ready)",
      "plan for SidecarNotReady ended: Complete",
    ].map((text) => second.findIndex((line) => line.includes(text)));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test("of both drifts is true: the gate was seen shut in the reconcile that planned the image, and got no plan", async () => {
    const { run, setup } = scriptRun();
    await run(script);
    const history = setup.view.node("node-2")?.status.history ?? [];
    expect(history.map(({ detector, outcome }) => [detector, outcome])).toEqual([
      ["init", "Complete"],
      ["image", "Complete"],
    ]);
    expect(setup.view.node("node-2")?.status.currentImage).toBe("seid:v3");
  });

  test("keeps its columns: time, who, node, what", async () => {
    const { run, told } = scriptRun();
    await run(script);
    const facts = told().filter((line) => /^ *\d+\.\d\d s/.test(line));
    expect(facts.length).toBeGreaterThan(40);
    for (const line of facts)
      expect(line).toMatch(/^[ \d.]{7} s {2}(operator {2}|cluster {3}|tidekeeper) {2}(node-\d| {6}) {2}\S/);
  });
});

test("with detectors that only observe nothing heals, and the narrator says so instead of going on", async () => {
  const { run, told } = scriptRun("observe");
  expect(await run(script)).toBe(false);
  expect(told().filter((line) => line.includes("=>"))).toEqual([
    expect.stringContaining("=> in "),
    expect.stringMatching(/=> FAILED after 20\.\d s: what must follow did not$/),
  ]);
  expect(told().some((line) => line.startsWith("3. "))).toBe(false);
});

test("what the API server refuses ends the script with its words", async () => {
  const { run, told } = scriptRun();
  const [first] = script;
  if (first === undefined) throw new Error("no script");
  const refused: ScriptStep = { ...first, act: ({ control }) => control.setImage("sei", "nobody", "seid:v2") };
  expect(await run([refused])).toBe(false);
  expect(told().at(-2)).toMatch(/FAILED after \d+ ms: .*PATCH refused: .*got 404/);
});

test("a script that is broken off just ends", async () => {
  const { run, stopping, told } = scriptRun();
  stopping.abort();
  expect(await run(script)).toBe(false);
  expect(told().some((line) => line.includes("=>"))).toBe(false);
});

test.each([
  [true, true],
  [false, false],
])("colour asked for: %p, escapes written: %p", async (color, escapes) => {
  const { setup, write, told } = scriptRun();
  const narrator = createNarrator({ write, color, isBuilt: true });
  narrator.title(1, "x");
  narrator.fact({ at: 0, who: "cluster", kind: "pod", node: "node-0", text: "y" }, 0);
  narrator.success("z", 1);
  expect(told().join("").includes("\u001B[")).toBe(escapes);
  setup.view.end();
});

test.each([
  [true, false],
  [false, true],
])("a built program: %p, told how to build it: %p", (isBuilt, told) => {
  const written: string[] = [];
  createNarrator({ write: (text) => void written.push(text), color: false, isBuilt }).closing(null);
  expect(written[1]).toBe("Where to go next\n");
  expect(written.join("").includes("run compile")).toBe(told);
});

test("a promise that was not kept is not told as if it were", async () => {
  const { run, told } = scriptRun();
  const [first] = script;
  if (first === undefined) throw new Error("no script");
  const { setup } = scriptRun();
  expect(first.result([], setup)).toEqual({ ok: false, text: "not every node was seen running seid:v1" });
  // Another image than the promised one: it is set once more.
  const last = script.at(-1);
  if (last === undefined) throw new Error("no script");
  const twice: typeof last = {
    ...last,
    async act(on, tell) {
      await last.act(on, tell);
      await on.control.setImage("sei", "node-2", "seid:v4");
    },
  };
  expect(await run([first, twice])).toBe(false);
  expect(told().findLast((line) => line.includes("=>"))).toMatch(/FAILED after .* node-2 was seen running seid:v4$/);
});
