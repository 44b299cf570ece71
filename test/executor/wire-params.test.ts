/** Params of tasks: as plans store them, and as a sidecar takes them. */
import { describe, expect, test } from "bun:test";
import { tasks } from "../../src/executor/tasks/index.ts";
import type { Task } from "../../src/executor/task.ts";
import { wireParams } from "../../src/executor/wire-params.ts";
import { initPlanFor } from "../../src/seinode/plans/index.ts";
import { initModes } from "../seinode/init-modes.ts";
import { fullNode } from "../seinode/nodes.ts";

function declared(type: string): Task {
  const found = tasks.find((task) => task.type === type);
  if (found === undefined) throw new Error(`${type}: got no task of this type`);
  return found;
}

describe("params on the wire", () => {
  test.each([
    ["mark-ready", {}, null],
    ["configure-genesis", { ExpectedGenesisHash: "" }, null],
    ["config-apply", { mode: "full", overrides: {} }, { incremental: false, targetVersion: 0, mode: "full" }],
    [
      "config-apply",
      { mode: "full", overrides: { a: "b" } },
      { incremental: false, targetVersion: 0, mode: "full", overrides: { a: "b" } },
    ],
    ["snapshot-restore", { TargetHeight: 5 }, { targetHeight: 5 }],
    ["snapshot-restore", { targetHeight: 0 }, null],
    [
      "configure-state-sync",
      { UseLocalSnapshot: true, TrustPeriod: "", BackfillBlocks: 0, RpcServers: ["a:1"] },
      { useLocalSnapshot: true, rpcServers: ["a:1"] },
    ],
    ["generate-identity", { ChainID: "c", Moniker: "m" }, { chainId: "c", moniker: "m" }],
    ["upload-genesis-artifacts", { NodeName: "n" }, { nodeName: "n" }],
    ["discover-peers", { sources: [{ type: "static" }] }, { sources: [{ type: "static" }] }],
  ])("of %s are read from both spellings, without zero values: %j", (type, persisted, want) => {
    expect(wireParams(declared(type), persisted)).toEqual({ ok: true, params: want });
  });

  test.each([
    ["config-apply", {}, "task config-apply: params.mode: is required"],
    ["config-apply", { mode: 7 }, "task config-apply: params.mode: got another kind of value, want text"],
    [
      "snapshot-restore",
      { targetHeight: -1 },
      "task snapshot-restore: params.targetHeight: got another kind of value, want integer",
    ],
  ])("of %s that cannot be meant are refused: %j", (type, persisted, message) => {
    expect(wireParams(declared(type), persisted)).toEqual({ ok: false, message });
  });
});

test.each([...initModes])("%s has steps that can be run, whose params are those that are declared", (_title, mode) => {
  const { node, spec } = fullNode({ fullNode: undefined, ...mode });
  for (const { type, params } of initPlanFor(node, spec).tasks) {
    const task = declared(type);
    expect(wireParams(task, params).ok).toBe(true);
    expect(Object.keys(task.params)).toEqual(expect.arrayContaining(Object.keys(params)));
  }
});
