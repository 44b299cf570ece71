/** Why nothing happens: which of many reasons is the answer, in the order in which the loop comes to them. */
import { expect, test } from "bun:test";
import type { Facts } from "../../src/laptop/check.ts";
import { explanation } from "../../src/laptop/explanation.ts";
import { condition, drifting, factsOf, finding, judged, lease, nodeWith, NOW } from "./judged.ts";

const SHUT = [finding("image"), finding("sidecar-ready", { reason: "SidecarNotReady", message: "m", tasks: [] })];
const drift = { drifts: [drifting("sidecar-ready", "SidecarNotReady")], findings: SHUT };
const held = nodeWith({
  conditions: [
    condition("HeldByWorkflow", "True", "GateShutOnPurpose", "it was shut on purpose"),
    condition("Ready", "False", "GateShutOnPurpose"),
  ],
});
const failed = {
  id: "1",
  detector: "image",
  reason: "ImageChanged",
  outcome: "Failed",
  healed: false,
  createdAt: "2026-01-02T03:03:00Z",
  finishedAt: "2026-01-02T03:04:00Z",
  message: "task apply-statefulset: API_REFUSED: a policy says no",
  generation: 1,
} as const;

const CASES: readonly (readonly [string, Facts, string, string])[] = [
  ["a node at rest", factsOf(judged(nodeWith())), "nothing is to be done: no detector sees drift", "null"],
  [
    "drift that nothing holds back",
    factsOf(judged(nodeWith(), drift)),
    "nothing stands in the way of SidecarNotReady: the next reconcile begins mark-ready",
    "--mode observe",
  ],
  [
    "nobody leads",
    factsOf(judged(nodeWith(), drift), { leases: { ours: [], reference: [], fault: null } }),
    "nothing is done: leader: nobody leads: there is no Lease tidekeeper.sei.io in any namespace",
    "tidekeeper manifests",
  ],
  [
    "who led has gone",
    factsOf(judged(held, drift), {
      leases: { ours: [lease({ isAlive: false, renewedAgo: 90 })], reference: [], fault: null },
    }),
    "nothing is done: leader: nobody leads: tidekeeper-0 holds Lease ops/tidekeeper.sei.io, renewed 90s ago",
    "its log says why",
  ],
  [
    "the reference's manager lives",
    factsOf(judged(held, drift), {
      leases: { ours: [lease()], reference: [lease({ name: "bc1f5b0a.sei.io", holder: "sei-0" })], fault: null },
    }),
    "nothing is done: other manager: the reference's manager is alive: sei-0 holds Lease ops/bc1f5b0a.sei.io",
    "Stop it first",
  ],
  [
    "another namespace is looked after",
    factsOf(judged(nodeWith(), drift), {
      leases: { ours: [lease({ scope: { namespace: "other", selector: null } })], reference: [], fault: null },
    }),
    "nothing is done: scope: it is in nobody's: who leads looks after namespace other",
    "Start a controller for it",
  ],
  [
    "other labels are looked after",
    factsOf(judged(nodeWith(), drift), {
      leases: { ours: [lease({ scope: { namespace: null, selector: "tier=rpc" } })], reference: [], fault: null },
      isSelected: () => false,
    }),
    "nothing is done: scope: it is in nobody's: who leads looks after every namespace, tier=rpc",
    "label it",
  ],
  [
    "a hold",
    factsOf(judged(held)),
    "nothing is done: GateShutOnPurpose: it was shut on purpose (for 60s)",
    "posts mark-ready",
  ],
  [
    "a stall goes before a hold",
    factsOf(
      judged(
        nodeWith({
          conditions: [
            condition("Stalled", "True", "DataVolumeLost", "the claim is gone"),
            condition("Ready", "False", "DataVolumeLost"),
          ],
        }),
      ),
    ),
    "nothing is done: DataVolumeLost: the claim is gone (for 60s)",
    "Restore the volume",
  ],
  [
    "a pause",
    factsOf(
      judged(
        nodeWith({
          conditions: [
            condition("Paused", "True", "Paused", "spec.paused is set"),
            condition("Ready", "False", "Paused"),
          ],
        }),
      ),
    ),
    "nothing is done: Paused: spec.paused is set (for 60s)",
    "Unset spec.paused",
  ],
  [
    "a plan under way",
    factsOf(
      judged(
        nodeWith({
          conditions: [
            condition("Drift", "True", "ImageChanged"),
            condition("Reconciling", "True", "Progressing", "plan for ImageChanged; the Pod starts"),
          ],
          plan: {
            id: "p",
            phase: "Active",
            detector: "image",
            reason: "ImageChanged",
            tasks: [{ type: "observe-image", id: "t", status: "Pending", params: {} }],
          },
        }),
      ),
    ),
    "it waits: plan: ImageChanged by image: observe-image Pending. plan for ImageChanged; the Pod starts",
    "null",
  ],
  [
    "a back-off of one failure",
    factsOf(
      judged(nodeWith({ history: [{ ...failed, detector: "x" }] }), {
        drifts: [drifting("x", "Mine", "backOff")],
        findings: [finding("x")],
      }),
    ),
    "it waits: back-off: Mine: backs off until 2026-01-02T03:04:",
    "null",
  ],
  [
    "no place in a budget",
    factsOf(
      judged(nodeWith(), {
        drifts: [drifting("sidecar-image", "SidecarImageChanged")],
        findings: [
          finding("sidecar-image", { reason: "SidecarImageChanged", message: "m", tasks: [], budget: "sidecar-image" }),
        ],
      }),
      { hasPlace: () => false },
    ),
    "it waits: budget: sidecar-image: all places are taken by other nodes",
    "null",
  ],
  [
    "a detector that fails",
    factsOf(judged(nodeWith(), { problem: "detector mine: observe() threw: no" })),
    "nothing is done: drift: detector mine: observe() threw: no",
    "null",
  ],
  [
    "a sidecar that does not answer is no reason, and is told",
    factsOf(
      judged(nodeWith({ conditions: [condition("SidecarReady", "Unknown", "Unreachable", "connection refused")] })),
    ),
    "nothing is to be done: no detector sees drift, though not all is known: Unreachable: connection refused",
    "null",
  ],
  [
    "Leases that may not be looked at",
    factsOf(judged(nodeWith()), { leases: { ours: [], reference: [], fault: { status: 403, why: "forbidden" } } }),
    "nothing is to be done: no detector sees drift, though not all is known: the Leases could not be looked at: forbidden",
    "null",
  ],
];

