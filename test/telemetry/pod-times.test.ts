/** Times since a Pod was made: of gates of new Pods alone, once a Pod and stage. */
import { expect, test } from "bun:test";
import type { SeiNode, StoredPlan } from "../../src/model/index.ts";
import { createInstruments } from "../../src/telemetry/instruments.ts";
import { type PodBirth, podTimes } from "../../src/telemetry/pod-times.ts";

const node: SeiNode = {
  metadata: { namespace: "chain", name: "a", uid: "u", resourceVersion: "1", generation: 1 },
  spec: {},
  status: {},
};
const reopen: StoredPlan = {
  id: "p",
  phase: "Active",
  detector: "sidecar-ready",
  incarnation: { podUid: "pod-1", containerId: "c", restartCount: 0 },
  tasks: [{ type: "mark-ready", id: "t", status: "Pending", params: {} }],
};

function setUp(pod: PodBirth | null) {
  const instruments = createInstruments();
  const now = { wall: 0 };
  const times = podTimes({ instruments, wall: () => now.wall, podOf: () => pod });
  const told = () =>
    Object.fromEntries(
      [...instruments.histograms("podTime")].map(({ labelValues, sum, counts }) => [
        labelValues[0],
        { sum, count: counts.reduce((all, one) => all + one, 0) },
      ]),
    );
  return { times, now, told };
}

const POD = { uid: "pod-1", createdAt: 10_000 };

test("a healing is told from the creation of its Pod, stage by stage", () => {
  const { times, now, told } = setUp(POD);
  now.wall = 13_000;
  times.detected(node, ["mark-ready"]);
  now.wall = 13_500;
  times.planned(node, reopen);
  now.wall = 14_000;
  times.healed(node, reopen);
  expect(told()).toEqual({
    detected: { sum: 3, count: 1 },
    planned: { sum: 3.5, count: 1 },
    healed: { sum: 4, count: 1 },
  });
});

test("a Pod is detected once, however often its drift comes and goes", () => {
  const { times, told } = setUp(POD);
  times.detected(node, ["mark-ready"]);
  times.detected(node, ["mark-ready"]);
  expect(told()).toMatchObject({ detected: { count: 1 } });
});

test("a clock that is behind the API server's tells no time below nothing", () => {
  const { times, now, told } = setUp(POD);
  now.wall = 9_000;
  times.healed(node, reopen);
  expect(told()).toEqual({ healed: { sum: 0, count: 1 } });
});

test.each<[string, PodBirth | null, readonly string[], StoredPlan]>([
  ["no Pod, or one whose sidecar was restarted", null, ["mark-ready"], reopen],
  ["a roll-out", POD, ["apply-statefulset", "mark-ready"], { ...reopen, tasks: [...reopen.tasks, ...reopen.tasks] }],
])("%s tells nothing", (_title, pod, tasks, plan) => {
  const { times, told } = setUp(pod);
  times.detected(node, tasks);
  times.planned(node, plan);
  times.healed(node, plan);
  expect(told()).toEqual({});
});

test.each<[string, StoredPlan]>([
  ["of another Pod", { ...reopen, incarnation: { podUid: "pod-0", containerId: "c", restartCount: 0 } }],
  [
    "of a sidecar that was restarted",
    { ...reopen, incarnation: { podUid: "pod-1", containerId: "c", restartCount: 1 } },
  ],
])("a plan %s tells nothing", (_title, plan) => {
  const { times, told } = setUp(POD);
  times.planned(node, plan);
  times.healed(node, plan);
  expect(told()).toEqual({});
});
