/** The cluster of a swarm seed, and what is wrong with it at the moment: read for each request, and calm in the end. */
import { createSimCluster, type Policy, type SimCluster } from "../../../src/sim/index.ts";
import type { Dice } from "../dice.ts";
import { type FaultShares, noFaults } from "../life.ts";
import type { SimulatedTime } from "../simulated-time.ts";

/** What faults change. */
export interface Weather {
  shares: FaultShares;
  /** From a commit to its telling, at most. */
  toldAfterMs: number;
  /** Replies come late, and not too late. */
  isSlow: boolean;
  reusesAddresses: boolean;
  /** Pods and tasks take long. */
  isSluggish: boolean;
  leasesHangUntil: number;
}

/** Nothing is wrong. */
export function calm(): Weather {
  return {
    shares: noFaults,
    toldAfterMs: 0,
    isSlow: false,
    reusesAddresses: false,
    isSluggish: false,
    leasesHangUntil: 0,
  };
}

/** Makes the cluster. Admission is what all policies say together, the first that says anything. */
export function swarmCluster(
  time: SimulatedTime,
  chance: Dice,
  weather: Weather,
): { readonly sim: SimCluster; readonly policies: Set<Policy> } {
  const lag = chance.fork();
  const sluggish = (most: number): number => lag.between(5, weather.isSluggish ? most : 60);
  const sim = createSimCluster({
    clock: time.clock,
    timers: time.timers,
    random: chance.fork(),
    options: {
      apiLatencyMs: () => lag.between(1, 5),
      sidecarLatencyMs: () => lag.between(1, 5),
      // Late, and not too late: writes have 3 s, Leases 2.4, sidecars 2.
      apiReplyMs: ({ path, headers }) => {
        if (!weather.isSlow || headers?.["user-agent"]?.startsWith("operator") === true) return 0;
        return lag.between(0, lag.pick([50, 1_500, path.includes("/leases/") ? 50 : 2_500]));
      },
      sidecarReplyMs: () => (weather.isSlow ? lag.between(0, lag.pick([20, 1_200])) : 0),
      controllerLagMs: () => lag.between(1, 20),
      podStartMs: () => sluggish(3_000),
      taskMs: () => sluggish(4_000),
      sidecarStartMs: () => sluggish(2_000),
      readyMs: () => lag.between(1, 50),
      terminateMs: () => sluggish(2_000),
      flipMs: () => lag.pick([0, 2, 20, weather.isSluggish ? 9_000 : 20]),
      watchDelayMs: () => (weather.toldAfterMs === 0 ? 0 : lag.between(0, weather.toldAfterMs)),
      reusesAddresses: () => weather.reusesAddresses,
      beforeReply: ({ path }) =>
        path.includes("/leases/") && time.clock.mono() < weather.leasesHangUntil ? { kind: "hang" } : null,
    },
  });
  const policies = new Set<Policy>();
  sim.control.admission((review) => {
    for (const policy of policies) {
      const said = policy(review);
      if (said !== null) return said;
    }
    return null;
  });
  // Deeds set a policy as if it were the only one.
  const admission = (policy: Policy | null): void => void (policy === null ? policies.clear() : policies.add(policy));
  return { sim: { ...sim, control: { ...sim.control, admission } }, policies };
}
