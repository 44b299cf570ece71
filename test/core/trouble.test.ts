/** What keeps a Pod from running is told where somebody waits for it: once it has lasted a moment, in words that stay. */
import { describe, expect, test } from "bun:test";
import { attentionOf, type Trouble } from "../../src/model/index.ts";
import { type Troubled, watchTrouble } from "../../src/core/trouble.ts";
import { aPod, Stage } from "../fixtures/stage.ts";

const MINUTE_MS = 60_000;
const pulls: Trouble = {
  reason: "ImagePullBackOff",
  message: "Pod node-0: container seid: ImagePullBackOff: image seid:v2",
};
const crashes: Trouble = {
  reason: "CrashLoopBackOff",
  message: "Pod node-0: container seid: CrashLoopBackOff",
  recurs: true,
};
const mounts: Trouble = {
  reason: "ContainerCreating",
  message: "Pod node-0: ContainerCreating",
  ordinaryMs: MINUTE_MS,
};
const noPod: Trouble = { reason: "FailedCreate", message: "StatefulSet node: FailedCreate: no", ordinaryMs: 0 };

describe("what is seen at these seconds", () => {
  test.each<[string, readonly (readonly [seconds: number, Trouble | null])[], string | null]>([
    ["once is not told", [[0, pulls]], null],
    [
      "for a moment is not told",
      [
        [0, pulls],
        [2, pulls],
      ],
      null,
    ],
    [
      "for longer is told",
      [
        [0, pulls],
        [3, pulls],
      ],
      pulls.message,
    ],
    [
      "and not any more is not told",
      [
        [0, pulls],
        [3, pulls],
        [4, null],
      ],
      null,
    ],
    [
      "again after it was gone begins anew",
      [
        [0, pulls],
        [3, null],
        [4, pulls],
      ],
      null,
    ],
    [
      "in other words keeps the first",
      [
        [0, pulls],
        [3, pulls],
        [9, { ...pulls, message: "x" }],
      ],
      pulls.message,
    ],
    [
      "in other words for ten minutes is told anew",
      [
        [0, pulls],
        [3, pulls],
        [603, { ...pulls, message: "x" }],
      ],
      "x",
    ],
    [
      "for another reason waits for it to last",
      [
        [0, pulls],
        [3, pulls],
        [4, crashes],
        [5, crashes],
      ],
      null,
    ],
    [
      "as a crash stays while it runs between",
      [
        [0, crashes],
        [3, crashes],
        [50, null],
      ],
      crashes.message,
    ],
    [
      "as a crash is over after a minute",
      [
        [0, crashes],
        [3, crashes],
        [64, null],
      ],
      null,
    ],
    [
      "though it is ordinary at first is told late",
      [
        [0, mounts],
        [59, mounts],
      ],
      null,
    ],
    [
      "though it is ordinary at first is told",
      [
        [0, mounts],
        [60, mounts],
      ],
      mounts.message,
    ],
    ["of the StatefulSet is told at once", [[0, noPod]], noPod.message],
  ])("%s", (_title, story, want) => {
    let known: Troubled | null = null;
    for (const [seconds, seen] of story) known = watchTrouble(known, seen, { mono: seconds * 1000, wasTold: false });
    expect(known?.told ?? null).toBe(want);
  });

  test("what status tells already is told at once", () => {
    expect(watchTrouble(null, pulls, { mono: 0, wasTold: true })?.told).toBe(pulls.message);
  });
});

async function passFor(stage: Stage, ms: number): Promise<void> {
  const until = stage.now + ms;
  while (stage.now < until) {
    const rest = await stage.reconcile();
    stage.now += Math.max(100, Math.min(rest ?? 10_000, 10_000));
  }
}

function reconciling(stage: Stage): string {
  return stage.status.conditions?.find(({ type }) => type === "Reconciling")?.message ?? "";
}

function readyMessage(stage: Stage): string {
  return stage.status.conditions?.find(({ type }) => type === "Ready")?.message ?? "";
}

const told = (stage: Stage) => stage.events.filter(({ reason }) => reason === "PodNotRunning").map(({ note }) => note);

