/** The loop over scripted ports: reconciles, patches, tasks, failures. */
import { describe, expect, test } from "bun:test";
import type { ObserveInput } from "../../src/model/index.ts";
import { aClaim, aPlugin, aPod, aRunningStatus, Stage } from "../fixtures/stage.ts";

/** The Pod was replaced: a new life of the sidecar, its gate shut. */
function replacePod(stage: Stage, uid = "pod-2"): void {
  stage.pod = aPod(uid);
  stage.gate = "shut";
  stage.triggerPod();
}

async function healthy(status?: Record<string, unknown>): Promise<Stage> {
  const stage = new Stage(status);
  await stage.settle();
  stage.patches = [];
  stage.events = [];
  return stage;
}

test("a healthy node costs no write once it was seen healthy", async () => {
  const stage = await healthy();
  for (let poll = 0; poll < 20; poll += 1) {
    await stage.settle();
    stage.now += 10_000;
  }
  expect(stage.patches).toEqual([]);
  expect(stage.condition("SidecarReady")).toBe("True/Ready");
  expect(stage.condition("Ready")).toBe("True/Ready");
});

test("a replaced Pod is healed by one plan, one POST and two patches, with one event each way", async () => {
  const stage = await healthy();
  replacePod(stage);
  await stage.settle();
  expect(stage.submits.map((task) => task.type)).toEqual(["mark-ready"]);
  expect(stage.patches.length).toBe(2);
  expect(stage.status.plan ?? null).toBeNull();
  expect(stage.status.history?.map((record) => [record.detector, record.outcome, record.healed])).toEqual([
    ["sidecar-ready", "Complete", true],
  ]);
  expect(stage.events.map((event) => event.reason)).toEqual(["SidecarReadinessLost", "SidecarReadinessRestored"]);
  expect(stage.condition("SidecarReady")).toBe("True/Ready");
});

test("the plan is stored before the sidecar hears of it", async () => {
  const stage = await healthy();
  replacePod(stage);
  let storedAtSubmit: unknown = null;
  const sidecar = stage.sidecar.bind(stage);
  stage.sidecar = () => ({
    ...sidecar(),
    submit: async (task, signal) => {
      storedAtSubmit = stage.status.plan?.tasks[0]?.id;
      expect(task.id).toBe(String(storedAtSubmit));
      return sidecar().submit(task, signal);
    },
  });
  await stage.settle();
  expect(storedAtSubmit).not.toBeNull();
});

test.each(["unreachable", "odd"] as const)("a probe that is %s never makes a plan", async (gate) => {
  const stage = await healthy();
  stage.pod = aPod("pod-2");
  stage.gate = gate;
  stage.triggerPod();
  for (let poll = 0; poll < 5; poll += 1) {
    await stage.reconcile();
    stage.now += 10_000;
  }
  expect(stage.submits).toEqual([]);
  expect(stage.status.history ?? []).toEqual([]);
  expect(stage.condition("SidecarReady")).toStartWith("Unknown/");
  expect(stage.events).toEqual([]);
});

test("a plan does not say again what condition Drift says, nor the phase that the node has", async () => {
  const stage = await healthy();
  stage.pod = aPod("pod-2");
  stage.gate = "shut";
  await stage.settle();
  const plans = stage.patches.flatMap(({ plan }) => (plan === null || plan === undefined ? [] : [plan]));
  expect(plans).toHaveLength(1);
  expect(plans[0]).not.toContainAnyKeys(["message", "targetPhase"]);
});

describe("while many sidecars are waited for", () => {
  const drained = async (): Promise<Stage> => {
    const stage = await healthy();
    await stage.waitForOthers(40);
    stage.pod = aPod("pod-2");
    stage.gate = "unreachable";
    stage.triggerPod();
    await stage.reconcile();
    return stage;
  };

  test("that one more does not answer is not told yet, and then it is", async () => {
    const stage = await drained();
    expect([stage.patches.length, stage.condition("SidecarReady")]).toEqual([0, "True/Ready"]);
    stage.now += 8000;
    await stage.reconcile();
    expect(stage.condition("SidecarReady")).toBe("Unknown/Unreachable");
  });

  test("it is waited for, and healed with two patches", async () => {
    const stage = await drained();
    await stage.pause(200);
    stage.gate = "shut";
    stage.wanted = [];
    await stage.pause(200);
    expect(stage.wanted).toContain("sei/node");
    await stage.settle();
    expect([stage.patches.length, stage.submits.length]).toEqual([2, 1]);
    expect(stage.events.map((event) => event.reason)).toEqual(["SidecarReadinessLost", "SidecarReadinessRestored"]);
  });

  test("a pause is told at once all the same", async () => {
    const stage = await drained();
    stage.edit({ paused: true });
    await stage.reconcile();
    expect(stage.condition("SidecarReady")).toBe("Unknown/Paused");
  });
});

