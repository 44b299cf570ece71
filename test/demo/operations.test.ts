/** What docs/operations.md tells people to do works: the whole controller on the simulated cluster, in virtual time. */
import { expect, test } from "bun:test";
import { createStage } from "../../src/demo/stage.ts";
import { isAtRest } from "../../src/demo/step.ts";
import { registry } from "../../src/controller/index.ts";
import { conditionOf } from "../../src/model/index.ts";
import { readPlatform } from "../../src/seinode/platform/index.ts";
import { createInstruments, createLogger } from "../../src/telemetry/index.ts";
import { virtualTime } from "../sim/virtual-time.ts";

function cluster() {
  const time = virtualTime();
  const list = registry([], null);
  const platform = readPlatform({});
  if (!list.ok || !platform.ok) throw new Error("refused");
  const stage = createStage({
    ...time,
    detectors: list.detectors,
    platform: platform.platform,
    instruments: createInstruments(),
    log: createLogger({ level: "error", format: "json", sink: () => undefined, clock: time.clock }),
    stopping: new AbortController().signal,
  });
  stage.startController();
  const status = () => stage.sight.node("a")?.status;
  return {
    stage,
    time,
    create: () => time.until(stage.control.createNode({ namespace: "sei", name: "a", image: "seid:v1" })),
    patch: (fields: Parameters<typeof stage.control.patchStatus>[2]) =>
      time.until(stage.control.patchStatus("sei", "a", fields)),
    reason: (type: string) => conditionOf(status()?.conditions, type)?.reason,
    history: () => (status()?.history ?? []).map(({ reason, outcome }) => `${reason} ${outcome}`),
  };
}

test("InitFailed: with the cause removed, the annotation makes a fresh plan that brings the node up", async () => {
  const { stage, time, create, reason, history } = cluster();
  stage.control.failNextTask("config-validate", "no such chain");
  await create();
  await time.run(60_000);
  expect([reason("Stalled"), history()]).toEqual(["InitFailed", ["NewNode Failed"]]);
  await time.until(stage.control.annotate("sei", "a", { "tidekeeper.sei.io/reinitialize": "again" }));
  await time.run(60_000);
  expect([isAtRest(stage, "a"), reason("Stalled"), history()]).toEqual([
    true,
    "NotStalled",
    ["NewNode Failed", "NewNode Complete"],
  ]);
});

test("HeldByWorkflow: a shut gate stays shut while the workflow owns the node, and is opened when it lets go", async () => {
  const { stage, time, create, patch, reason, history } = cluster();
  await create();
  await time.run(30_000);
  await patch({ adoptedWorkflow: { name: "restore" } });
  stage.control.restartSidecar("sei", "a");
  await time.run(120_000);
  expect([reason("HeldByWorkflow"), reason("SidecarReady"), history()]).toEqual([
    "AdoptedWorkflow",
    "NotReady",
    ["NewNode Complete"],
  ]);
  await patch({ adoptedWorkflow: null });
  await time.run(30_000);
  expect([isAtRest(stage, "a"), reason("HeldByWorkflow"), history()]).toEqual([
    true,
    "NotHeld",
    ["NewNode Complete", "SidecarNotReady Complete"],
  ]);
});