test.each(CASES)("%s", (_title, facts, answer, remedy) => {
  const told = explanation(facts);
  expect(told.answer).toStartWith(answer);
  expect(String(told.remedy)).toContain(remedy);
});

test("every check says what it saw, each name once but for events", () => {
  const { checks } = explanation(factsOf(judged(nodeWith())));
  const names = checks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(checks.filter(({ saw }) => saw === "")).toEqual([]);
  expect(names.slice(0, 3)).toEqual(["other manager", "leader", "scope"]);
});

test("the drift that goes first is told with those behind it", () => {
  const image = finding("image", { reason: "ImageChanged", message: "m", tasks: [] });
  const seen = { reason: "SidecarNotReady", message: "m", tasks: [] };
  const behind = { ...finding("sidecar-ready", seen), wasAsked: false };
  const { detectors, checks } = explanation(
    factsOf(judged(nodeWith(), { drifts: [drifting("image", "ImageChanged")], findings: [image, behind] })),
  );
  expect(checks.find(({ name }) => name === "drift")?.saw).toBe(
    "ImageChanged (image) goes first; behind it SidecarNotReady (sidecar-ready)",
  );
  expect(detectors.map(({ detector, wins }) => [detector, wins])).toEqual([
    ["image", true],
    ["sidecar-ready", false],
  ]);
  expect(detectors[1]?.word).toBe("SidecarNotReady is behind the first: m");
});

test("warnings about its Pod are told, the newest three of the last hour", () => {
  const warn = (minutes: number, reason: string) => ({
    at: new Date(NOW - minutes * 60_000).toISOString(),
    type: "Warning",
    reason,
    note: "n",
    by: "kubelet",
    count: 2,
  });
  const events = [
    warn(90, "Old"),
    warn(40, "A"),
    warn(30, "B"),
    warn(20, "C"),
    warn(10, "D"),
    { ...warn(5, "Normal"), type: "Normal" },
  ];
  const { checks } = explanation(factsOf(judged(nodeWith()), { events }));
  expect(checks.filter(({ name }) => name === "events").map(({ saw }) => saw)).toEqual([
    "B 30m ago, 2 times: n",
    "C 20m ago, 2 times: n",
    "D 10m ago, 2 times: n",
  ]);
});
