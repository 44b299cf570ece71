/** Faults of people, tenants, sidecars, admission and plugins that deeds.ts does not have. */
import type { Policy } from "../../../src/sim/index.ts";
import { PATHS } from "../operator.ts";
import type { FaultContext, FaultKind } from "./faults.ts";
import type { Mood } from "./moods.ts";

const LABEL = "sei.io/node";
const LARGE_BYTES = 50_000;

/** All of them. */
export const peopleFaults: readonly FaultKind[] = [
  { name: "labels taken off", everyMs: 60_000, run: labelsOff, isForRunning: true },
  {
    name: "tasks forgotten",
    everyMs: 60_000,
    run: ({ sim, name }) => sim.control.forgetTasks("sei", name),
    isForRunning: true,
  },
  {
    name: "a sidecar that hangs",
    everyMs: 40_000,
    run: ({ sim, name, dice, later }) => {
      sim.control.hangSidecar("sei", name, true);
      later(dice.between(100, 30_000), () => sim.control.hangSidecar("sei", name, false));
    },
  },
  {
    name: "a task that fails",
    everyMs: 60_000,
    run: ({ sim }) => sim.control.failNextTask("mark-ready", "a fault was asked for"),
    isForRunning: true,
  },
  {
    name: "an image that cannot be had",
    everyMs: 60_000,
    run: ({ sim, name, dice, last, tell }) => {
      const image = `sei:${dice.between(1, 4)}`;
      sim.control.setImageBad(image, true);
      last(dice.between(1_000, 60_000), () => sim.control.setImageBad(image, false));
      tell(sim.control.setImage("sei", name, image));
    },
    isForRunning: true,
  },
  { name: "a quota", everyMs: 90_000, run: (context) => policed(context, quota) },
  { name: "a status that is denied", everyMs: 90_000, run: (context) => policed(context, deniedStatus(context.name)) },
  { name: "large writes", everyMs: 90_000, run: largeWrites },
  { name: "a storm of touches", everyMs: 60_000, run: touches },
  {
    name: "a plugin with moods",
    everyMs: 30_000,
    run: ({ fleet, dice }) => {
      const moods: readonly Mood[] = ["well", "dies", "hangs", "talks nonsense", "wants what is not there"];
      fleet.moods.mood = dice.pick(moods);
    },
  },
];

/** A label that a watch selects by is gone from something of the node's, until somebody sees it. */
function labelsOff({ operator, name, dice, last }: FaultContext): Promise<unknown> {
  const what = dice.pick(["set", "service", "claim", "pod"] as const);
  const label = (value: string | null): Promise<number> =>
    operator.merge(PATHS[what](name), { metadata: { labels: { [LABEL]: value } } });
  last(dice.between(1_000, 60_000), () => label(name));
  return label(null);
}

function policed({ fleet, dice, last }: FaultContext, policy: Policy): void {
  fleet.policies.add(policy);
  last(dice.between(500, 40_000), () => fleet.policies.delete(policy));
}

const quota: Policy = ({ operation, plural }) => {
  const denied = "exceeded quota: compute, requested: pods=1, used: pods=10, limited: pods=10";
  return operation === "CREATE" && plural === "pods" ? { denied, status: 403 } : null;
};

function deniedStatus(name: string): Policy {
  return ({ plural, object }) => {
    if (plural !== "seinodes/status") return null;
    const isMeant = JSON.stringify(object["metadata"]).includes(`"name":"${name}"`);
    return isMeant ? { denied: "the status is not to be written now", status: 403 } : null;
  };
}

/** A tenant that writes large and often. */
function largeWrites({ operator, name, later }: FaultContext): void {
  for (let index = 0; index < 5; index += 1) {
    later(index * 150, () => operator.annotate(name, { note: String(index).repeat(LARGE_BYTES) }));
  }
  later(2_000, () => operator.annotate(name, { note: null }));
}

/** Another writer, every 100 ms. */
function touches({ operator, name, later }: FaultContext): void {
  for (let index = 0; index < 30; index += 1) {
    later(index * 100, () => operator.annotate(name, { touched: String(index) }));
  }
}
