/** What may befall a node on one of the days, and what is changed by it: any watch of that may be silent then. */
import type { SimCluster, Veil } from "../../src/sim/index.ts";
import type { Dice } from "./dice.ts";
import { type Operator, PATHS } from "./operator.ts";
import { denies, mirrors } from "./policies.ts";

/** What a deed is done with. `later` runs something after a while; `last` undoes it: after a while, or when all is well again. */
export interface DeedContext {
  readonly sim: SimCluster;
  readonly operator: Operator;
  readonly dice: Dice;
  readonly name: string;
  /** Another node; the same when there is but one. */
  readonly other: string;
  readonly later: (ms: number, run: () => unknown) => void;
  readonly last: (ms: number, run: () => unknown) => void;
  /** RFC 3339, to the nanosecond. */
  readonly now: () => string;
  /** For `ms` nobody gets an answer about a Lease. */
  readonly hangLeases: (ms: number) => void;
}

/** One deed. */
export interface Deed {
  readonly title: string;
  /** Resource names whose objects it changes. */
  readonly changes: readonly string[];
  readonly run: (context: DeedContext) => unknown;
}

const NODE = ["seinodes"];
const POD = ["pods"];

/** Deeds that forbid what may be under way. */
export const GRAVE: ReadonlySet<string> = new Set([
  "kill",
  "hold",
  "pause",
  "shut",
  "claim",
  "claim while paused",
  "address",
  "orphan",
  "delete",
  "image and rollout restart",
  "no Lease",
]);

/** Deeds whose healing others may fall into. */
export const MILD: ReadonlySet<string> = new Set(["pod", "kill", "sidecar", "image", "delete", "strategy by hand"]);

/** Short or long, as operators are. */
const while_ = (dice: Dice): number => dice.between(200, dice.pick([2_000, 30_000]));

/** All of them. */
export const deeds: readonly Deed[] = [
  { title: "pod", changes: POD, run: ({ operator, name }) => operator.remove(PATHS.pod(name)) },
  { title: "kill", changes: POD, run: ({ operator, name }) => operator.killPod(name) },
  { title: "sidecar", changes: POD, run: ({ sim, name }) => sim.control.restartSidecar("sei", name) },
  {
    title: "image",
    changes: [...NODE, "statefulsets", ...POD],
    run: ({ sim, name, dice }) => sim.control.setImage("sei", name, `sei:${dice.between(1, 4)}`),
  },
  {
    title: "hold",
    changes: NODE,
    run: ({ operator, name, last, dice }) => {
      last(while_(dice), () => operator.status(name, { adoptedWorkflow: null }));
      return operator.status(name, { adoptedWorkflow: { name: "w", uid: "w" } });
    },
  },
  {
    title: "pause",
    changes: NODE,
    run: ({ operator, name, last, dice }) => {
      last(while_(dice), () => operator.merge(PATHS.node(name), { spec: { paused: false } }));
      return operator.merge(PATHS.node(name), { spec: { paused: true } });
    },
  },
  { title: "shut", changes: [], run: shut },
  {
    title: "restart and shut",
    changes: POD,
    run: (context) => {
      context.sim.control.restartSidecar("sei", context.name);
      for (const ms of [40, 80, 160, 320, 640, 1_280, 2_560]) context.later(ms, () => shut(context));
    },
  },
  { title: "shut, and nobody can tell", changes: [], run: shutUnclear },
  {
    title: "claim",
    changes: ["persistentvolumeclaims", ...POD],
    run: ({ operator, name }) => operator.replaceVolume(name),
  },
  {
    title: "claim while paused",
    changes: [...NODE, "persistentvolumeclaims", ...POD],
    run: async ({ operator, name, last, later }) => {
      last(10_000, () => operator.merge(PATHS.node(name), { spec: { paused: false } }));
      await operator.merge(PATHS.node(name), { spec: { paused: true } });
      later(5_000, () => operator.replaceClaim(name));
    },
  },
  { title: "address", changes: POD, run: address },
  {
    title: "veil",
    changes: [],
    run: ({ sim, name, dice, last }) => {
      const veil: Veil = dice.pick(["envoy", "empty", "status", "html", "tasks"]);
      sim.control.veilSidecar("sei", name, veil);
      last(dice.between(1_000, 40_000), () => sim.control.veilSidecar("sei", name, null));
    },
  },
  {
    title: "wipe",
    changes: NODE,
    run: async ({ operator, name, dice }) => {
      if (dice.chance(0.5)) await operator.killPod(name);
      return operator.status(name, null);
    },
  },
  {
    title: "orphan",
    changes: NODE,
    run: async ({ operator, name, later }) => {
      const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Orphan" };
      await operator.remove(PATHS.node(name), body);
      later(3_000, () => remake({ operator, name, later }));
    },
  },
  {
    title: "delete",
    changes: [...NODE, "statefulsets", ...POD, "persistentvolumeclaims", "services"],
    run: async ({ operator, name, later }) => {
      await operator.remove(PATHS.node(name));
      later(1, () => remake({ operator, name, later }));
    },
  },
  {
    title: "rollout restart",
    changes: ["statefulsets", ...POD],
    run: ({ operator, name, dice }) => operator.restart(name, String(dice.u32())),
  },
  {
    title: "image and rollout restart",
    changes: ["statefulsets", ...POD],
    run: async ({ sim, operator, name, dice, later }) => {
      later(dice.between(20, 1_000), () => operator.restart(name, String(dice.u32())));
      await sim.control.setImage("sei", name, `sei:${dice.between(5, 8)}`);
    },
  },
  {
    title: "home elsewhere",
    changes: ["statefulsets", ...POD],
    run: async ({ operator, name }) => {
      await operator.homeElsewhere(name);
      await operator.killPod(name);
    },
  },
  {
    title: "pod image by hand",
    changes: POD,
    run: ({ operator, name, dice }) => operator.setPodImage(name, `sei:${dice.between(1, 9)}`),
  },
  {
    title: "refused image",
    changes: [...NODE, ...POD],
    run: async ({ sim, operator, name, dice, last, later }) => {
      const what = dice.pick(["statefulsets", "deletions"] as const);
      if (what === "statefulsets") await operator.killPod(name);
      sim.control.admission(denies(what, "sei:refused", dice.pick([403, 422])));
      last(Number.POSITIVE_INFINITY, () => sim.control.setImage("sei", name, "sei:1"));
      await sim.control.setImage("sei", name, "sei:refused");
      if (what === "statefulsets") await operator.killPod(name);
      else later(2_000, () => sim.control.restartSidecar("sei", name));
    },
  },
  {
    title: "refused Pod",
    changes: [...NODE, ...POD],
    run: ({ sim, name, dice, last }) => {
      sim.control.admission(denies("pods", "sei:refused", dice.pick([403, 422])));
      last(dice.between(1_000, 60_000), () => sim.control.setImage("sei", name, "sei:1"));
      return sim.control.setImage("sei", name, "sei:refused");
    },
  },
  { title: "import", changes: ["persistentvolumeclaims", ...NODE], run: imports },
  {
    title: "mirror",
    changes: ["statefulsets", ...POD],
    run: async ({ sim, operator, name, dice }) => {
      sim.control.admission(mirrors(dice.pick(["pods", "templates", "sidecars"])));
      if (dice.chance(0.5)) await operator.killPod(name);
      else await sim.control.setImage("sei", name, `sei:${dice.between(1, 4)}`);
    },
  },
  {
    title: "strategy by hand",
    changes: ["statefulsets"],
    run: ({ operator, name }) =>
      operator.merge(PATHS.set(name), { spec: { updateStrategy: { type: "RollingUpdate" } } }),
  },
  {
    title: "no Lease",
    changes: [],
    run: ({ dice, hangLeases, later, operator, name }) => {
      hangLeases(dice.between(5_000, 14_000));
      later(dice.between(5_000, 10_000), () => operator.killPod(name));
    },
  },
  {
    title: "touch",
    changes: NODE,
    run: ({ operator, name, dice }) => operator.annotate(name, { touched: String(dice.u32()) }),
  },
];