describe("a sidecar that does not answer after its Pod came", () => {
  const wait = async (stage: Stage, gate: Stage["gate"]): Promise<void> => {
    stage.pod = aPod("pod-2");
    stage.gate = gate;
    stage.triggerPod();
    expect(await stage.reconcile()).toBeGreaterThan(5000);
  };
  const waiting = async (gate: Stage["gate"] = "unreachable"): Promise<Stage> => {
    const stage = await healthy();
    await wait(stage, gate);
    return stage;
  };

  test("is asked every 50 ms without a reconcile; its first answer wants one, which makes the plan", async () => {
    const stage = await waiting();
    stage.probes = 0;
    await stage.pause(1000);
    expect({ probes: stage.probes, wanted: stage.wanted }).toEqual({ probes: 20, wanted: [] });
    stage.gate = "shut";
    await stage.pause(50);
    expect(stage.wanted).toEqual(["sei/node"]);
    await stage.pause(1000);
    expect(stage.probes).toBe(21);
    await stage.settle();
    expect(stage.submits.length).toBe(1);
  });

  test("is not asked again by the reconcile that follows its first answer at once", async () => {
    const stage = await waiting();
    stage.gate = "shut";
    stage.probes = 0;
    await stage.pause(50);
    await stage.reconcile();
    // Once more after it was opened.
    expect([stage.probes, stage.submits.length]).toEqual([2, 1]);
  });

  test("that answers with its gate open is given nothing to do", async () => {
    const stage = await waiting();
    stage.gate = "open";
    await stage.pause(50);
    await stage.reconcile();
    expect([stage.submits, stage.condition("SidecarReady")]).toEqual([[], "True/Ready"]);
  });

  test("what it answered before a trigger says nothing of the life after it", async () => {
    const stage = await waiting();
    stage.gate = "shut";
    stage.whenAsked = () => {
      stage.triggerPod();
      stage.gate = "open";
    };
    await stage.pause(50);
    await stage.reconcile();
    expect([stage.submits, stage.condition("SidecarReady")]).toEqual([[], "True/Ready"]);
  });

  test("is asked anew for a plugin, which may wait for its gate", async () => {
    const stage = await healthy();
    const heard: string[] = [];
    const observe = async ({ sidecar, signal }: ObserveInput): Promise<null> => {
      if (stage.gate !== "shut") return null;
      heard.push((await sidecar?.health(signal))?.state ?? "none");
      stage.gate = "open";
      heard.push((await sidecar?.health(signal))?.state ?? "none");
      return null;
    };
    stage.detectors = [...stage.detectors, aPlugin({ name: "theirs", everyMs: 6000, observe, detect: () => null })];
    stage.restart();
    await stage.settle();
    await wait(stage, "unreachable");
    await stage.pause(7000);
    stage.gate = "shut";
    await stage.pause(50);
    await stage.reconcile();
    expect(heard).toEqual(["notReady", "ready"]);
  });

  test("is not answered by what is no answer of a gate", async () => {
    const stage = await waiting();
    stage.gate = "odd";
    await stage.pause(1000);
    expect(stage.wanted).toEqual([]);
  });

  test("is left to the steady poll three minutes later", async () => {
    const stage = await waiting();
    await stage.pause(240_000);
    expect(stage.timers.size).toBe(0);
    expect({ probes: stage.probes > 900, wanted: stage.wanted }).toEqual({ probes: true, wanted: [] });
  });

  test("is not waited for twice, and not at all once its node is gone or another works on it", async () => {
    const stage = await waiting();
    await stage.reconcile();
    await stage.reconcile();
    expect(stage.timers.size).toBe(1);
    stage.forget();
    expect(stage.timers.size).toBe(0);
  });
});