/** A node whose roll-out to seid:v2 has its Pod, which cannot pull the image. */
async function unpulled(): Promise<Stage> {
  const stage = new Stage();
  await stage.settle();
  stage.edit({ image: "seid:v2" });
  await stage.reconcile();
  await stage.reconcile();
  const bad = aPod("pod-2", { revision: "v2", trouble: pulls });
  const waiting = { image: "seid:v2", state: "waiting", stateReason: "ImagePullBackOff" } as const;
  stage.pod = { ...bad, containers: bad.containers.map((one) => (one.name === "seid" ? { ...one, ...waiting } : one)) };
  stage.gate = "shut";
  stage.triggerPod();
  return stage;
}

describe("a roll-out that cannot pull its image", () => {
  test("says so in Reconciling, in its task, in Ready, in one Event, and at its end", async () => {
    const stage = await unpulled();
    const before = stage.patches.length;
    await passFor(stage, 10_000);
    expect(reconciling(stage)).toBe(`plan for ImageChanged; observe-image waits: ${pulls.message}`);
    expect(stage.status.plan?.tasks.find(({ type }) => type === "observe-image")?.error).toBe(pulls.message);
    expect(told(stage)).toEqual([pulls.message]);
    expect([stage.condition("Ready"), readyMessage(stage)]).toEqual(["False/PodNotRunning", pulls.message]);
    await passFor(stage, 13 * MINUTE_MS);
    // The gate was seen shut, and the trouble was told.
    expect(stage.patches.length - before).toBeLessThanOrEqual(3);
    await passFor(stage, 3 * MINUTE_MS);
    const failed = stage.events.find(({ reason }) => reason === "PlanFailed");
    expect(failed?.note).toContain(`DEADLINE_EXCEEDED: observe-image did not finish in time: ${pulls.message}`);
    expect(stage.status.history?.at(-1)?.message).toContain("ImagePullBackOff");
    expect(stage.condition("Ready")).toBe("False/UpdateFailed");
    expect(told(stage)).toEqual([pulls.message]);
  });

  test("says so after a restart with no write for it, and its Event under the same name", async () => {
    const stage = await unpulled();
    await passFor(stage, 10_000);
    const [before, { length }] = [reconciling(stage), stage.patches];
    stage.restart();
    await passFor(stage, MINUTE_MS);
    expect([reconciling(stage), stage.patches.length]).toEqual([before, length]);
    const names = stage.events.filter(({ reason }) => reason === "PodNotRunning").map(({ transition }) => transition);
    expect([...new Set(names)]).toEqual(["PodNotRunning/pod-2/ImagePullBackOff"]);
  });

  test("goes on when it can, and says it no more", async () => {
    const stage = await unpulled();
    await passFor(stage, 10_000);
    const well = aPod("pod-2", { revision: "v2" });
    stage.pod = {
      ...well,
      containers: well.containers.map((one) => (one.name === "seid" ? { ...one, image: "seid:v2" } : one)),
    };
    stage.triggerPod();
    await stage.settle();
    expect([reconciling(stage), stage.condition("Ready")]).toEqual(["", "True/Ready"]);
  });
});

describe("a new node", () => {
  test("whose Pod cannot pull its image says so in the step that waits for its sidecar", async () => {
    const stage = new Stage({});
    [stage.statefulSet, stage.service, stage.claim] = [null, null, null];
    stage.pod = aPod("pod-1", { trouble: pulls });
    stage.gate = "unreachable";
    await passFor(stage, 10_000);
    expect(reconciling(stage)).toBe(`plan for NewNode; configure-genesis waits: ${pulls.message}`);
    expect(stage.status.plan?.tasks.find(({ type }) => type === "configure-genesis")?.error).toBe(pulls.message);
    expect(told(stage)).toEqual([pulls.message]);
    [stage.pod, stage.gate] = [aPod("pod-1"), "shut"];
    await passFor(stage, 10_000);
    expect([stage.status.phase, stage.condition("Ready"), reconciling(stage)].map(String)).toEqual([
      "Running",
      "True/Ready",
      "",
    ]);
  });

  test("that gets no Pod says why, in the words of the StatefulSet controller", async () => {
    const stage = new Stage({});
    [stage.pod, stage.statefulSet, stage.service, stage.claim] = [null, null, null, null];
    await passFor(stage, 5000);
    expect(reconciling(stage)).toBe("plan for NewNode");
    stage.noPod = noPod;
    await passFor(stage, 1000);
    expect(reconciling(stage)).toBe(`plan for NewNode; configure-genesis waits: ${noPod.message}`);
    const { length } = stage.patches;
    stage.restart();
    stage.noPod = null;
    await passFor(stage, 5000);
    stage.noPod = noPod;
    await passFor(stage, MINUTE_MS);
    expect([reconciling(stage), stage.patches.length]).toEqual([
      `plan for NewNode; configure-genesis waits: ${noPod.message}`,
      length,
    ]);
  });
});

