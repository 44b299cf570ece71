/** The task `mark-ready`: what opens the gate, and everything that keeps it shut. */
import { describe, expect, test } from "bun:test";
import { aClaim, aPod, aStatefulSet } from "../fixtures/stage.ts";
import { Bench, known, LIFE, submitted } from "./bench.ts";

const gateTask = (type: string, submittedAt: string) => ({
  id: type,
  type,
  status: "completed" as const,
  error: null,
  submittedAt,
  run: null,
});

test("opens the gate of the Pod that was seen, and says whose it was", async () => {
  const bench = new Bench();
  bench.plan = { incarnation: LIFE };
  bench.answers = [known("completed")];
  expect(await bench.run("mark-ready")).toEqual({ kind: "done", incarnation: LIFE });
  expect(bench.effects).toEqual([submitted("mark-ready")]);
});

describe("opens nothing when", () => {
  const rollOut = [{ type: "observe-image", id: "1", status: "Complete", params: {} }] as const;
  test.each<[string, (bench: Bench) => void, "again" | "failed" | "superseded"]>([
    ["there is no Pod", (bench) => void (bench.pod = null), "again"],
    [
      "the Pod was replaced",
      (bench) => {
        bench.plan = { incarnation: LIFE };
        bench.pod = aPod("pod-2");
      },
      "superseded",
    ],
    [
      "the sidecar's container was restarted",
      (bench) => void (bench.plan = { incarnation: { ...LIFE, restartCount: 7 } }),
      "superseded",
    ],
    [
      "the Pod that was rolled out was replaced",
      (bench) => {
        bench.plan = { tasks: rollOut };
        bench.status = { ...bench.status, rolledOutPod: { name: "node-0", uid: "pod-0" } };
      },
      "superseded",
    ],
    [
      "the address is another Pod's by now",
      (bench) => void (bench.live = { kind: "ok", value: aPod("pod-1", { ip: "10.0.0.9" }) }),
      "again",
    ],
    ["another Pod has the name by now", (bench) => void (bench.live = { kind: "ok", value: aPod("pod-2") }), "again"],
    [
      "the Pod is going",
      (bench) => void (bench.live = { kind: "ok", value: aPod("pod-1", { deleting: true }) }),
      "again",
    ],
    [
      "the Pod has ended, and its address is free",
      (bench) => void (bench.live = { kind: "ok", value: aPod("pod-1", { phase: "Failed" }) }),
      "again",
    ],
    ["the Pod is gone", (bench) => void (bench.live = { kind: "notFound" }), "again"],
    ["the Pod cannot be read", (bench) => void (bench.live = { kind: "failed", why: "reset" }), "again"],
    ["the claim is another one", (bench) => void (bench.claim = aClaim("claim-9")), "failed"],
    ["the claim is not there", (bench) => void (bench.claim = null), "failed"],
    ["no volume was ever noted", (bench) => void (bench.status = { phase: "Running" }), "failed"],
    ["the home is on no claim", (bench) => void (bench.pod = aPod("pod-1", { home: null })), "failed"],
    [
      "the home is on another claim",
      (bench) => void (bench.pod = aPod("pod-1", { home: { claim: "other", subPath: "" } })),
      "failed",
    ],
    ["the sidecar's tasks cannot be read", (bench) => void (bench.tasks = null), "again"],
    [
      "the gate was shut on purpose",
      (bench) =>
        void (bench.tasks = [
          gateTask("mark-ready", "2026-01-01T00:00:00Z"),
          gateTask("mark-not-ready", "2026-01-02T00:00:00Z"),
        ]),
      "superseded",
    ],
    [
      "the gate of an init plan was shut on purpose",
      (bench) => {
        bench.plan = { failedPhase: "Failed" };
        bench.tasks = [gateTask("mark-not-ready", "2026-01-02T00:00:00Z")];
      },
      "again",
    ],
    [
      "nobody knows whether the gate was shut on purpose",
      (bench) => {
        const at = "2026-01-01T00:00:00Z";
        bench.tasks = [gateTask("mark-ready", at), gateTask("mark-not-ready", at)];
      },
      "superseded",
    ],
    [
      "a workflow owns the node",
      (bench) => void (bench.status = { ...bench.status, adoptedWorkflow: { name: "wipe" } }),
      "superseded",
    ],
    ["the Lease is not held", (bench) => void (bench.mayAct = false), "again"],
  ])("%s", async (_title, change, kind) => {
    const bench = new Bench();
    change(bench);
    expect((await bench.run("mark-ready")).kind).toBe(kind);
    expect(bench.effects).toEqual([]);
  });
});

test("while a node initializes, its gate that nobody knows of is waited for, and a person is asked", async () => {
  const bench = new Bench();
  bench.plan = { failedPhase: "Failed" };
  bench.tasks = Array.from({ length: 100 }, (_, index) => ({ ...gateTask("config-apply", ""), id: `t-${index}` }));
  const outcome = await bench.run("mark-ready");
  expect(outcome).toMatchObject({ kind: "again", condition: { status: "Unknown", reason: "GateHistoryUnknown" } });
  expect(outcome.condition?.message).toContain("open-gate=pod-1");
  expect(bench.effects).toEqual([]);
});

test("a gate that was shut on purpose and opened again since is opened", async () => {
  const bench = new Bench();
  bench.answers = [known("completed")];
  bench.tasks = [gateTask("mark-not-ready", "2026-01-01T00:00:00Z"), gateTask("mark-ready", "2026-01-02T00:00:00Z")];
  expect((await bench.run("mark-ready")).kind).toBe("done");
});

describe("below a roll-out that came to nothing, the revision is read live:", () => {
  const failed = {
    id: "p",
    detector: "image",
    reason: "ImageChanged",
    outcome: "Failed",
    healed: false,
    message: "task observe-image: DEADLINE_EXCEEDED: late",
    createdAt: "2026-01-01T00:00:00Z",
    finishedAt: "2026-01-01T00:00:00Z",
  } as const;

  test.each<[string, (bench: Bench) => void, string]>([
    ["it is opened in the Pod of the set as it is", () => {}, "submitted"],
    [
      "it is not where the set has another template by now",
      (bench) => void (bench.found = { kind: "ok", value: aStatefulSet("v2") }),
      "superseded",
    ],
    ["it is not while the set cannot be read", (bench) => void (bench.found = { kind: "failed", why: "no" }), "again"],
    [
      "it is all the same where the roll-out landed",
      (bench) => {
        bench.found = { kind: "failed", why: "nobody asks" };
        bench.status = { ...bench.status, currentImage: "seid:v1" };
      },
      "submitted",
    ],
  ])("%s", async (_title, change, want) => {
    const bench = new Bench();
    bench.plan = { incarnation: LIFE };
    const rolledOutPod = { name: "node-0", uid: "pod-0", revision: "v1" };
    const applied = { generation: 1, statefulSet: "v1", service: "service" };
    bench.status = { ...bench.status, currentImage: "seid:v0", rolledOutPod, applied, history: [failed] };
    change(bench);
    const { kind } = await bench.run("mark-ready");
    if (want !== "submitted") expect<string>(kind).toBe(want);
    expect(bench.effects.length > 0).toBe(want === "submitted");
  });
});