test("an image edit rolls the Pod, stamps what runs, and no further plan follows", async () => {
  const stage = await healthy();
  stage.edit({ image: "seid:v2" });
  await stage.reconcile();
  expect(stage.condition("NodeUpdateInProgress")).toBe("True/UpdateStarted");
  // That a Pod is deleted is written down first.
  expect([stage.status.podDeletion?.uid, stage.deletedPods]).toEqual(["pod-1", []]);
  await stage.reconcile();
  expect(stage.deletedPods).toEqual(["pod-1"]);
  const seid = { name: "seid", image: "seid:v2", state: "waiting", stateReason: "ImagePullBackOff" } as const;
  const old = aPod("pod-2", { revision: "v2" });
  stage.pod = { ...old, containers: old.containers.map((c) => (c.name === "seid" ? { ...c, ...seid } : c)) };
  stage.gate = "shut";
  stage.triggerPod();
  await stage.reconcile();
  expect(stage.status.currentImage).toBe("seid:v1");
  stage.pod = { ...old, containers: old.containers.map((c) => (c.name === "seid" ? { ...c, image: "seid:v2" } : c)) };
  stage.triggerPod();
  await stage.settle();
  expect(stage.status.currentImage).toBe("seid:v2");
  expect(stage.condition("NodeUpdateInProgress")).toBe("False/UpdateComplete");
  expect(stage.status.history?.map((record) => record.detector)).toEqual(["image"]);
  expect(stage.submits.length).toBe(1);
});

test("A to B to A: an image that never started is rolled back, although it was never stamped", async () => {
  const stage = await healthy();
  stage.edit({ image: "seid:v2" });
  await stage.reconcile();
  await stage.reconcile();
  const bad = aPod("pod-2", { revision: "v2" });
  const waiting = { image: "seid:v2", state: "waiting", stateReason: "ImagePullBackOff" } as const;
  stage.pod = { ...bad, containers: bad.containers.map((c) => (c.name === "seid" ? { ...c, ...waiting } : c)) };
  stage.gate = "shut";
  stage.triggerPod();
  await stage.reconcile();
  stage.edit({ image: "seid:v1" });
  await stage.reconcile();
  await stage.reconcile();
  expect(stage.statefulSet?.templateImage).toBe("seid:v1");
  // One Pod of a node a minute.
  expect(stage.deletedPods).toEqual(["pod-1"]);
  stage.now += 65_000;
  await stage.reconcile();
  await stage.reconcile();
  expect(stage.deletedPods).toEqual(["pod-1", "pod-2"]);
  stage.pod = aPod("pod-3");
  stage.triggerPod();
  await stage.settle();
  expect(stage.status.currentImage).toBe("seid:v1");
  expect(stage.status.plan ?? null).toBeNull();
  expect(stage.status.history?.map((record) => [record.detector, record.outcome])).toEqual([
    ["image", "Superseded"],
    ["image", "Complete"],
  ]);
});

test("an image edit while its plan waits supersedes the plan at the next step", async () => {
  const stage = await healthy();
  stage.edit({ image: "seid:v2" });
  await stage.reconcile();
  stage.edit({ image: "seid:v3" });
  await stage.reconcile();
  await stage.reconcile();
  expect(stage.status.history?.at(-1)?.outcome).toBe("Superseded");
  expect(stage.status.plan?.madeFrom).toEqual({ "spec.image": "seid:v3" });
});

test("a gate held by a workflow stays shut, and the node says so", async () => {
  const stage = await healthy({ ...aRunningStatus(), adoptedWorkflow: { name: "wipe" } });
  replacePod(stage);
  await stage.settle();
  expect(stage.submits).toEqual([]);
  expect(stage.condition("HeldByWorkflow")).toBe("True/AdoptedWorkflow");
});

test("a gate whose newest task is mark-not-ready stays shut", async () => {
  const stage = await healthy();
  const done = { status: "completed", run: 1, error: null } as const;
  stage.tasks.set("x", { type: "mark-not-ready", submittedAt: "2026-01-02T00:00:00Z", ...done });
  replacePod(stage);
  await stage.settle();
  expect(stage.submits).toEqual([]);
  expect(stage.condition("HeldByWorkflow")).toBe("True/GateShutOnPurpose");
});

test.each([
  ["gone", null],
  ["another of that name", aClaim("claim-2")],
])("on a volume that is %s the gate stays shut", async (_title, claim) => {
  const stage = await healthy();
  stage.claim = claim;
  replacePod(stage);
  await stage.settle();
  expect(stage.submits).toEqual([]);
  expect(stage.condition("Stalled")).toBe("True/DataVolumeLost");
});

