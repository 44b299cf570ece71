/** A step that cannot be begun waits for as long as it takes and says for what, in few writes; and clocks that are set. */
import { describe, expect, test } from "bun:test";
import { taskId } from "../../src/model/index.ts";
import { aPod, aRunningStatus, Stage } from "../fixtures/stage.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A new node whose Pod nobody makes, as under a quota. */
async function withoutPod(): Promise<Stage> {
  const stage = new Stage({});
  [stage.pod, stage.statefulSet, stage.service, stage.claim] = [null, null, null, null];
  await passFor(stage, 30_000);
  return stage;
}

async function passFor(stage: Stage, ms: number): Promise<void> {
  const until = stage.now + ms;
  while (stage.now < until) {
    const rest = await stage.reconcile();
    stage.now += Math.max(1000, Math.min(rest ?? 10_000, 60_000));
  }
}

function reconciling(stage: Stage): string {
  return stage.status.conditions?.find(({ type }) => type === "Reconciling")?.message ?? "";
}

describe("a new node that gets no Pod for days", () => {
  test("says what it waits for after a minute, once, and comes up when it may", async () => {
    const stage = await withoutPod();
    expect(reconciling(stage)).not.toContain("waits");
    const { length } = stage.patches;
    await passFor(stage, 2 * MINUTE_MS);
    expect(reconciling(stage)).toEndWith("configure-genesis waits: there is no Pod that could answer");
    await passFor(stage, 3 * DAY_MS);
    expect([stage.status.phase, stage.patches.length - length].map(String)).toEqual(["Initializing", "1"]);
    [stage.pod, stage.gate] = [aPod("pod-1"), "shut"];
    await passFor(stage, 2 * MINUTE_MS);
    expect([stage.status.phase, stage.condition("Ready")].map(String)).toEqual(["Running", "True/Ready"]);
    expect(reconciling(stage)).toBe("");
  });

  test("says so still after a restart, with no write for it", async () => {
    const stage = await withoutPod();
    await passFor(stage, 2 * MINUTE_MS);
    const { length } = stage.patches;
    const told = reconciling(stage);
    stage.restart();
    await passFor(stage, HOUR_MS);
    expect([reconciling(stage), stage.patches.length]).toEqual([told, length]);
  });
});

test("a sidecar that is silent for an hour in the middle of a long task costs the node nothing", async () => {
  const stage = await withoutPod();
  stage.slow.add("config-apply");
  [stage.pod, stage.gate] = [aPod("pod-1"), "shut"];
  await passFor(stage, 5 * MINUTE_MS);
  stage.gate = "unreachable";
  await passFor(stage, HOUR_MS);
  expect(reconciling(stage)).toEndWith("config-apply waits: the sidecar refused the connection");
  stage.gate = "shut";
  for (const task of stage.tasks.values()) task.status = "completed";
  await passFor(stage, MINUTE_MS);
  expect(stage.status.phase).toBe("Running");
});

test("a task of init at which its sidecar is seen for longer than it may be fails the node in words", async () => {
  const stage = await withoutPod();
  stage.slow.add("config-apply");
  [stage.pod, stage.gate] = [aPod("pod-1"), "shut"];
  await passFor(stage, 9 * MINUTE_MS);
  expect(stage.status.phase).toBe("Initializing");
  await passFor(stage, 2 * MINUTE_MS);
  expect(stage.condition("Stalled")).toBe("True/InitFailed");
  expect(stage.status.history?.at(-1)?.message).toBe(
    "task config-apply: DEADLINE_EXCEEDED: config-apply did not finish in time",
  );
});

test("a gate that cannot be reached for 15 min is no failure: its plan makes room for the other detectors", async () => {
  const id = "7f2c1f9e-8f2b-4c64-9d0c-0d7a3c1f2e4b";
  const task = { type: "mark-ready", id: taskId(id, "mark-ready", 0), status: "Pending", params: {} };
  const plan = { id, phase: "Active", detector: "sidecar-ready", reason: "SidecarNotReady", tasks: [task] };
  const stage = new Stage({ ...aRunningStatus(), plan });
  [stage.pod, stage.statefulSet] = [null, null];
  await passFor(stage, 14 * MINUTE_MS);
  expect([stage.status.plan?.id, reconciling(stage)]).toEqual([
    id,
    expect.stringContaining("mark-ready waits: there is no Pod"),
  ]);
  await passFor(stage, 2 * MINUTE_MS);
  expect(stage.status.history?.[0]).toMatchObject({ id: id.slice(0, 8), outcome: "Superseded" });
  expect(stage.objectLog).toContain("apply StatefulSet");
});

describe.each([
  ["a day forward", DAY_MS],
  ["a day back", -DAY_MS],
])("with the clock set %s", (_title, setBy) => {
  /** Times at which something happens, from the moment at which the clock is set or is not. */
  async function storyOf(begin: (stage: Stage) => Promise<void>, isSet: boolean, ms: number) {
    const stage = new Stage();
    await stage.settle();
    await begin(stage);
    const start = stage.now;
    if (isSet) stage.wallSetBy += setBy;
    const story: string[] = [];
    const seen = { submits: stage.submits.length, writes: stage.writes, patches: stage.patches.length };
    while (stage.now < start + ms) {
      const rest = await stage.reconcile();
      if (stage.submits.length + stage.writes + stage.patches.length > seen.submits + seen.writes + seen.patches) {
        story.push(`${stage.now - start}: ${stage.submits.length} ${stage.writes} ${stage.patches.length}`);
        Object.assign(seen, { submits: stage.submits.length, writes: stage.writes, patches: stage.patches.length });
      }
      stage.now += Math.max(50, rest ?? 10_000);
    }
    return { story, events: stage.events.map(({ reason }) => reason) };
  }

  test.each<[string, (stage: Stage) => Promise<void>]>([
    [
      "a gate that does not open is tried again as late as without",
      async (stage) => {
        [stage.gate, stage.opens] = ["shut", false];
        stage.triggerPod();
        await stage.reconcile();
      },
    ],
    [
      "a sidecar that fails its task is asked again as late as without",
      async (stage) => {
        stage.failing.add("mark-ready");
        stage.gate = "shut";
        stage.triggerPod();
        await stage.settle(2000);
      },
    ],
    [
      "whoever undoes every heal is fought no faster",
      async (stage) => {
        for (let round = 0; round < 3; round += 1) {
          if (stage.statefulSet !== null) stage.statefulSet = { ...stage.statefulSet, ownedDigest: `edit ${round}` };
          await stage.settle();
        }
        if (stage.statefulSet !== null) stage.statefulSet = { ...stage.statefulSet, ownedDigest: "edit again" };
      },
    ],
  ])("%s", async (_what, begin) => {
    const undisturbed = await storyOf(begin, false, 10 * MINUTE_MS);
    expect(await storyOf(begin, true, 10 * MINUTE_MS)).toEqual(undisturbed);
    expect(undisturbed.story.length).toBeGreaterThan(0);
  });
});
