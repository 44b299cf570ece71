/** The example is a plugin like any other: it loads through the door and keeps the laws. */
import * as sdk from "../../src/plugin/index.ts";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import reopenGate from "../../examples/reopen-gate.ts";
import { pluginFiles } from "../../src/host/index.ts";
import type { DetectInput, SeiNode } from "../../src/model/index.ts";
import { detectorLaws } from "../../src/plugin/contract.ts";
import { loadPlugins } from "../../src/plugin/loading/load.ts";

const KNOWN = new Set(["mark-ready"]);
const INCARNATION = { podUid: "pod-1", containerId: "c-1", restartCount: 0 };
type Seen = NonNullable<Parameters<typeof reopenGate.detect>[0]["observed"]>;

function nodeWith(annotations: Record<string, string>): SeiNode {
  return {
    metadata: { namespace: "sei", name: "a", uid: "u", resourceVersion: "1", generation: 1, annotations },
    spec: {},
    status: { phase: "Running" },
  };
}

const HEALTH = { ready: { state: "ready" }, notReady: { state: "notReady", history: { kind: "mayOpen" } } } as const;

function input(asked: boolean, state: "ready" | "notReady" | null): DetectInput<Seen> {
  return {
    node: nodeWith(asked ? { "example.com/reopen-gate": "yes" } : {}),
    owned: { pod: null, statefulSet: null, service: null, claim: null, sidecarImage: null },
    observed: state === null ? null : { health: HEALTH[state], incarnation: INCARNATION },
    now: 0,
  };
}

const STATES = [
  { name: "a shut gate, asked for", input: input(true, "notReady") },
  { name: "a shut gate, not asked for", input: input(false, "notReady") },
  { name: "an open gate, asked for", input: input(true, "ready") },
  { name: "nothing seen", input: input(true, null) },
];

describe("laws of the example", () => {
  for (const law of detectorLaws(reopenGate, STATES, KNOWN)) test(law.name, law.check);
});

test.each(
  STATES.map(({ name, input: state }, index) => [name, state, index === 0 ? "ReopenRequested" : null] as const),
)("%s", (_title, state, reason) => {
  expect(reopenGate.detect(state)?.reason ?? null).toBe(reason);
});

test("the directory of examples loads", async () => {
  const timers = { after: () => () => {} };
  const reply = await loadPlugins([join(import.meta.dir, "../../examples")], [], { ...pluginFiles(sdk), timers });
  expect(reply.ok ? reply.plugins.map(({ detector }) => detector.name) : reply.problems).toEqual(["reopen-gate"]);
});
