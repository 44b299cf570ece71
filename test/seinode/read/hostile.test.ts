/** SeiNodes and stored plans that nobody means well with. */
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { PLAN_PHASES, TASK_STATES } from "../../../src/model/index.ts";
import { initPlanFor } from "../../../src/seinode/plans/index.ts";
import { readPlan } from "../../../src/seinode/read/read-plan.ts";
import { readSpec } from "../../../src/seinode/read/read-spec.ts";
import { seiNode } from "../nodes.ts";
import { jsonWith, ONE_LINE, RUNS, text } from "../../fixtures/hostile.ts";

afterEach(() => expect("polluted" in {}).toBe(false));

const runs = { numRuns: RUNS };

describe("a SeiNode", () => {
  const fields = [
    "image",
    "chainId",
    "fullNode",
    "validator",
    "archive",
    "sidecar",
    "port",
    "peers",
    "label",
    "selector",
    "dataVolume",
    "import",
    "pvcName",
    "overrides",
    "entrypoint",
    "podLabels",
    "snapshot",
    "s3",
    "paused",
  ];

  test("that can be read makes a plan that can be stored", () => {
    const minimal = { chainId: "c-1", image: "sei:1", fullNode: {} };
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fields), jsonWith(...fields)), (more) => {
        const node = seiNode(JSON.parse(JSON.stringify({ ...minimal, ...more })));
        const read = readSpec(node);
        if (!read.ok) return expect(read.message).toMatch(ONE_LINE);
        const plan = initPlanFor(node, read.spec);
        expect(plan.tasks.length).toBeGreaterThan(0);
        expect(JSON.parse(JSON.stringify(plan.tasks))).toEqual(plan.tasks);
        return undefined;
      }),
      runs,
    );
  });
});

describe("a stored plan", () => {
  const fields = [
    "id",
    "phase",
    "tasks",
    "type",
    "status",
    "params",
    "namespace",
    "nodeName",
    "madeFrom",
    "error",
    "retryCount",
    "maxRetries",
    "createdAt",
    "incarnation",
  ];
  const id = "00000000-0000-4000-8000-000000000000";
  const task = fc.record({
    type: fc.oneof(fc.constant("mark-ready"), text),
    id: fc.oneof(fc.constant("bfc1314a-0b03-5197-8db4-1b7f37264be3"), text),
    status: fc.oneof(fc.constantFrom(...TASK_STATES), text),
    params: jsonWith(...fields),
  });
  const near = fc.record({
    id: fc.constant(id),
    phase: fc.constantFrom(...PLAN_PHASES),
    tasks: fc.array(task, { maxLength: 3 }),
  });

  test("is one whose ids follow and whose words are known, or is corrupt in a line", () => {
    fc.assert(
      fc.property(fc.oneof(jsonWith(...fields), near), (raw) => {
        const { plan, corrupt } = readPlan(raw, { namespace: "sei", name: "a" });
        if (corrupt !== null) expect(corrupt).toMatch(ONE_LINE);
        expect(plan === null || corrupt === null).toBe(true);
        if (plan === null) return;
        expect(PLAN_PHASES).toContain(plan.phase);
        for (const [index, one] of plan.tasks.entries()) {
          expect(TASK_STATES).toContain(one.status);
          const want = Bun.randomUUIDv5(`${plan.id}/${one.type}/${index}`, "b7e89c3a-4f12-4d8b-9a6e-1c2d3e4f5a6b");
          expect(one.id).toBe(want);
        }
      }),
      runs,
    );
  });
});
