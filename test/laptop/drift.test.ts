/** What `tidekeeper drift` prints of judgements. */
import { expect, test } from "bun:test";
import { driftRow } from "../../src/laptop/drift-row.ts";
import { driftText } from "../../src/laptop/drift.ts";
import { PROGRAM } from "../../src/laptop/table.ts";
import { condition, drifting, finding, judged, nodeWith } from "./judged.ts";

const READY = { conditions: [condition("Ready", "True", "Ready"), condition("SidecarReady", "True", "Ready")] };
const ACTIVE = {
  conditions: [condition("Drift", "True", "ImageChanged", "image from sei:1 to sei:2")],
  plan: {
    id: "p",
    phase: "Active",
    detector: "image",
    reason: "ImageChanged",
    tasks: [
      { type: "apply-statefulset", id: "a", status: "Complete", params: {} },
      { type: "observe-image", id: "b", status: "Pending", params: {} },
    ],
  },
} as const;

test.each([
  ["at rest", judged(nodeWith(READY)), { drift: null, plan: [], state: "", ready: "True" }],
  [
    "drift",
    judged(nodeWith(READY), { drifts: [drifting("sidecar-ready", "SidecarNotReady")] }),
    { drift: "SidecarNotReady", detector: "sidecar-ready", plan: ["mark-ready"], state: "" },
  ],
  [
    "a plan under way",
    judged(nodeWith(ACTIVE)),
    {
      drift: "ImageChanged",
      detector: "image",
      plan: ["apply-statefulset", "observe-image"],
      state: "under way: observe-image (2 of 2)",
    },
  ],
  [
    "a plan of init is no drift",
    judged(nodeWith({ phase: "Initializing", plan: { ...ACTIVE.plan, detector: "init" } })),
    { drift: null, state: "under way: observe-image (2 of 2)" },
  ],
  [
    "one that waits, and another that does not",
    judged(nodeWith(), {
      drifts: [drifting("image", "ImageChanged", "spec"), drifting("sidecar-ready", "SidecarNotReady")],
    }),
    { drift: "ImageChanged", plan: ["mark-ready"], state: "" },
  ],
  [
    "one that may not be applied",
    judged(nodeWith(), { drifts: [drifting("image", "ImageChanged", "spec")] }),
    { drift: "ImageChanged", state: "nothing of this spec may be applied" },
  ],
  [
    "one that is only observed",
    judged(nodeWith(), { drifts: [drifting("x", "Mine")], findings: [{ ...finding("x"), mode: "observe" }] }),
    { drift: "Mine", state: "only observed" },
  ],
  [
    "a node that nobody looked at yet",
    judged(nodeWith({ phase: "Pending" })),
    { phase: "Pending", ready: "Unknown", why: "", drift: null },
  ],
])("%s", (_title, judgement, wanted) => {
  expect(driftRow(judgement)).toMatchObject(wanted);
});

const ROWS = [
  judged(nodeWith(READY)),
  judged(nodeWith(READY, { name: "rpc-1" }), { drifts: [drifting("image", "ImageChanged")] }),
].map(driftRow);

test("a table, with namespaces where there are many", () => {
  expect(driftText(ROWS, { output: "table", isEverywhere: false }, PROGRAM))
    .toBe(`NAME    READY   WHY     PHASE     DRIFT          PLAN
rpc-0   True    Ready   Running   <none>
rpc-1   True    Ready   Running   ImageChanged   mark-ready
`);
  expect(driftText(ROWS, { output: "table", isEverywhere: true }, PROGRAM)).toStartWith("NAMESPACE   NAME ");
});

test("names of those that drift alone", () => {
  expect(driftText(ROWS, { output: "name", isEverywhere: false }, PROGRAM)).toBe("seinode.sei.io/rpc-1\n");
});

test("JSON and YAML say the same", () => {
  const [json, yaml] = (["json", "yaml"] as const).map((output) =>
    driftText(ROWS, { output, isEverywhere: false }, PROGRAM),
  );
  expect(Bun.YAML.parse(yaml ?? "")).toEqual(JSON.parse(json ?? ""));
  expect(JSON.parse(json ?? "")).toMatchObject({
    kind: "DriftList",
    items: [
      { name: "rpc-0", drift: null },
      { name: "rpc-1", drift: "ImageChanged" },
    ],
  });
});
