/** Only what a sidecar said itself changes what is told of a node, and nothing is done that its tasks do not allow. */
import { describe, expect, test } from "bun:test";
import type { HttpResponse } from "../../src/base/index.ts";
import { direct, gate, json, reply } from "../sidecar/scripted.ts";
import { aPod, Stage } from "../fixtures/stage.ts";

const SHUT = reply(503);
const [nine, ten] = ["2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"];
const OPEN_GATE = "tidekeeper.sei.io/open-gate";
const task = (id: string, type: string, submittedAt?: string) => ({ id, type, status: "completed", submittedAt });

/** A healthy node whose sidecar's address answers so from now on; what is posted reaches the sidecar of the stage. */
async function answering(healthz: HttpResponse, tasks: HttpResponse): Promise<Stage> {
  const stage = new Stage();
  await stage.settle();
  stage.patches = [];
  stage.events = [];
  const sidecar = stage.sidecar.bind(stage);
  const told = direct(gate(healthz, tasks)).sidecar;
  stage.sidecar = () => {
    const own = sidecar();
    return stage.gate === "open" && stage.submits.length > 0
      ? own
      : { ...own, health: (signal) => told.health(signal), tasks: (signal) => told.tasks(signal) };
  };
  return stage;
}

async function polls(stage: Stage, count: number): Promise<void> {
  for (let poll = 0; poll < count; poll += 1) {
    stage.now += 10_000;
    if ((await stage.probeIdle()) === null) await stage.settle();
  }
}

const PROXIES: readonly [string, HttpResponse, HttpResponse][] = [
  ["Envoy", reply(503, "upstream connect error"), reply(503, "upstream connect error")],
  ["Envoy, of healthz alone", reply(503, "upstream connect error"), json(200, [])],
  ["linkerd", reply(503, "", { "l5d-proxy-error": "fail-fast" }), reply(503, "", { "l5d-proxy-error": "fail-fast" })],
  ["HAProxy", reply(503, "<html></html>"), reply(503, "<html></html>")],
  ["a proxy with a page for everything else", SHUT, reply(200, "<html></html>")],
  ["an API server", json(503, { kind: "Status", apiVersion: "v1" }), json(503, { kind: "Status", apiVersion: "v1" })],
];

describe("a 503 that is not the sidecar's own", () => {
  test.each(PROXIES)("is told as unknown, with no Event, plan or POST: %s", async (_title, healthz, tasks) => {
    const stage = await answering(healthz, tasks);
    await polls(stage, 5);
    expect(stage.condition("SidecarReady")).toMatch(/^Unknown\/(ProbeError|Unreachable)$/);
    expect(stage.condition("Ready")).toBe(stage.condition("SidecarReady"));
    expect([stage.events, stage.submits, stage.status.plan ?? null]).toEqual([[], [], null]);
    expect(stage.status.readinessTransitions?.map(({ to }) => to)).toEqual(["Ready"]);
    expect(stage.patches).toHaveLength(1);
  });

  test.each(PROXIES)("is no answer to who waits for a sidecar: %s", async (_title, healthz, tasks) => {
    const stage = await answering(healthz, tasks);
    stage.pod = aPod("pod-2");
    stage.triggerPod();
    await stage.reconcile();
    stage.wanted = [];
    await stage.pause(2000);
    expect([stage.wanted, stage.condition("SidecarReady").split("/")[0], stage.submits]).toEqual([[], "Unknown", []]);
  });
});

const full = Array.from({ length: 100 }, (_, index) => task(`t-${index}`, "config-apply", nine));
const UNKNOWN: readonly [string, object[]][] = [
  ["a full list without a gate task", full],
  ["a tie", [task("a", "mark-ready", nine), task("b", "mark-not-ready", nine)]],
  ["a shutting without a time", [task("a", "mark-ready", nine), task("b", "mark-not-ready")]],
];

describe("a gate of which the tasks do not tell", () => {
  test.each(UNKNOWN)("stays shut, and a person is asked: %s", async (_title, tasks) => {
    const stage = await answering(SHUT, json(200, tasks));
    await polls(stage, 5);
    expect(stage.condition("SidecarReady")).toBe("False/NotReady");
    expect(stage.condition("HeldByWorkflow")).toBe("Unknown/GateHistoryUnknown");
    expect(stage.events.map(({ reason }) => reason)).toEqual(["SidecarReadinessLost", "GateHistoryUnknown"]);
    expect(stage.events[1]?.note).toContain(`kubectl annotate seinode node -n sei --overwrite ${OPEN_GATE}=pod-1`);
    expect([stage.submits, stage.status.plan ?? null, stage.patches.length]).toEqual([[], null, 1]);
  });

  test.each(UNKNOWN)("is opened for the Pod that a person names, and for no other: %s", async (_title, tasks) => {
    const stage = await answering(SHUT, json(200, tasks));
    stage.annotate({ [OPEN_GATE]: "pod-0" });
    await polls(stage, 2);
    expect([stage.submits, stage.condition("HeldByWorkflow")]).toEqual([[], "Unknown/GateHistoryUnknown"]);
    stage.annotate({ [OPEN_GATE]: "pod-1" });
    await polls(stage, 2);
    expect(stage.submits.map(({ type }) => type)).toEqual(["mark-ready"]);
    expect([stage.condition("SidecarReady"), stage.condition("HeldByWorkflow")]).toEqual([
      "True/Ready",
      "False/NotHeld",
    ]);
  });

  test("is told of a node that initializes too, whose volume brought another's tasks along", async () => {
    const stage = new Stage({});
    const told = direct(gate(SHUT, json(200, full))).sidecar;
    const sidecar = stage.sidecar.bind(stage);
    stage.gate = "shut";
    stage.sidecar = () => ({ ...sidecar(), tasks: (signal) => told.tasks(signal) });
    await polls(stage, 10);
    expect([stage.status.phase, stage.condition("HeldByWorkflow")]).toEqual([
      "Initializing",
      "Unknown/GateHistoryUnknown",
    ]);
    expect(stage.events.filter(({ reason }) => reason === "GateHistoryUnknown")).toHaveLength(1);
    expect(stage.submits.map(({ type }) => type)).not.toContain("mark-ready");
    stage.annotate({ [OPEN_GATE]: "pod-1" });
    await polls(stage, 10);
    expect([stage.status.phase, stage.condition("HeldByWorkflow")]).toEqual(["Running", "False/NotHeld"]);
  });

  test("is held by everything else all the same", async () => {
    const tasks = [task("a", "mark-ready", nine), task("b", "mark-not-ready", ten)];
    const purpose = await answering(SHUT, json(200, tasks));
    purpose.annotate({ [OPEN_GATE]: "pod-1" });
    const adopted = await answering(SHUT, json(200, full));
    adopted.annotate({ [OPEN_GATE]: "pod-1" });
    adopted.raw.status = { ...adopted.raw.status, adoptedWorkflow: { name: "restore" } };
    const paused = await answering(SHUT, json(200, full));
    paused.annotate({ [OPEN_GATE]: "pod-1" });
    paused.edit({ paused: true });
    for (const stage of [purpose, adopted, paused]) {
      await polls(stage, 3);
      expect(stage.submits).toEqual([]);
    }
    expect(purpose.condition("HeldByWorkflow")).toBe("True/GateShutOnPurpose");
    expect(adopted.condition("HeldByWorkflow")).toBe("True/AdoptedWorkflow");
  });
});
