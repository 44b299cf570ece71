/** The tasks of a plan and their params. */
import { describe, expect, test } from "bun:test";
import { imageUpdateTasks, markReadyTasks, type NodeStatus, planType } from "../../../src/model/index.ts";
import { initTasks } from "../../../src/seinode/plans/init-recipes.ts";
import { initPlanFor } from "../../../src/seinode/plans/recipes.ts";
import { fullNode } from "../nodes.ts";

const mine = { nodeName: "rpc-1", namespace: "chain" };

function overrides(more: object, status: NodeStatus = {}): unknown {
  const { node, spec } = fullNode(more, status);
  return initTasks(node, spec).find((task) => task.type === "config-apply")?.params["overrides"];
}

describe("init", () => {
  test("of a plain full node ends in Running and leaves no image to roll out", () => {
    const { node, spec } = fullNode();
    const drift = initPlanFor(node, spec);
    expect(drift).toMatchObject({ targetPhase: "Running", failedPhase: "Failed" });
    expect(drift.tasks).toEqual([
      { type: "ensure-data-pvc", params: mine },
      { type: "apply-statefulset", params: mine },
      { type: "apply-service", params: mine },
      { type: "configure-genesis", params: {} },
      { type: "config-apply", params: { mode: "full", overrides: {} } },
      { type: "config-validate", params: {} },
      { type: "observe-image", params: mine },
      { type: "mark-ready", params: {} },
    ]);
  });

  test("finds peers where the spec names sources, and uploads snapshots where it publishes", () => {
    const { node, spec } = fullNode(
      {
        peers: [
          { ec2Tags: { region: "eu-west-1", tags: { a: "b" } } },
          { static: { addresses: ["n@h:1"] } },
          { label: { selector: { a: "b" } } },
        ],
        fullNode: { snapshotGeneration: { tendermint: { keepRecent: 3, publish: {} } } },
      },
      { resolvedPeers: ["x-0.x.chain.svc.cluster.local"] },
    );
    const tasks = initTasks(node, spec);
    expect(tasks.map((task) => task.type).slice(4)).toEqual([
      "config-apply",
      "discover-peers",
      "config-validate",
      "snapshot-upload",
      "observe-image",
      "mark-ready",
    ]);
    expect(tasks[5]?.params).toEqual({
      sources: [
        { type: "ec2Tags", region: "eu-west-1", tags: { a: "b" } },
        { type: "static", addresses: ["n@h:1"] },
        { type: "dnsEndpoints", endpoints: ["x-0.x.chain.svc.cluster.local"] },
      ],
    });
  });

  const generation = { fullNode: { snapshotGeneration: { tendermint: { keepRecent: 3 } } } };
  const address = "network.p2p.external_address";
  test.each([
    ["an address in status is taken over", {}, { externalAddress: "old:1" }, { [address]: "old:1" }],
    [
      "the spec's address wins over it",
      { externalAddress: "new:1" },
      { externalAddress: "old:1" },
      { [address]: "new:1" },
    ],
    [
      "the spec's overrides win over all",
      { externalAddress: "new:1", overrides: { [address]: "mine:1" } },
      {},
      { [address]: "mine:1" },
    ],
  ])("%s", (_title, more, status, want) => {
    expect(overrides(more, status)).toEqual(want);
  });

  test("of a node that makes snapshots keeps what its peers will ask for", () => {
    const made = overrides({ ...generation, overrides: { "storage.snapshot_interval": "500" } });
    expect(made).toMatchObject({
      "storage.snapshot_interval": "500",
      "storage.snapshot_keep_recent": "3",
      "chain.min_retain_blocks": "50000",
      "network.p2p.send_rate": "20971520",
    });
  });

  test("on an imported volume has the same steps: the first one reads instead of creating", () => {
    const [own, imported] = [{}, { dataVolume: { import: { pvcName: "old" } } }].map((more) => {
      const { node, spec } = fullNode(more);
      return initPlanFor(node, spec);
    });
    expect(imported).toEqual(own);
  });
});

test("an image is applied, seen through, and its new gate opened", () => {
  const { node } = fullNode();
  expect(imageUpdateTasks(node).map((task) => task.type)).toEqual([
    "apply-statefulset",
    "apply-service",
    "observe-image",
    "mark-ready",
  ]);
});

test("plans are named as the reference names them", () => {
  const { node, spec } = fullNode();
  expect(planType({ tasks: initTasks(node, spec) })).toBe("init");
  expect(planType({ tasks: imageUpdateTasks(node) })).toBe("node-update");
  expect(planType({ tasks: markReadyTasks() })).toBe("mark-ready-reapply");
  expect(planType({ tasks: [{ type: "config-patch" }] })).toBe("unknown");
});