describe("a node that is up", () => {
  test.each([
    ["whose new Pod cannot pull its image", aPod("pod-2", { trouble: pulls, ready: false }), null, pulls],
    ["that gets no Pod", null, noPod, noPod],
  ])(
    "%s says so in Reconciling, in Ready and in one Event, and no more when it is over",
    async (_title, pod, none, want) => {
      const stage = new Stage();
      await stage.settle();
      [stage.pod, stage.noPod, stage.gate] = [pod, none, "unreachable"];
      stage.triggerPod();
      await passFor(stage, 2 * MINUTE_MS);
      expect([stage.condition("Reconciling"), reconciling(stage)]).toEqual(["True/Progressing", want.message]);
      expect([stage.condition("Ready"), readyMessage(stage)]).toEqual(["Unknown/PodNotRunning", want.message]);
      expect(told(stage)).toEqual([want.message]);
      const { length } = stage.patches;
      await passFor(stage, 5 * MINUTE_MS);
      expect(stage.patches.length).toBe(length);
      [stage.pod, stage.noPod, stage.gate] = [aPod("pod-2"), null, "shut"];
      stage.triggerPod();
      await stage.settle();
      expect([stage.condition("Ready"), stage.condition("Reconciling")]).toEqual([
        "True/Ready",
        "False/NotReconciling",
      ]);
    },
  );

  test("whose seid crashes behind an open gate has it remarked on, and stays ready", async () => {
    const stage = new Stage();
    await stage.settle();
    const { length } = stage.patches;
    for (let round = 0; round < 10; round += 1) {
      stage.pod = aPod("pod-1", { trouble: crashes });
      stage.triggerPod();
      await passFor(stage, 20_000);
      stage.pod = aPod("pod-1");
      stage.triggerPod();
      await passFor(stage, 20_000);
    }
    expect([stage.condition("Ready"), stage.condition("Reconciling"), reconciling(stage)]).toEqual([
      "True/Ready",
      "False/NotReconciling",
      crashes.message,
    ]);
    expect(stage.patches.length - length).toBe(1);
    await passFor(stage, 6 * MINUTE_MS);
    expect(reconciling(stage)).toBe("");
  });

  test("whose seid crashed once, for less than is told, is enqueued for no reconcile because of it", async () => {
    const stage = new Stage();
    await stage.settle();
    stage.pod = aPod("pod-1", { trouble: crashes });
    stage.triggerPod();
    await stage.reconcile();
    stage.now += 1000;
    stage.pod = aPod("pod-1");
    stage.triggerPod();
    await stage.reconcile();
    stage.now += 5000;
    stage.triggerPod();
    expect(await stage.reconcile()).toBeGreaterThan(1000);
    expect(told(stage)).toEqual([]);
  });

  test("whose Pod is replaced as ever costs no write for it", async () => {
    const stage = new Stage();
    await stage.settle();
    const { length } = stage.patches;
    stage.pod = aPod("pod-2", { trouble: pulls, ready: false });
    stage.gate = "unreachable";
    stage.triggerPod();
    await stage.reconcile();
    stage.pod = aPod("pod-2");
    stage.gate = "shut";
    stage.triggerPod();
    await stage.settle();
    expect(told(stage)).toEqual([]);
    expect(stage.patches.length - length).toBe(3);
  });
});

test("what a person is wanted for is the Pod's trouble, and not the plan that waits for it", async () => {
  const stage = await unpulled();
  await passFor(stage, 10_000);
  expect(attentionOf(stage.status)).toMatchObject({ reason: "PodNotRunning", why: pulls.message });
});
