/** How long after a Pod's creation its shut gate was detected, planned for, and open: what healing promises. */
import { planType, type SeiNode, type StoredPlan } from "../model/index.ts";
import type { Instruments } from "./instruments.ts";

/** The Pod a node has now. `createdAt` is Unix time in milliseconds. */
export interface PodBirth {
  readonly uid: string;
  readonly createdAt: number;
}

/** What is told it, in the order of a healing. */
export interface PodTimes {
  /** A drift was seen for the first time; `tasks` would close it. */
  detected(node: SeiNode, tasks: readonly string[]): void;
  planned(node: SeiNode, plan: StoredPlan): void;
  healed(node: SeiNode, plan: StoredPlan): void;
}

/** Pods that are remembered as detected; a healing takes seconds. */
const MAX_PODS = 10_000;

/**
 * Over these instruments. Only gates of new Pods count: a sidecar that restarted in an old Pod, or an image that is rolled
 * out, has nothing to do with when the Pod was made. API servers tell that to the second.
 */
export function podTimes(options: {
  readonly instruments: Instruments;
  readonly wall: () => number;
  readonly podOf: (node: SeiNode) => PodBirth | null;
}): PodTimes {
  const { instruments, wall, podOf } = options;
  const detected = new Set<string>();
  const observe = (stage: "detected" | "planned" | "healed", since: number): void =>
    instruments.observe("podTime", Math.max(0, wall() - since) / 1000, { stage });
  const birthFor = (node: SeiNode, plan: StoredPlan): PodBirth | null => {
    const pod = podOf(node);
    const { incarnation } = plan;
    const isOfIt = incarnation?.podUid === pod?.uid && incarnation?.restartCount === 0;
    return isOfIt && planType(plan) === "mark-ready-reapply" ? pod : null;
  };
  return {
    detected(node, tasks) {
      const pod = podOf(node);
      const isGate = tasks.length === 1 && tasks[0] === "mark-ready";
      if (pod === null || !isGate || detected.has(pod.uid)) return;
      if (detected.size >= MAX_PODS) detected.clear();
      detected.add(pod.uid);
      observe("detected", pod.createdAt);
    },
    planned(node, plan) {
      const pod = birthFor(node, plan);
      if (pod !== null) observe("planned", pod.createdAt);
    },
    healed(node, plan) {
      const pod = birthFor(node, plan);
      if (pod !== null) observe("healed", pod.createdAt);
    },
  };
}