test("a volume that a person accepted counts from then on", async () => {
  const stage = await healthy();
  stage.claim = aClaim("claim-2");
  replacePod(stage);
  await stage.settle();
  expect(stage.condition("Stalled")).toBe("True/DataVolumeLost");
  stage.annotate({ "tidekeeper.sei.io/accept-data-volume": "claim-3" });
  await stage.settle();
  expect(stage.submits).toEqual([]);
  stage.annotate({ "tidekeeper.sei.io/accept-data-volume": "claim-2" });
  await stage.settle();
  expect(stage.submits.length).toBe(1);
  expect(stage.condition("Stalled")).toBe("False/NotStalled");
});

test("a Failed node starts anew once for each word that asks for it", async () => {
  const stage = await healthy({ ...aRunningStatus(), phase: "Failed" });
  expect(stage.condition("Stalled")).toBe("True/InitFailed");
  stage.annotate({ "tidekeeper.sei.io/reinitialize": "please" });
  await stage.settle();
  expect(stage.status.phase).toBe("Running");
  expect(stage.status.history?.map(({ detector, outcome }) => [detector, outcome])).toEqual([["init", "Complete"]]);
  stage.raw.status["phase"] = "Failed";
  stage.annotate({});
  await stage.settle();
  expect(stage.status.phase).toBe("Failed");
});

test("a terminating Pod is never asked", async () => {
  const stage = await healthy();
  stage.pod = aPod("pod-1", { deleting: true });
  stage.gate = "shut";
  stage.triggerPod();
  await stage.settle();
  expect(stage.submits).toEqual([]);
  expect(stage.condition("SidecarReady")).toBe("Unknown/Unreachable");
});

test.each(["lost", "lostStored"] as const)(
  "after a %s reply the node is read first, and the same plan goes on",
  async (reply) => {
    const stage = await healthy();
    replacePod(stage);
    stage.patchReplies = [reply];
    await stage.settle();
    expect(stage.submits.length).toBe(1);
    expect(stage.status.history?.length).toBe(1);
    const names = new Set(stage.events.map((event) => event.transition));
    expect(names.size).toBe(2);
  },
);

test.each(["before the POST", "after the POST"])("a restart %s keeps the plan's one id", async (when) => {
  const stage = await healthy();
  replacePod(stage);
  const sidecar = stage.sidecar.bind(stage);
  stage.sidecar = () => ({
    ...sidecar(),
    submit: async (task, signal) => {
      if (when === "after the POST") await sidecar().submit(task, signal);
      throw new Error("killed");
    },
  });
  await stage.reconcile();
  stage.sidecar = sidecar;
  stage.restart();
  await stage.settle();
  expect(new Set(stage.submits.map((task) => task.id)).size).toBe(1);
  expect(stage.status.history?.length).toBe(1);
  expect(stage.condition("SidecarReady")).toBe("True/Ready");
  const names = new Set(stage.events.map((event) => event.transition));
  expect(names.size).toBe(2);
});

test("a rejected task fails the plan at once and visibly, and the next one waits", async () => {
  const stage = await healthy();
  stage.rejects = true;
  replacePod(stage);
  await stage.reconcile();
  expect(stage.status.history?.at(-1)?.outcome).toBe("Failed");
  expect(stage.status.history?.at(-1)?.message).toContain("SIDECAR_REJECTED");
  const posts = stage.submits.length;
  stage.now += 2000;
  await stage.reconcile();
  expect(stage.submits.length).toBe(posts);
  stage.now += 10_000;
  await stage.reconcile();
  expect(stage.submits.length).toBe(posts + 1);
});

test("a gate that does not open gets ever rarer plans", async () => {
  const stage = await healthy();
  stage.opens = false;
  replacePod(stage);
  const start = stage.now;
  while (stage.now - start < 3_600_000) stage.now += Math.max(100, (await stage.reconcile()) ?? 10_000);
  expect(stage.submits.length).toBeLessThan(20);
  expect(stage.submits.length).toBeGreaterThan(8);
});

test("an old observation makes no plan: the sidecar is asked again first", async () => {
  const stage = await healthy();
  stage.opens = false;
  replacePod(stage);
  await stage.reconcile();
  const made = stage.submits.length;
  // By the time the back-off is over the gate has opened by itself; the last observation still says 503.
  stage.gate = "open";
  stage.now += 11_000;
  stage.edit({ overrides: { a: "b" } });
  await stage.settle();
  expect(stage.submits.length).toBe(made);
  expect(stage.condition("SidecarReady")).toBe("True/Ready");
});

