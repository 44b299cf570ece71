/** The detectors of a run: order, modes, and refused choices. */
import { describe, expect, test } from "bun:test";
import { type Choice, registry } from "../../src/controller/registry.ts";
import type { DetectInput, Detector, RegisteredDetector } from "../../src/model/index.ts";
import { Stage } from "../fixtures/stage.ts";

const input: DetectInput<unknown> = {
  node: new Stage().node(),
  owned: { pod: null, statefulSet: null, service: null, claim: null, sidecarImage: null },
  observed: null,
  now: 0,
};

function listOf(detectors: readonly Detector<unknown>[], choices: readonly Choice[] | null = null) {
  const reply = registry(
    detectors.map((detector) => ({ detector, file: `./${detector.name}.ts` })),
    choices,
  );
  if (!reply.ok) throw new Error(reply.problems.join());
  return reply.detectors;
}

function shown(list: readonly RegisteredDetector[]): readonly string[] {
  return list.map(({ detector, mode, onFailure }) => `${detector.name} ${mode} ${onFailure}`);
}

const mine: Detector<unknown> = { name: "mine", detect: () => null };
const theirs: Detector<unknown> = { name: "theirs", detect: () => null };
const builtins = ["image act hold", "sidecar-image act hold", "sidecar-ready act hold", "workload act hold"];

test.each<[string, readonly Detector<unknown>[], readonly Choice[] | null, readonly string[]]>([
  ["built-ins alone", [], null, builtins],
  ["plugins come after, as given", [theirs, mine], null, [...builtins, "theirs act skip", "mine act skip"]],
  [
    "what is named comes first and in that order",
    [mine],
    [
      { name: "mine", mode: "observe" },
      { name: "workload", mode: "off" },
    ],
    ["mine observe skip", "workload off hold", "image act hold", "sidecar-image act hold", "sidecar-ready act hold"],
  ],
])("the list: %s", (_title, plugins, choices, want) => {
  expect(shown(listOf(plugins, choices))).toEqual([...want]);
});

test("a choice that names nobody is refused, each in a line that says who there is", () => {
  const choices = [
    { name: "x", mode: "act" },
    { name: "y", mode: "off" },
  ] as const;
  expect(registry([], choices)).toEqual({
    ok: false,
    problems: [
      "--detectors: got x, want one of image, sidecar-image, sidecar-ready, workload",
      "--detectors: got y, want one of image, sidecar-image, sidecar-ready, workload",
    ],
  });
});

describe("a plugin", () => {
  test.each(["SidecarReady", "HeldByWorkflow", "TakeOver", "PodOutdated", "Ready"])("sets no condition %s", (type) => {
    const guard = listOf([mine]).at(-1)?.guard;
    const said = { type, status: "True", reason: "Fine", message: "" };
    expect(guard?.conditions([said])).toContain(`got type "${type}"`);
  });

  test("cannot change what others see", () => {
    const meddler: Detector<unknown> = {
      name: "meddler",
      detect({ node }) {
        Reflect.set(node.status, "phase", "Failed");
        return Reflect.set(node.metadata, "name", "other") ? { reason: "Changed", message: "", tasks: [] } : null;
      },
    };
    const detector = listOf([meddler]).at(-1)?.detector;
    expect(detector?.detect(input) ?? null).toBeNull();
    expect([input.node.status.phase, input.node.metadata.name]).toEqual(["Running", "node"]);
  });

  test("that does not observe has no observe, one that does keeps its interval", () => {
    const looker: Detector<unknown> = { ...mine, everyMs: 7, observe: async () => ({ seen: 1 }) };
    expect(listOf([mine]).at(-1)?.detector).not.toHaveProperty("observe");
    expect(listOf([looker]).at(-1)?.detector.everyMs).toBe(7);
  });

  test("that plans a task nobody can run is refused", () => {
    const guard = listOf([mine]).at(-1)?.guard;
    const drift = { reason: "Mine", message: "a gap", targetPhase: "Running" };
    expect(guard?.drift({ ...drift, tasks: [{ type: "mark-ready", params: {} }] })).toBeNull();
    expect(guard?.drift({ ...drift, tasks: [{ type: "rm-rf", params: {} }] })).toContain("rm-rf");
  });

  test("holds its node up for less time than a built-in may", () => {
    const list = listOf([mine]);
    expect(list.at(-1)?.deadlineMs).toBeLessThan(list[0]?.deadlineMs ?? 0);
  });
});
