/** Every built-in detector keeps the laws on every named state, as any plugin must. */
import { describe, expect, test } from "bun:test";
import { builtinDetectors } from "../../src/drift/index.ts";
import {
  type DetectInput,
  type NodeStatus,
  planType,
  type SidecarHealth,
  type OwnedObjects,
} from "../../src/model/index.ts";
import { tasks } from "../../src/executor/index.ts";
import { detectorLaws } from "../../src/plugin/index.ts";
import { aService, aStatefulSet } from "../fixtures/stage.ts";

const INCARNATION = { podUid: "pod-1", containerId: "containerd://1", restartCount: 0 };
const POD = {
  namespace: "sei",
  name: "a-0",
  uid: "pod-1",
  resourceVersion: "1",
  generation: 1,
  node: "a",
  component: null,
  ip: "10.0.0.1",
  phase: "Running",
  deleting: false,
  ready: false,
  revision: "a-1",
  ownerUid: "sts-1",
  ownerKind: "StatefulSet",
  containers: [],
  createdAt: "",
  claims: ["data-a"],
  home: { claim: "data-a", subPath: "" },
  sidecarPort: 7777,
} as const;
const CLAIM = {
  namespace: "sei",
  name: "data-a",
  uid: "claim-1",
  resourceVersion: "1",
  node: "a",
  ownerUid: "node-1",
  phase: "Bound",
  deleting: false,
  createdAt: "",
} as const;

interface Change {
  readonly spec?: Readonly<Record<string, string | boolean>>;
  readonly status?: Partial<NodeStatus>;
  readonly health?: SidecarHealth;
  readonly owned?: Partial<OwnedObjects>;
}

/** A healthy Running node, with what is different. */
function state({ spec = {}, status = {}, health = { state: "ready" }, owned = {} }: Change): DetectInput<unknown> {
  return {
    node: {
      metadata: { namespace: "sei", name: "a", uid: "node-1", resourceVersion: "7", generation: 2 },
      spec: { chainId: "sei-test", image: "seid:v1", fullNode: {}, ...spec },
      status: {
        phase: "Running",
        currentImage: "seid:v1",
        applied: { generation: 2, statefulSet: "v1", service: "service" },
        dataVolume: { claimName: "data-a", uid: "claim-1" },
        ...status,
      },
    },
    owned: {
      pod: POD,
      statefulSet: { ...aStatefulSet("v1"), home: POD.home },
      service: aService(),
      claim: CLAIM,
      sidecarImage: null,
      ...owned,
    },
    observed: { health, incarnation: INCARNATION },
    now: 1_800_000_000_000,
  };
}

const SHUT = { state: "notReady", history: { kind: "mayOpen" } } as const;
const SHUT_ON_PURPOSE = { state: "notReady", history: { kind: "shutOnPurpose" } } as const;
const SHUT_BY_SOMEBODY = { state: "notReady", history: { kind: "unknown", why: "no readable time" } } as const;

const STATES = [
  { name: "healthy", input: state({}), drift: null },
  { name: "gate shut", input: state({ health: SHUT }), drift: "SidecarNotReady" },
  { name: "gate shut on purpose", input: state({ health: SHUT_ON_PURPOSE }), drift: null },
  { name: "gate shut, purpose not known", input: state({ health: SHUT_BY_SOMEBODY }), drift: null },
  { name: "sidecar unreachable", input: state({ health: { state: "unreachable", cause: "refused" } }), drift: null },
  { name: "probe error", input: state({ health: { state: "probeError", cause: "500" } }), drift: null },
  { name: "image changed", input: state({ spec: { image: "seid:v2" } }), drift: "ImageChanged" },
  {
    name: "image changed and gate shut",
    input: state({ spec: { image: "seid:v2" }, health: SHUT }),
    drift: "ImageChanged",
  },
  {
    name: "another volume behind a shut gate",
    input: state({ health: SHUT, status: { dataVolume: { claimName: "data-a", uid: "lost" } } }),
    drift: null,
  },
  {
    name: "a workflow holds the gate",
    input: state({ health: SHUT, status: { adoptedWorkflow: { name: "wipe" } } }),
    drift: null,
  },
  {
    name: "brought up by another manager",
    input: state({ status: { applied: { generation: 2 } } }),
    drift: "TakeOver",
  },
  {
    name: "brought up by another manager with another image",
    input: state({ spec: { image: "seid:v2" }, status: { applied: { generation: 2 } } }),
    drift: null,
  },
  { name: "its StatefulSet is gone", input: state({ owned: { statefulSet: null } }), drift: "WorkloadChanged" },
  { name: "paused", input: state({ spec: { paused: true } }), drift: null },
] as const;

const known = new Set(tasks.map(({ type }) => type));

for (const detector of builtinDetectors) {
  describe(`detector contract: ${detector.name}`, () => {
    for (const law of detectorLaws(detector, STATES, known)) test(law.name, law.check);
  });
}

test.each(STATES.map(({ name, input, drift }) => [name, input, drift] as const))(
  "in their order: %s",
  (_name, input, drift) => {
    const reasons = builtinDetectors.flatMap((detector) => detector.detect(input)?.reason ?? []);
    expect(reasons[0] ?? null).toBe(drift);
  },
);

test.each(builtinDetectors.map((detector) => [detector.name, detector] as const))(
  "%s sets conditions of the types that it declares alone, and means its reasons",
  (_name, detector) => {
    const { conditionTypes = [], reasons = {} } = detector;
    const said = STATES.flatMap(({ input }) => detector.conditions?.(input) ?? []);
    expect(conditionTypes).toEqual(expect.arrayContaining([...new Set(said.map(({ type }) => type))]));
    for (const meaning of Object.values(reasons)) expect(meaning).toMatch(/^[A-Z].*\.$/);
  },
);

test("every plan of a built-in has a type of its own", () => {
  const types = STATES.flatMap(({ input }) =>
    builtinDetectors.flatMap((detector) => {
      const drift = detector.detect(input);
      return drift === null ? [] : [planType({ ...drift, detector: detector.name })];
    }),
  );
  expect([...new Set(types)].toSorted()).toEqual(["mark-ready-reapply", "node-update", "take-over", "workload-apply"]);
});
