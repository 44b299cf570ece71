/** The story of the demo. What is told of it comes from the cluster; here stands only what is done to it, and what must follow. */
import type { PlanRecord } from "../model/index.ts";
import type { Fact } from "./fact.ts";
import { NAMESPACE, type Stage } from "./stage.ts";
import { between, duration, endedPlans, isAtRest, type Step, type Verdict } from "./step.ts";

const NODES = ["node-0", "node-1", "node-2"] as const;
const IMAGES = { first: "seid:v1", second: "seid:v2", third: "seid:v3" } as const;

const bringUp: Step = {
  title: "Three nodes are created and come up",
  told: new Set(["created", "plan", "gate", "phase", "ended"]),
  async act(stage) {
    stage.startController();
    for (const name of NODES) await stage.control.createNode({ namespace: NAMESPACE, name, image: IMAGES.first });
  },
  isDone: (stage) => NODES.every((name) => isAtRest(stage, name)),
  verdict: (_facts, stage) =>
    NODES.every((name) => stage.sight.node(name)?.status.currentImage === IMAGES.first)
      ? { ok: true, text: `${NODES.length} nodes run ${IMAGES.first} behind open gates` }
      : { ok: false, text: `not every node was seen running ${IMAGES.first}` },
};

const replacePod: Step = {
  title: "The Pod of node-0 is deleted, as a drain, an eviction or a crash does",
  told: new Set(["pod", "sidecar", "condition", "plan", "gate", "ended", "event"]),
  async act({ control }) {
    await control.replacePod(NAMESPACE, "node-0");
  },
  isDone: (stage) => endedPlans(stage, "node-0").at(-1)?.reason === "SidecarNotReady" && isAtRest(stage, "node-0"),
  verdict(facts, stage) {
    const plans = endedPlans(stage, "node-0").filter(({ detector }) => detector !== "init");
    const text = `healed: the gate of the new Pod was opened ${reaction(facts)} its sidecar came up; nobody was called`;
    const ok = plans.length === 1 && plans[0]?.outcome === "Complete";
    return ok ? { ok, text } : { ok, text: `want one plan, Complete; got ${listed(plans)}` };
  },
};

const bumpImage: Step = {
  title: "The image of node-1 is bumped",
  told: new Set(["image", "pod", "sidecar", "condition", "plan", "tasks", "gate", "stamped", "ended"]),
  async act({ control }) {
    await control.setImage(NAMESPACE, "node-1", IMAGES.second);
  },
  isDone: (stage) => endedPlans(stage, "node-1").at(-1)?.reason === "ImageChanged" && isAtRest(stage, "node-1"),
  verdict(_facts, stage) {
    const runs = stage.sight.node("node-1")?.status.currentImage;
    return runs === IMAGES.second
      ? { ok: true, text: `rolled out: node-1 was seen running ${runs} and its gate is open again` }
      : { ok: false, text: `node-1 was seen running ${runs ?? "nothing"}` };
  },
};

const both: Step = {
  title: "Tidekeeper is away; meanwhile node-2 loses its Pod and gets another image: two drifts at once",
  told: new Set(["image", "pod", "sidecar", "condition", "plan", "tasks", "gate", "stamped", "ended"]),
  async act(stage, tell) {
    await stage.stopController();
    tell("stops Tidekeeper");
    await stage.control.replacePod(NAMESPACE, "node-2");
    await until(stage, () => isGateShut(stage, "node-2"));
    await stage.control.setImage(NAMESPACE, "node-2", IMAGES.third);
    stage.startController();
    tell("starts Tidekeeper again: node-2 has a shut gate and the wrong image");
  },
  isDone: (stage) => endedPlans(stage, "node-2").at(-1)?.reason === "ImageChanged" && isAtRest(stage, "node-2"),
  verdict: bothVerdict,
};

/** In their order. */
export const story: readonly Step[] = [bringUp, replacePod, bumpImage, both];

function bothVerdict(facts: readonly Fact[], stage: Stage): Verdict {
  const stored = facts.filter(({ kind, node }) => kind === "plan" && node === "node-2").length;
  const plans = endedPlans(stage, "node-2").filter(({ detector }) => detector !== "init");
  const posts = facts.filter(({ kind, node }) => kind === "gate" && node === "node-2").length;
  const runs = stage.sight.node("node-2")?.status.currentImage;
  const ok = stored === 1 && plans.length === 1 && posts === 1 && runs === IMAGES.third;
  const count = `${stored} ${stored === 1 ? "plan" : "plans"} stored (${listed(plans)}), mark-ready posted ${times(posts)}`;
  return {
    ok,
    text: ok
      ? `the image won: ${count}; its plan ended with the open gate`
      : `${count}; node-2 was seen running ${runs ?? "nothing"}`,
  };
}

function listed(plans: readonly PlanRecord[]): string {
  return plans.map(({ reason, outcome }) => `${reason} ${outcome}`).join(", ");
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function reaction(facts: readonly Fact[]): string {
  const ms = between(facts, "sidecar", "gate");
  return ms === null ? "after" : `${duration(ms)} after`;
}

/** True when the sidecar of the node's new Pod is up with its gate shut. */
function isGateShut({ control }: Stage, node: string): boolean {
  return control.isSidecarUp(NAMESPACE, node) && !control.isGateOpen(NAMESPACE, node);
}

async function until(stage: Stage, isSo: () => boolean): Promise<void> {
  while (!isSo() && !stage.stopping.aborted) await new Promise<void>((go) => void stage.timers.after(20, go));
}
