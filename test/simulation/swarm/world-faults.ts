/** Faults of the network, the API server, clocks and processes. */
import type { WatchOf } from "../../../src/sim/index.ts";
import { LEASE_NAME, REFERENCE_LEASE_NAME } from "../../../src/seinode/crd/index.ts";
import type { FaultShares } from "../life.ts";
import type { FaultContext, FaultKind } from "./faults.ts";

const DAY_MS = 86_400_000;

function share(name: keyof FaultShares, most: number): FaultKind["run"] {
  return ({ fleet, dice }) => {
    const { weather } = fleet;
    weather.shares = { ...weather.shares, [name]: (dice.u32() / 2 ** 32) * most };
  };
}

/** They are there from the start to the healing. */
const lasting: readonly FaultKind[] = [
  { name: "refused requests", everyMs: null, run: share("refuse", 0.1) },
  { name: "lost replies", everyMs: null, run: share("lose", 0.1) },
  { name: "errors for answers", everyMs: null, run: share("status", 0.15) },
  { name: "no answers", everyMs: null, run: share("hang", 0.03) },
  { name: "killed at a request", everyMs: null, run: share("crash", 0.004) },
  {
    name: "late watches",
    everyMs: null,
    run: ({ fleet, dice }) => void (fleet.weather.toldAfterMs = dice.between(1, 8_000)),
  },
  { name: "late replies", everyMs: null, run: ({ fleet }) => void (fleet.weather.isSlow = true) },
  { name: "sluggish Pods", everyMs: null, run: ({ fleet }) => void (fleet.weather.isSluggish = true) },
  { name: "addresses used again", everyMs: null, run: ({ fleet }) => void (fleet.weather.reusesAddresses = true) },
];

const KINDS: readonly WatchOf[] = [
  ...["seinodes", "pods", "statefulsets", "persistentvolumeclaims", "services", "jobs"].map((plural) => ({ plural })),
  { plural: "leases", name: LEASE_NAME },
  { plural: "leases", name: REFERENCE_LEASE_NAME },
];

/** They come again and again. */
const passing: readonly FaultKind[] = [
  { name: "cut watches", everyMs: 40_000, run: ({ sim }) => sim.control.cutWatches() },
  { name: "forgotten revisions", everyMs: 60_000, run: ({ sim }) => sim.control.compact() },
  {
    name: "a silent watch",
    everyMs: 60_000,
    run: ({ sim, dice }) => {
      const graceMs = dice.pick([0, 0, 1_000, 25_000]);
      sim.control.silence(dice.pick(KINDS), dice.between(5_000, dice.pick([20_000, 120_000])), graceMs);
    },
  },
];

/** Of what the API server and the network do. */
export const weatherFaults: readonly FaultKind[] = [...lasting, ...passing];

/** Of processes and their clocks. */
export const processFaults: readonly FaultKind[] = [
  { name: "killed", everyMs: 60_000, run: ({ fleet, dice }) => dice.pick(fleet.replicas).life?.kill() },
  { name: "stopped", everyMs: 90_000, run: ({ fleet, dice }) => dice.pick(fleet.replicas).life?.stop() },
  { name: "frozen", everyMs: 60_000, run: freeze },
  { name: "nobody there", everyMs: 150_000, run: away },
  {
    name: "a clock that is set",
    everyMs: 60_000,
    run: ({ fleet, dice }) => void (fleet.wallSetBy += dice.pick([-DAY_MS, DAY_MS, -3_600_000, 3_600_000])),
  },
  {
    name: "clocks at other rates",
    everyMs: null,
    run: ({ fleet, dice }) => {
      for (const replica of fleet.replicas) replica.rate = dice.pick([0.9, 1, 1.15]);
    },
  },
];

/** As SIGSTOP, and SIGCONT after a while. */
function freeze({ fleet, dice, later }: FaultContext): void {
  const { life } = dice.pick(fleet.replicas);
  life?.freeze();
  later(dice.between(500, dice.pick([3_000, 20_000, 60_000])), () => life?.thaw());
}

/** All processes are gone, for minutes or hours. */
function away({ fleet, dice, later }: FaultContext): void {
  fleet.isAway = true;
  for (const { life } of fleet.replicas) life?.kill();
  later(dice.pick([30_000, 120_000]), () => void (fleet.isAway = false));
}