function shut({ sim, name }: Pick<DeedContext, "sim" | "name">): void {
  sim.control.submitTask("sei", name, "mark-not-ready");
}

/** The history that a gate leaves may be of no use: without a time, a tie, or pushed out of the list by other tasks. */
function shutUnclear(context: DeedContext): void {
  const { sim, name, dice, later } = context;
  const at = context.now();
  const done = { status: "completed", run: 1, params: {}, completedAt: at } as const;
  const record = (type: string, submittedAt: string) => ({ id: dice.uuid4(), type, submittedAt, ...done });
  const plant = (type: string, when: string): void => sim.control.plantTask("sei", name, record(type, when));
  const ways = [
    () => plant("mark-not-ready", ""),
    () => {
      plant("mark-not-ready", at);
      plant("mark-ready", at);
      plant("mark-not-ready", at);
    },
    () => {
      shut(context);
      later(50, () => Array.from({ length: 101 }, () => plant("config-reload", at)));
    },
  ];
  dice.pick(ways)();
  later(200, () => sim.control.restartSidecar("sei", name));
}

/** Both Pods are replaced, and the other's gets this one's address. */
async function address({ sim, operator, name, other }: DeedContext): Promise<void> {
  const mine = sim.control.placedPods().find(({ pod }) => pod === `${name}-0`);
  if (mine === undefined || other === name) return;
  await operator.killPod(name);
  sim.control.leaseAddress("sei", other, mine.ip);
  await operator.killPod(other);
}

/** Pairs of nodes that import one claim each, made together; all are gone again after a while. */
async function imports({ operator, dice, last, later }: DeedContext): Promise<void> {
  const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2000Gi" } } };
  for (const pair of ["i", "j", "k"]) {
    const pvcName = `data-${pair}`;
    await operator.create(PATHS.claim(pair), { metadata: { name: pvcName }, spec: claim });
    const make = (name: string): Promise<number> => {
      last(dice.between(20_000, 40_000), () => operator.remove(PATHS.node(name)));
      const spec = { chainId: "demo-1", image: "sei:1", fullNode: {}, dataVolume: { import: { pvcName } } };
      const node = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { name, namespace: "sei" }, spec };
      return operator.create(PATHS.node(name), node);
    };
    await make(`${pair}1`);
    later(dice.between(0, 50), () => make(`${pair}0`));
  }
}

type Remaking = Pick<DeedContext, "operator" | "name" | "later">;

/** Made again under its name, as soon as that is free. */
async function remake({ operator, name, later }: Remaking): Promise<void> {
  const spec = { chainId: "demo-1", image: "sei:1", fullNode: {} };
  const body = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { name, namespace: "sei" }, spec };
  const status = await operator.create(PATHS.node(name), body);
  if (status === 409) later(500, () => remake({ operator, name, later }));
}
