/** What docs/operations.md tells people to do works: the whole controller on the simulated cluster, in virtual time. */
import { expect, test } from "bun:test";
import { createSetup } from "../../src/demo/setup.ts";
import { isIdle } from "../../src/demo/script-step.ts";
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
  const setup = createSetup({
    ...time,
    detectors: list.detectors,
    platform: platform.platform,
    instruments: createInstruments(),
    log: createLogger({ level: "error", format: "json", sink: () => undefined, clock: time.clock }),
    stopping: new AbortController().signal,
  });
  setup.startController();
  const status = () => setup.view.node("a")?.status;
  return {
    setup,
    time,
    create: () => time.until(setup.control.createNode({ namespace: "sei", name: "a", image: "seid:v1" })),
    patch: (fields: Parameters<typeof setup.control.patchStatus>[2]) =>
      time.until(setup.control.patchStatus("sei", "a", fields)),
    reason: (type: string) => conditionOf(status()?.conditions, type)?.reason,
    history: () => (status()?.history ?? []).map(({ reason, outcome }) => `${reason} ${outcome}`),
  };
}

test("InitFailed: with the cause removed, the annotation makes a fresh plan that brings the node up", async () => {
  const { setup, time, create, reason, history } = cluster();
  setup.control.failNextTask("config-validate", "no such chain");
  await create();
  await time.run(60_000);
  expect([reason("Stalled"), history()]).toEqual(["InitFailed", ["NewNode Failed"]]);
  await time.until(setup.control.annotate("sei", "a", { "tidekeeper.sei.io/reinitialize": "again" }));
  await time.run(60_000);
  expect([isIdle(setup, "a"), reason("Stalled"), history()]).toEqual([
    true,
    "NotStalled",
    ["NewNode Failed", "NewNode Complete"],
  ]);
});

test("HeldByWorkflow: a shut gate stays shut while the workflow owns the node, and is opened when it lets go", async () => {
  const { setup, time, create, patch, reason, history } = cluster();
  await create();
  await time.run(30_000);
  await patch({ adoptedWorkflow: { name: "restore" } });
  setup.control.restartSidecar("sei", "a");
  await time.run(120_000);
  expect([reason("HeldByWorkflow"), reason("SidecarReady"), history()]).toEqual([
    "AdoptedWorkflow",
    "NotReady",
    ["NewNode Complete"],
  ]);
  await patch({ adoptedWorkflow: null });
  await time.run(30_000);
  expect([isIdle(setup, "a"), reason("HeldByWorkflow"), history()]).toEqual([
    true,
    "NotHeld",
    ["NewNode Complete", "SidecarNotReady Complete"],
  ]);
});
