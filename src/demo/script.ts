/** The script of the demo: what is done to the cluster, and what must follow. What is shown of it comes from the cluster. */
import type { PlanRecord } from "../model/index.ts";
import type { Fact } from "./fact.ts";
import { NAMESPACE, type Setup } from "./setup.ts";
import { between, duration, endedPlans, isIdle, type ScriptStep, type StepResult } from "./script-step.ts";

const NODES = ["node-0", "node-1", "node-2"] as const;
const IMAGES = { first: "seid:v1", second: "seid:v2", third: "seid:v3" } as const;

const bringUp: ScriptStep = {
  title: "Three nodes are created and come up",
  shown: new Set(["created", "plan", "gate", "phase", "ended"]),
  async act(setup) {
    setup.startController();
    for (const name of NODES) await setup.control.createNode({ namespace: NAMESPACE, name, image: IMAGES.first });
  },
  isDone: (setup) => NODES.every((name) => isIdle(setup, name)),
  result: (_facts, setup) =>
    NODES.every((name) => setup.view.node(name)?.status.currentImage === IMAGES.first)
      ? { ok: true, text: `${NODES.length} nodes run ${IMAGES.first} behind open gates` }
      : { ok: false, text: `not every node was seen running ${IMAGES.first}` },
};

const replacePod: ScriptStep = {
  title: "The Pod of node-0 is deleted, as a drain, an eviction or a crash does",
  shown: new Set(["pod", "sidecar", "condition", "plan", "gate", "ended", "event"]),
  async act({ control }) {
    await control.replacePod(NAMESPACE, "node-0");
  },
  isDone: (setup) => endedPlans(setup, "node-0").at(-1)?.reason === "SidecarNotReady" && isIdle(setup, "node-0"),
  result(facts, setup) {
    const plans = endedPlans(setup, "node-0").filter(({ detector }) => detector !== "init");
    const text = `healed: the gate of the new Pod was opened ${reaction(facts)} its sidecar came up; nobody was called`;
    const ok = plans.length === 1 && plans[0]?.outcome === "Complete";
    return ok ? { ok, text } : { ok, text: `want one plan, Complete; got ${listPlans(plans)}` };
  },
};

const bumpImage: ScriptStep = {
  title: "The image of node-1 is bumped",
  shown: new Set(["image", "pod", "sidecar", "condition", "plan", "tasks", "gate", "stamped", "ended"]),
  async act({ control }) {
    await control.setImage(NAMESPACE, "node-1", IMAGES.second);
  },
  isDone: (setup) => endedPlans(setup, "node-1").at(-1)?.reason === "ImageChanged" && isIdle(setup, "node-1"),
  result(_facts, setup) {
    const runs = setup.view.node("node-1")?.status.currentImage;
    return runs === IMAGES.second
      ? { ok: true, text: `rolled out: node-1 was seen running ${runs} and its gate is open again` }
      : { ok: false, text: `node-1 was seen running ${runs ?? "nothing"}` };
  },
};

const both: ScriptStep = {
  title: "Tidekeeper is away; meanwhile node-2 loses its Pod and gets another image: two drifts at once",
  shown: new Set(["image", "pod", "sidecar", "condition", "plan", "tasks", "gate", "stamped", "ended"]),
  async act(setup, tell) {
    await setup.stopController();
    tell("stops Tidekeeper");
    await setup.control.replacePod(NAMESPACE, "node-2");
    await until(setup, () => isGateShut(setup, "node-2"));
    await setup.control.setImage(NAMESPACE, "node-2", IMAGES.third);
    setup.startController();
    tell("starts Tidekeeper again: node-2 has a shut gate and the wrong image");
  },
  isDone: (setup) => endedPlans(setup, "node-2").at(-1)?.reason === "ImageChanged" && isIdle(setup, "node-2"),
  result: bothResult,
};

/** The steps, in their order. */
export const script: readonly ScriptStep[] = [bringUp, replacePod, bumpImage, both];

function bothResult(facts: readonly Fact[], setup: Setup): StepResult {
  const stored = facts.filter(({ kind, node }) => kind === "plan" && node === "node-2").length;
  const plans = endedPlans(setup, "node-2").filter(({ detector }) => detector !== "init");
  const posts = facts.filter(({ kind, node }) => kind === "gate" && node === "node-2").length;
  const runs = setup.view.node("node-2")?.status.currentImage;
  const ok = stored === 1 && plans.length === 1 && posts === 1 && runs === IMAGES.third;
  const count = `${stored} ${stored === 1 ? "plan" : "plans"} stored (${listPlans(plans)}), mark-ready posted ${times(posts)}`;
  return {
    ok,
    text: ok
      ? `the image won: ${count}; its plan ended with the open gate`
      : `${count}; node-2 was seen running ${runs ?? "nothing"}`,
  };
}

function listPlans(plans: readonly PlanRecord[]): string {
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
function isGateShut({ control }: Setup, node: string): boolean {
  return control.isSidecarUp(NAMESPACE, node) && !control.isGateOpen(NAMESPACE, node);
}

async function until(setup: Setup, isSo: () => boolean): Promise<void> {
  while (!isSo() && !setup.stopping.aborted) await new Promise<void>((go) => void setup.timers.after(20, go));
}
