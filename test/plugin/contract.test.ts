/** The laws must catch those who break them. */
import { expect, test } from "bun:test";
import { detectorLaws } from "../../src/plugin/contract.ts";
import type { DetectInput, Detector } from "../../src/model/index.ts";
import type { JsonObject } from "../../src/base/index.ts";

const KNOWN = new Set(["mark-ready"]);
const INPUT: DetectInput<JsonObject> = {
  node: {
    metadata: { namespace: "sei", name: "a", uid: "u", resourceVersion: "1", generation: 1, labels: {} },
    spec: {},
    status: {},
  },
  owned: { pod: null, statefulSet: null, service: null, claim: null, sidecarImage: null },
  observed: { seen: 1 },
  now: 0,
};
const DRIFT = { reason: "Shut", message: "it is shut", tasks: [{ type: "mark-ready", params: {} }] };

function broken(detector: Partial<Detector>): readonly string[] {
  const whole: Detector = { name: "x", detect: () => null, ...detector };
  return detectorLaws(whole, [{ name: "s", input: INPUT }], KNOWN).flatMap(({ check }) => {
    try {
      check();
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

test("a detector that keeps them all passes", () => {
  expect(broken({ detect: () => DRIFT, conditions: () => [] })).toEqual([]);
});

test("one that never says the same twice is caught", () => {
  let calls = 0;
  expect(broken({ detect: () => ({ ...DRIFT, message: `call ${++calls}` }) })).toEqual([
    expect.stringContaining('detect() said {"reason":"Shut","message":"call 2"'),
  ]);
});

test("one that writes to its input is caught", () => {
  const detect: Detector["detect"] = ({ node }) => {
    Object.assign(node.spec, { touched: true });
    return null;
  };
  expect(broken({ detect })).not.toEqual([]);
});

test("one that cannot be stored is caught", () => {
  expect(broken({ detect: () => ({ ...DRIFT, tasks: [] }) })).toContain(
    "detector x: tasks: got none, want at least one. Return null when there is nothing to do",
  );
});

test("one that counts on an observation is caught", () => {
  const detect: Detector["detect"] = ({ observed }) => {
    if (observed === null) throw new Error("nothing was seen");
    return null;
  };
  expect(broken({ detect })).toEqual(["nothing was seen"]);
});

test("a condition with a bad reason is caught", () => {
  const conditions = () => [{ type: "Gate", status: "True", reason: "not ready!", message: "" }] as const;
  expect(broken({ conditions })).toEqual([expect.stringContaining("conditions[0].reason")]);
});
