/** Digests of the fields that only init applies, and which of them differ. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../src/base/index.ts";
import { initFields } from "../../../src/seinode/spec/init-fields.ts";
import { readSpec } from "../../../src/seinode/read/index.ts";
import type { SeiNodeSpec } from "../../../src/seinode/spec/spec.ts";

function specOf(spec: JsonObject): SeiNodeSpec {
  const metadata = { namespace: "a", name: "n1", uid: "u", resourceVersion: "1", generation: 1 };
  const reading = readSpec({ metadata, spec: { chainId: "sei-test", image: "sei:1", ...spec } });
  if (!reading.ok) throw new Error(reading.message);
  return reading.spec;
}

const plain = { fullNode: {} };
const s3 = { snapshot: { s3: { targetHeight: 9 } } };
const ceremony = { chainId: "c", stakingAmount: "1", accountBalance: "2", index: 0 };
const peer = { static: { addresses: ["abc@10.0.0.1:26656"] } };
const many = {
  fullNode: { ...s3, snapshotGeneration: { tendermint: { keepRecent: 2 } } },
  peers: [peer],
  overrides: { a: "1" },
  externalAddress: "a:1",
};

function changedBetween(before: JsonObject, after: JsonObject): readonly string[] {
  return initFields(specOf(after), initFields(specOf(before)).digest).changed;
}

describe("an edit of", () => {
  test.each<[string, JsonObject, JsonObject, readonly string[]]>([
    ["nothing", plain, plain, []],
    ["the image", plain, { ...plain, image: "sei:2" }, []],
    ["the sidecar", plain, { ...plain, sidecar: { image: "x:1", port: 7778 } }, []],
    ["labels and command", plain, { ...plain, podLabels: { a: "b" }, entrypoint: { command: ["x"] } }, []],
    ["the pause", plain, { ...plain, paused: true }, []],
    ["the chain", plain, { ...plain, chainId: "other" }, ["spec.chainId"]],
    ["peers", plain, { ...plain, peers: [peer] }, ["spec.peers"]],
    ["peers, to an empty list", plain, { ...plain, peers: [] }, []],
    ["overrides", plain, { ...plain, overrides: { a: "1" } }, ["spec.overrides"]],
    [
      "overrides, to others",
      { ...plain, overrides: { a: "1" } },
      { ...plain, overrides: { a: "2" } },
      ["spec.overrides"],
    ],
    [
      "the order of overrides",
      { ...plain, overrides: { a: "1", b: "2" } },
      { ...plain, overrides: { b: "2", a: "1" } },
      [],
    ],
    ["the address", plain, { ...plain, externalAddress: "h:1" }, ["spec.externalAddress"]],
    ["the snapshot", plain, { fullNode: s3 }, ["spec.fullNode.snapshot"]],
    [
      "its height",
      { fullNode: s3 },
      { fullNode: { snapshot: { s3: { targetHeight: 10 } } } },
      ["spec.fullNode.snapshot"],
    ],
    [
      "the snapshots that it makes",
      plain,
      { fullNode: { snapshotGeneration: { tendermint: { keepRecent: 5 } } } },
      ["spec.fullNode.snapshotGeneration"],
    ],
    ["the mode", plain, { archive: {} }, ["spec.archive"]],
    [
      "the genesis ceremony",
      { validator: {} },
      { validator: { genesisCeremony: ceremony } },
      ["spec.validator.genesisCeremony"],
    ],
    [
      "all of it at once",
      many,
      plain,
      [
        "spec.peers",
        "spec.overrides",
        "spec.externalAddress",
        "spec.fullNode.snapshot",
        "spec.fullNode.snapshotGeneration",
      ],
    ],
  ])("%s", (_title, before, after, want) => {
    expect(changedBetween(before, after)).toEqual([...want]);
    expect(changedBetween(after, before).length).toBe(want.length);
  });
});

test("the digest is one short word, shorter where less is given, and stays what it is from version to version", () => {
  expect(initFields(specOf(plain)).digest).toMatch(/^[\w-]{4}\.[\w-]{4}$/);
  expect(initFields(specOf(many)).digest).toMatch(/^([\w-]{4}\.){6}[\w-]{4}$/);
  expect([initFields(specOf(plain)).digest, initFields(specOf(many)).digest]).toEqual(DIGESTS);
});

const DIGESTS = ["M6zR.L5Wt", "M6zR.L5Wt.lmbX.mv6w.joHP.MyU2.oFF4"];
