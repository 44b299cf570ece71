/** The plans of init for every mode. */
import { describe, expect, test } from "bun:test";
import { bootstrapOf, peerSources } from "../../../src/seinode/spec/index.ts";
import { initTasks } from "../../../src/seinode/plans/init-recipes.ts";
import { initPlanFor } from "../../../src/seinode/plans/recipes.ts";
import { peersAmong } from "../../fixtures/peers.ts";
import { initModes } from "../init-modes.ts";
import { fullNode, seiNode } from "../nodes.ts";

const s3 = { s3: { targetHeight: 500 } };
const withJob = { ...s3, bootstrapImage: "sei:0" };
const stateSync = { stateSync: {}, trustPeriod: "9999h0m0s", backfillBlocks: 7 };
const someone = { static: { addresses: ["n@h:1"] } };
const ceremony = { chainId: "born-1", stakingAmount: "1usei", accountBalance: "2usei", index: 3 };

describe("init of", () => {
  test.each([...initModes])("%s goes from Initializing to Running, step by step", (_title, mode, want) => {
    const { node, spec } = fullNode({ fullNode: undefined, ...mode });
    expect(
      initTasks(node, spec)
        .map((task) => task.type)
        .join(" "),
    ).toBe(want);
    expect(initPlanFor(node, spec)).toMatchObject({ targetPhase: "Running", failedPhase: "Failed" });
  });
});

describe("params are persisted", () => {
  function paramsOf(mode: object, type: string): unknown {
    const { node, spec } = fullNode({ fullNode: undefined, ...mode });
    return initTasks(node, spec).find((task) => task.type === type)?.params;
  }
  const born = { validator: { genesisCeremony: ceremony } };
  const withParams = { validator: { genesisCeremony: { ...ceremony, genesisParams: "{}" } } };
  const gentx = { chainId: "born-1", stakingAmount: "1usei", accountBalance: "2usei" };
  const job = { fullNode: { snapshot: withJob } };

  test.each([
    ["snapshot-restore", { fullNode: { snapshot: s3 } }, { targetHeight: 500 }],
    [
      "configure-state-sync",
      { fullNode: { snapshot: s3 } },
      { useLocalSnapshot: true, trustPeriod: "", backfillBlocks: 0 },
    ],
    [
      "configure-state-sync",
      { fullNode: { snapshot: stateSync } },
      { useLocalSnapshot: false, trustPeriod: "9999h0m0s", backfillBlocks: 7 },
    ],
    ["config-apply", { validator: {} }, { mode: "validator", overrides: {} }],
    ["config-apply", { archive: {} }, { mode: "archive", overrides: {} }],
    ["generate-identity", born, { chainId: "born-1", moniker: "rpc-1" }],
    ["generate-gentx", born, gentx],
    ["generate-gentx", withParams, { ...gentx, genesisParams: "{}" }],
    ["upload-genesis-artifacts", born, { nodeName: "rpc-1" }],
    ["set-genesis-peers", born, {}],
    ["deploy-bootstrap-service", job, { serviceName: "rpc-1", namespace: "chain" }],
    ["deploy-bootstrap-job", job, { jobName: "rpc-1-bootstrap", namespace: "chain" }],
    ["await-bootstrap-complete", job, { jobName: "rpc-1-bootstrap", namespace: "chain" }],
    ["teardown-bootstrap", job, { jobName: "rpc-1-bootstrap", serviceName: "rpc-1", namespace: "chain" }],
  ])("as the reference has them: %s of %j", (type, mode, want) => {
    expect(paramsOf(mode, type)).toEqual(want);
  });

  test("of a replayer, with what makes it replay fast", () => {
    const params = paramsOf({ replayer: { snapshot: s3 }, peers: [someone] }, "config-apply");
    expect(params).toMatchObject({ mode: "full", overrides: { "storage.state_commit.async_commit_buffer": "100" } });
  });
});

test("only configure-genesis of a ceremony is tried again", () => {
  const tried = (mode: object): unknown => {
    const { node, spec } = fullNode({ fullNode: undefined, ...mode });
    return initTasks(node, spec).flatMap(({ type, maxRetries }) =>
      maxRetries === undefined ? [] : [[type, maxRetries]],
    );
  };
  expect(tried({ validator: { genesisCeremony: ceremony } })).toEqual([["configure-genesis", 180]]);
  expect(tried({ validator: { snapshot: withJob } })).toEqual([]);
});

test.each([
  ["a Job of its own image", { fullNode: { snapshot: withJob } }, { image: "sei:0", targetHeight: 500 }],
  ["no Job without a bootstrap image", { fullNode: { snapshot: s3 } }, null],
  ["no Job for an archive node", { archive: {} }, null],
  ["no Job for a ceremony", { validator: { genesisCeremony: ceremony, snapshot: withJob } }, null],
])("a snapshot asks for %s", (_title, mode, want) => {
  expect(bootstrapOf(fullNode({ fullNode: undefined, ...mode }).spec)).toEqual(want);
});

describe("peers by label", () => {
  const label = (selector: object, namespace?: string): object => ({
    label: { selector, ...(namespace && { namespace }) },
  });
  const others = [
    ["chain", "rpc-1", { chain: "a" }],
    ["chain", "z", { chain: "a", role: "seed" }],
    ["chain", "b", { chain: "a" }],
    ["other", "b", { chain: "a" }],
    ["chain", "c", { chain: "b" }],
  ] as const;
  const known = others.map(([namespace, name, labels]) => {
    const node = seiNode({}, { name });
    return { ...node, metadata: { ...node.metadata, namespace, labels } };
  });
  const dns = (namespace: string, name: string): string => `${name}-0.${name}.${namespace}.svc.cluster.local`;

  test.each([
    ["are those of its own namespace, without itself", [label({ chain: "a" })], [dns("chain", "b"), dns("chain", "z")]],
    ["match every label", [label({ chain: "a", role: "seed" })], [dns("chain", "z")]],
    ["may be in another namespace", [label({ chain: "a" }, "other")], [dns("other", "b")]],
    [
      "stand there once, sorted, whatever source chose them",
      [label({ role: "seed" }), label({ chain: "a" }, "other"), label({ chain: "a" })],
      [dns("chain", "b"), dns("other", "b"), dns("chain", "z")].toSorted(),
    ],
    ["may be nobody", [label({ chain: "x" })], []],
    ["are not asked for where no source is by label", [someone], null],
  ])("%s", (_title, peers, want) => {
    const { node, spec } = fullNode({ peers });
    expect(peersAmong(() => known)(node, spec.peers)).toEqual(want);
  });

  test("who are nobody yet are no source: the sidecar would fail it for ever", () => {
    const { node, spec } = fullNode({ peers: [label({ chain: "x" }), someone] }, { resolvedPeers: [] });
    expect(peerSources(node, spec.peers)).toEqual([{ type: "static", addresses: ["n@h:1"] }]);
    const alone = fullNode({ peers: [label({ chain: "x" })] }, { resolvedPeers: [] });
    expect(initTasks(alone.node, alone.spec).map((task) => task.type)).not.toContain("discover-peers");
  });
});
