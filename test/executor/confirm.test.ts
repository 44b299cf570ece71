/** Right before an effect: every task against everything that may be said meanwhile. */
import { describe, expect, test } from "bun:test";
import type { SeiNode } from "../../src/model/index.ts";
import { aClaim, aPod, aStatefulSet } from "../fixtures/stage.ts";
import { Bench, known, LIFE } from "./bench.ts";

/** What somebody may say against an effect at any moment. */
const SAID: readonly (readonly [string, (node: SeiNode) => SeiNode | null])[] = [
  ["the node is gone", () => null],
  ["the node is being deleted", (node) => withMetadata(node, { deletionTimestamp: "2026-01-01T00:00:00Z" })],
  ["the node is paused", (node) => ({ ...node, spec: { ...node.spec, paused: true } })],
  ["a workflow adopted the node", (node) => withStatus(node, { adoptedWorkflow: { name: "wipe" } })],
  ["a workflow is in progress", (node) => withStatus(node, { conditions: [IN_PROGRESS] })],
  ["the plan was taken out", (node) => withStatus(node, { plan: null })],
  ["another plan is stored", (node) => withPlan(node, { id: "another" })],
  ["the plan was ended", (node) => withPlan(node, { phase: "Failed" })],
  ["the spec that the plan was made from changed", (node) => ({ ...node, spec: { ...node.spec, image: "seid:v9" } })],
];

const IN_PROGRESS = {
  type: "WorkflowInProgress",
  status: "True",
  reason: "x",
  message: "",
  lastTransitionTime: "2026-01-01T00:00:00Z",
  observedGeneration: 1,
} as const;

function withStatus(node: SeiNode, change: Partial<SeiNode["status"]>): SeiNode {
  return { ...node, status: { ...node.status, ...change } };
}

function withMetadata(node: SeiNode, change: Partial<SeiNode["metadata"]>): SeiNode {
  return { ...node, metadata: { ...node.metadata, ...change } };
}

function withPlan(node: SeiNode, change: { readonly id?: string; readonly phase?: "Failed" }): SeiNode {
  const { plan } = node.status;
  return plan === null || plan === undefined ? node : withStatus(node, { plan: { ...plan, ...change } });
}

/** Every task that has an effect, on a bench where it would have it. */
const TASKS: readonly (readonly [string, (bench: Bench) => void])[] = [
  ["mark-ready", (bench) => void (bench.plan = { incarnation: LIFE })],
  ["configure-genesis", () => undefined],
  ["snapshot-upload", () => undefined],
  ["apply-statefulset", () => undefined],
  ["apply-service", () => undefined],
  ["ensure-data-pvc", (bench) => void (bench.foundClaim = { kind: "notFound" })],
  [
    "observe-image",
    (bench) => {
      bench.before = ["apply-statefulset"];
      bench.statefulSet = aStatefulSet("v2");
      bench.status = { ...bench.status, podDeletion: { uid: "pod-1", at: "2026-01-01T00:00:00Z" } };
    },
  ],
];

function benchFor(prepare: (bench: Bench) => void): Bench {
  const bench = new Bench();
  bench.answers = [known("completed")];
  bench.plan = {};
  prepare(bench);
  bench.plan = { ...bench.plan, madeFrom: { "spec.image": "seid:v1" } };
  return bench;
}

describe.each(TASKS)("%s", (type, prepare) => {
  test("has its effect when nobody says anything against it", async () => {
    const bench = benchFor(prepare);
    await bench.run(type);
    expect(bench.effects.length).toBe(1);
  });

  test.each(SAID)("has none when %s since it began", async (_title, said) => {
    const bench = benchFor(prepare);
    bench.newest = said;
    const outcome = await bench.run(type);
    expect(["again", "superseded"]).toContain(outcome.kind);
    expect(bench.effects).toEqual([]);
  });

  test.each(SAID)("has none when %s while its request waits", async (_title, said) => {
    const bench = benchFor(prepare);
    bench.whenSent = () => void (bench.newest = said);
    const outcome = await bench.run(type);
    expect(["again", "superseded"]).toContain(outcome.kind);
    expect(bench.effects).toEqual([]);
  });

  test("has none when the Lease runs out while its request waits", async () => {
    const bench = benchFor(prepare);
    bench.whenSent = () => void (bench.mayAct = false);
    expect(await bench.run(type)).toMatchObject({ kind: "again", why: "the Lease is not held" });
    expect(bench.effects).toEqual([]);
  });

  test("has none when the node cannot be read", async () => {
    const bench = benchFor(prepare);
    bench.refresh = () => false;
    expect(await bench.run(type)).toMatchObject({ kind: "again", why: "the node could not be read" });
    expect(bench.effects).toEqual([]);
  });
});

