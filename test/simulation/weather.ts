/** The cluster of a day: how slow it is, what comes late, whether addresses are used again. */
import { createSimCluster, type SimCluster } from "../../src/sim/index.ts";
import type { Dice } from "./dice.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** What it depends on. */
export interface Weather {
  readonly time: SimulatedTime;
  /** False while all is quick, on whatever day. */
  readonly isSlow: () => boolean;
  /** Requests about Leases get no answer. */
  readonly hangsLeases: () => boolean;
}

/** Draws one. */
export function clusterOf(chance: Dice, { time, isSlow, hangsLeases }: Weather): SimCluster {
  const isSlowDay = chance.chance(0.4);
  const lag = chance.fork();
  const late = chance.chance(0.3) ? chance.between(100, 8_000) : 0;
  const reuses = chance.chance(0.7);
  const [slowPod, slowTask] = [chance.pick([50, 3_000]), chance.pick([20, 4_000])];
  return createSimCluster({
    clock: time.clock,
    timers: time.timers,
    random: chance.fork(),
    options: {
      apiLatencyMs: () => lag.between(1, 5),
      sidecarLatencyMs: () => lag.between(1, 5),
      // Late, and not too late: writes have 3 s, Leases 2.4, sidecars 2.
      apiReplyMs: ({ path, headers }) => {
        if (!isSlow() || !isSlowDay || headers?.["user-agent"]?.startsWith("operator") === true) return 0;
        return lag.between(0, lag.pick([50, 1_500, path.includes("/leases/") ? 50 : 2_500]));
      },
      sidecarReplyMs: () => (isSlow() && isSlowDay ? lag.between(0, lag.pick([20, 1_200])) : 0),
      controllerLagMs: () => lag.between(1, 20),
      podStartMs: () => lag.between(5, slowPod),
      taskMs: () => (isSlow() ? lag.between(5, slowTask) : 20),
      sidecarStartMs: () => lag.between(5, 100),
      readyMs: () => lag.between(1, 50),
      terminateMs: () => lag.between(1, 300),
      watchDelayMs: () => (isSlow() && late > 0 ? lag.between(0, late) : 0),
      reusesAddresses: () => reuses,
      beforeReply: ({ path }) => (path.includes("/leases/") && hangsLeases() ? { kind: "hang" } : null),
    },
  });
}