test("in observe mode conditions are written and nothing else", async () => {
  const stage = await healthy();
  stage.mode = "observe";
  replacePod(stage);
  stage.edit({ image: "seid:v2" });
  await stage.settle();
  expect(stage.condition("SidecarReady")).toBe("False/NotReady");
  expect(stage.submits).toEqual([]);
  expect(stage.writes).toBe(0);
  expect(stage.status.plan ?? null).toBeNull();
});

test.each([
  ["a new node", {}],
  ["a node whose plan was stored", { ...aRunningStatus(), currentImage: "seid:v0" }],
])("%s is looked at again when effects may not start just now", async (_title, status) => {
  const stage = new Stage(status);
  if ("phase" in status) await stage.reconcile();
  stage.mode = "observe";
  const rest = await stage.reconcile();
  expect(rest).not.toBeNull();
  expect(rest ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(10_000);
});

test("without the Lease nothing is written", async () => {
  const stage = await healthy();
  stage.mayWrite = false;
  replacePod(stage);
  await stage.reconcile();
  expect(stage.patches).toEqual([]);
  expect(stage.events).toEqual([]);
});

test("without the Lease a node whose status would change is observed again", async () => {
  const stage = await healthy();
  stage.mayWrite = false;
  replacePod(stage);
  expect(await stage.reconcile()).toBeNumber();
});

test("a new full node comes up by its init plan, and no update plan follows", async () => {
  const stage = new Stage({});
  stage.statefulSet = null;
  stage.claim = null;
  stage.pod = null;
  await stage.reconcile();
  expect(stage.status.phase).toBe("Initializing");
  stage.pod = aPod("pod-1");
  stage.gate = "shut";
  stage.triggerPod();
  await stage.settle();
  expect(stage.status.phase).toBe("Running");
  expect(stage.status.currentImage).toBe("seid:v1");
  expect(stage.submits.map((task) => task.type)).toEqual([
    "configure-genesis",
    "config-apply",
    "config-validate",
    "mark-ready",
  ]);
  expect(stage.status.history?.map((record) => record.detector)).toEqual(["init"]);
  expect(stage.status.plan ?? null).toBeNull();
});

test.each([
  ["two modes", { archive: {} }, "InvalidSpec"],
  ["a field of a later version", { seed: {}, fullNode: undefined }, "UnsupportedSpec"],
])("a spec with %s gets a condition and no object is written", async (_title, spec, reason) => {
  const stage = new Stage({});
  stage.edit(spec);
  await stage.reconcile();
  expect(stage.condition("Ready")).toBe(`False/${reason}`);
  expect(stage.writes).toBe(0);
  expect(stage.status.phase).toBeUndefined();
});

const ceremony = { chainId: "sei-test", stakingAmount: "1usei", accountBalance: "2usei", index: 0 };

function validatorToBe(): Stage {
  const stage = new Stage({});
  stage.raw.spec = { chainId: "sei-test", image: "seid:v1", validator: { genesisCeremony: ceremony } };
  stage.gate = "shut";
  stage.claim = null;
  return stage;
}

test("configure-genesis of a ceremony is tried again after 10, 20 and 30 s with the same id, and then it comes up", async () => {
  const stage = validatorToBe();
  stage.failing.add("configure-genesis");
  await stage.settle();
  const at = (): unknown => {
    const task = stage.status.plan?.tasks.find(({ type }) => type === "configure-genesis");
    return [task?.status, task?.retryCount, Date.parse(task?.startedAt ?? "") - stage.now, task?.error];
  };
  const error = "SIDECAR_TASK_FAILED: configure-genesis: it broke";
  expect(at()).toEqual(["Pending", 1, 10_000, error]);
  stage.now += 4000;
  stage.triggerPod();
  await stage.settle();
  expect(at()).toEqual(["Pending", 1, 6000, error]);
  stage.now += 6000;
  await stage.settle();
  expect(at()).toEqual(["Pending", 2, 20_000, error]);
  stage.restart();
  stage.now += 20_000;
  await stage.settle();
  expect(at()).toEqual(["Pending", 3, 30_000, error]);
  stage.failing.clear();
  stage.now += 30_000;
  await stage.settle();
  expect(stage.status.phase).toBe("Running");
  const tries = stage.submits.filter(({ type }) => type === "configure-genesis");
  expect([tries.length, new Set(tries.map(({ id }) => id)).size]).toEqual([4, 1]);
  expect(stage.submits.filter(({ type }) => type !== "configure-genesis").map(({ type }) => type)).toEqual([
    "generate-identity",
    "generate-gentx",
    "upload-genesis-artifacts",
    "config-apply",
    "set-genesis-peers",
    "config-validate",
    "mark-ready",
  ]);
});

test("a try that failed while nobody watched is counted, not posted again", async () => {
  const stage = validatorToBe();
  stage.failing.add("configure-genesis");
  await stage.settle();
  const [id, known] = [...stage.tasks].find(([, { type }]) => type === "configure-genesis") ?? ["", null];
  if (known === null) throw new Error("configure-genesis was never posted");
  stage.tasks.set(id, { ...known, run: 2 });
  stage.now += 10_000;
  const posted = stage.submits.length;
  await stage.settle();
  expect(stage.submits.length).toBe(posted);
  expect(stage.status.plan?.tasks.find((task) => task.id === id)?.retryCount).toBe(2);
});

test("a step of init that the sidecar ran and failed fails the node in words, and is not tried again", async () => {
  const stage = new Stage({});
  stage.failing.add("config-validate");
  await stage.settle();
  expect([stage.status.phase, stage.condition("Stalled")]).toEqual(["Failed", "True/InitFailed"]);
  expect(stage.status.history?.[0]?.message).toBe(
    "task config-validate: SIDECAR_TASK_FAILED: config-validate: it broke",
  );
  expect(stage.submits.filter(({ type }) => type === "config-validate")).toHaveLength(1);
});

test("peers that labels choose are resolved into status before the plan is made from them", async () => {
  const stage = new Stage({});
  stage.raw.spec = { ...stage.raw.spec, peers: [{ label: { selector: { chain: "a" }, namespace: "other" } }] };
  const { metadata, ...rest } = stage.node();
  stage.neighbours = ["b", "a"].map((name) => ({
    ...rest,
    metadata: { ...metadata, name, namespace: "other", labels: { chain: "a" } },
  }));
  await stage.reconcile();
  const endpoints = ["a-0.a.other.svc.cluster.local", "b-0.b.other.svc.cluster.local"];
  expect(stage.status.resolvedPeers).toEqual(endpoints);
  await stage.settle();
  expect(stage.submits.map(({ type }) => type)).toContain("discover-peers");
  stage.edit({ peers: [] });
  await stage.settle();
  expect(stage.raw.status).not.toHaveProperty("resolvedPeers");
});

test("a plugin that throws while it judges is told by name at once, and no more when it is well again", async () => {
  const stage = new Stage();
  const [first] = stage.detectors;
  if (first === undefined) throw new Error("no detector");
  let isWell = false;
  const detect = (): null => {
    if (!isWell) throw new Error("out of cheese");
    return null;
  };
  stage.detectors.push({ ...first, origin: "plugin", onFailure: "skip", detector: { name: "mine", detect } });
  await stage.settle();
  const told = () => stage.status.conditions?.find(({ type }) => type === "DetectorFailed");
  expect([told()?.status, told()?.message]).toEqual(["True", "mine: detect() threw: out of cheese"]);
  expect(stage.events.filter(({ reason }) => reason === "DetectorFailed")).toHaveLength(1);
  stage.patches = [];
  stage.now += 10_000;
  await stage.settle();
  expect(stage.patches).toEqual([]);
  replacePod(stage);
  await stage.settle();
  expect(stage.status.history?.map(({ detector }) => detector)).toEqual(["sidecar-ready"]);
  isWell = true;
  stage.now += 10_000;
  await stage.settle();
  expect(told()?.status).toBe("False");
});

test("an object of a new node that the API server refuses is told, waited for beyond every deadline, and made from the corrected spec", async () => {
  const stage = new Stage({});
  stage.pod = stage.statefulSet = stage.claim = stage.service = null;
  stage.refuses = "resources";
  await stage.settle();
  const told = "task apply-statefulset: API_REFUSED: StatefulSet node: resources";
  const stalled = () => stage.status.conditions?.find(({ type }) => type === "Stalled");
  expect([stage.status.phase, stage.condition("Stalled"), stalled()?.message]).toEqual([
    "Initializing",
    "True/ObjectRefused",
    told,
  ]);
  const { writes } = stage;
  const patches = stage.patches.length;
  stage.now += 3 * 3_600_000;
  await stage.settle();
  expect([stage.status.phase, stage.patches.length, stage.writes > writes]).toEqual(["Initializing", patches, true]);
  stage.refuses = null;
  stage.edit({ podLabels: { team: "night" } });
  await stage.reconcile();
  expect([stage.condition("Stalled"), stage.objectLog[0]]).toEqual(["False/NotStalled", "apply StatefulSet"]);
});