describe.each(["mark-ready", "configure-genesis", "snapshot-upload"])("%s is handed to nobody when", (type) => {
  test.each<[string, (bench: Bench) => void]>([
    ["the address is another Pod's by now", (bench) => void (bench.live = ok(aPod("pod-1", { ip: "10.0.0.9" })))],
    ["another Pod has the name by now", (bench) => void (bench.live = ok(aPod("pod-2")))],
    ["the Pod is another set's by now", (bench) => void (bench.live = ok(aPod("pod-1", { ownerUid: "other" })))],
    ["the Pod is going", (bench) => void (bench.live = ok(aPod("pod-1", { deleting: true })))],
    ["the Pod has ended", (bench) => void (bench.live = ok(aPod("pod-1", { phase: "Failed" })))],
    ["the Pod is gone", (bench) => void (bench.live = { kind: "notFound" })],
    ["the Pod cannot be read", (bench) => void (bench.live = { kind: "failed", why: "reset" })],
    [
      "the home is on another claim",
      (bench) => void (bench.live = ok(aPod("pod-1", { home: { claim: "other", subPath: "" } }))),
    ],
    [
      "the home is on no claim, though the Pod has it",
      (bench) => void (bench.live = ok(aPod("pod-1", { home: null }))),
    ],
    ["the claim was replaced, which no watch told", (bench) => void (bench.foundClaim = ok(aClaim("blank")))],
    ["the claim is gone, which no watch told", (bench) => void (bench.foundClaim = { kind: "notFound" })],
    ["the claim cannot be read", (bench) => void (bench.foundClaim = { kind: "failed", why: "reset" })],
    ["no volume was ever noted", (bench) => void (bench.status = { phase: "Running" })],
  ])("%s", async (_title, change) => {
    const bench = benchFor(() => undefined);
    change(bench);
    expect((await bench.run(type)).kind).not.toBe("done");
    expect(bench.effects).toEqual([]);
  });
});

describe("a Pod that is older than its claim runs on another volume, and is given nothing", () => {
  const younger = { ...aClaim("claim-1"), createdAt: "2030-01-01T00:00:00Z" };

  test.each(["configure-genesis", "mark-ready"])("%s in init", async (type) => {
    const bench = benchFor((on) => void (on.plan = { failedPhase: "Failed" }));
    bench.foundClaim = ok(younger);
    expect(await bench.run(type)).toMatchObject({ kind: "again", why: expect.stringContaining("Replace the Pod") });
    expect(bench.effects).toEqual([]);
  });

  test("mark-ready where a person gave the node what stood there", async () => {
    const bench = benchFor((on) => void (on.plan = { incarnation: LIFE }));
    bench.foundClaim = ok(younger);
    bench.annotations = { "tidekeeper.sei.io/adopt": "claim-1" };
    expect((await bench.run("mark-ready")).kind).toBe("failed");
    expect(bench.effects).toEqual([]);
  });
});

test("a gate that somebody shut while the plan was stored stays shut, however soon after the observation that was", async () => {
  const bench = benchFor((on) => void (on.plan = { incarnation: LIFE }));
  const submittedAt = "2026-01-02T00:00:00Z";
  bench.tasks = [{ id: "1", type: "mark-not-ready", status: "completed", error: null, submittedAt, run: null }];
  expect(bench.fresh).toBe(true);
  expect((await bench.run("mark-ready")).kind).toBe("superseded");
  expect(bench.effects).toEqual([]);
});

describe("what took long to read", () => {
  /** Each look at the clock is so many milliseconds after the one before. */
  const slow = (...stepsMs: number[]): Bench => {
    const bench = benchFor((on) => void (on.plan = { incarnation: LIFE }));
    let now = 0;
    let look = 0;
    bench.mono = () => (now += look++ % 2 === 0 ? 0 : (stepsMs.shift() ?? 0));
    return bench;
  };

  test.each([
    [[5], 1],
    [[21, 5], 2],
    [[21, 5000], 2],
  ])("%j ms: the node is read %i times", async (stepsMs, reads) => {
    const bench = slow(...stepsMs);
    let asked = 0;
    bench.refresh = () => (asked += 1) > 0;
    expect((await bench.run("mark-ready")).kind).toBe("done");
    expect(asked).toBe(reads);
  });

  test("is read again, so that a change in the meantime is seen", async () => {
    const bench = slow(3000, 5);
    let asked = 0;
    bench.refresh = () => {
      asked += 1;
      if (asked === 2) bench.live = ok(aPod("pod-2"));
      return true;
    };
    expect((await bench.run("mark-ready")).kind).toBe("again");
    expect(bench.effects).toEqual([]);
  });

  test("twice: the sidecar's tasks are asked once more at the end", async () => {
    const bench = slow(800, 800);
    const submittedAt = "2026-01-02T00:00:00Z";
    const shut = { id: "1", type: "mark-not-ready", status: "completed", error: null, submittedAt, run: null } as const;
    let asked = 0;
    Object.defineProperty(bench, "tasks", { get: () => ((asked += 1) === 3 ? [shut] : []) });
    expect((await bench.run("mark-ready")).kind).toBe("superseded");
    expect(bench.effects).toEqual([]);
  });
});

test("a write of several requests ends with the Lease", async () => {
  const bench = new Bench();
  bench.found = ok({ ...aStatefulSet("v1"), isOnDelete: false, isOfReference: true });
  let sent = 0;
  bench.whenSent = () => void (bench.mayAct = (sent += 1) < 3);
  expect((await bench.run("apply-statefulset")).kind).toBe("again");
  expect(bench.effects).toEqual(["on delete sts-uid", "apply set forced"]);
});

test("nobody but confirmThen is handed effects", async () => {
  const taken: string[] = [];
  for await (const file of new Bun.Glob("**/*.ts").scan("src/executor")) {
    const text = await Bun.file(`src/executor/${file}`).text();
    if (/\.effects\(/.test(text)) taken.push(file);
  }
  expect(taken).toEqual(["confirm.ts"]);
});

function ok<T>(value: T): { readonly kind: "ok"; readonly value: T } {
  return { kind: "ok", value };
}
