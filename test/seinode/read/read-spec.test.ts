/** Reading a spec: all of it, its defaults, and what is refused. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readSpec } from "../../../src/seinode/read/read-spec.ts";
import { seiNode } from "../nodes.ts";

const minimal = { chainId: "pacific-1", image: "ghcr.io/sei/seid:v6", fullNode: {} };
const digest = `sha256:${"a".repeat(64)}`;

function refusal(spec: object, name = "rpc-1"): string | null {
  const reading = readSpec(seiNode(spec, { name }));
  return reading.ok ? null : `${reading.reason} ${reading.message}`;
}

describe("a spec is read whole", () => {
  test("with defaults where nothing was given", () => {
    expect(readSpec(seiNode(minimal))).toEqual({
      ok: true,
      spec: {
        chainId: "pacific-1",
        image: "ghcr.io/sei/seid:v6",
        peers: [],
        overrides: {},
        sidecar: { image: null, port: 7777, resources: null },
        podLabels: {},
        entrypoint: null,
        importedClaim: null,
        externalAddress: null,
        paused: false,
        mode: { kind: "fullNode", snapshot: null, snapshotGeneration: null },
      },
    });
  });

  test.each([
    ["null stands for nothing", { sidecar: null, peers: null, archive: null, paused: null }],
    ["port 0 is the default", { sidecar: { port: 0 } }],
    ["unknown fields are left alone", { later: { thing: 1 } }],
    ["an image by digest", { image: `localhost:5000/sei@${digest}` }],
    ["an image by tag and digest", { image: `seid:v1@${digest}` }],
    ["label peers", { peers: [{ label: { selector: { "sei.io/chain": "x" } } }] }],
    ["static peers", { peers: [{ static: { addresses: ["abc@10.0.0.1:26656"] } }] }],
    ["an empty argument", { entrypoint: { command: ["seid"], args: [""] } }],
    ["an imported claim", { dataVolume: { import: { pvcName: "old-data" } } }],
    ["a snapshot in S3", { fullNode: { snapshot: { s3: { targetHeight: 5 }, bootstrapImage: "sei:1" } } }],
    ["a snapshot by state sync", { fullNode: { snapshot: { stateSync: {} } } }],
    ["published snapshots", { fullNode: { snapshotGeneration: { tendermint: { keepRecent: 2, publish: {} } } } }],
  ])("%s", (_title, more) => {
    expect(refusal({ ...minimal, ...more })).toBeNull();
  });
});

const exactlyOne = "InvalidSpec spec: exactly one of fullNode, archive, validator, replayer, seed is required, got";
const integer = "InvalidSpec spec.sidecar.port: must be an integer between 1 and 65535, got";
test.each([
  ["no mode", { chainId: "a", image: "b" }, `${exactlyOne} none`],
  ["two modes", { ...minimal, archive: {} }, `${exactlyOne} fullNode, archive`],
  ["a mode that is no object", { ...minimal, fullNode: 1 }, "InvalidSpec spec.fullNode: must be an object, got 1"],
  ["no chain", { image: "b", fullNode: {} }, "InvalidSpec spec.chainId: must be"],
  ["a chain that is an option", { ...minimal, chainId: "--home" }, "InvalidSpec spec.chainId: must be"],
  ["no image", { chainId: "a", fullNode: {} }, 'InvalidSpec spec.image: "" is not a valid image reference'],
  ["an empty image", { ...minimal, image: "" }, 'InvalidSpec spec.image: "" is not a valid image reference'],
  [
    "an image with spaces",
    { ...minimal, image: "a b" },
    'InvalidSpec spec.image: "a b" is not a valid image reference',
  ],
  ["a bare tag", { ...minimal, image: "latest" }, 'InvalidSpec spec.image: "latest" is not a valid image reference'],
  ["a digest too short", { ...minimal, image: "sei@sha256:abc" }, 'InvalidSpec spec.image: "sei@sha256:abc" is not'],
  [
    "an endless image",
    { ...minimal, image: "a".repeat(5000) },
    `InvalidSpec spec.image: "${"a".repeat(64)}" is not a valid`,
  ],
  ["a port too high", { ...minimal, sidecar: { port: 70000 } }, `${integer} 70000`],
  ["a port as text", { ...minimal, sidecar: { port: "80" } }, `${integer} "80"`],
  ["a port with a fraction", { ...minimal, sidecar: { port: 1.5 } }, `${integer} 1.5`],
  ["yes for true", { ...minimal, paused: "yes" }, 'InvalidSpec spec.paused: must be true or false, got "yes"'],
  [
    "a label value with spaces",
    { ...minimal, podLabels: { a: "b c" } },
    'InvalidSpec spec.podLabels["a"]: must be a label value',
  ],
  [
    "a label key with spaces",
    { ...minimal, podLabels: { "a b": "c" } },
    'InvalidSpec spec.podLabels: must be label keys, got "a b"',
  ],
  [
    "an override that is no text",
    { ...minimal, overrides: { a: 1 } },
    'InvalidSpec spec.overrides["a"]: must be a text, got 1',
  ],
  [
    "a peer without source",
    { ...minimal, peers: [{}] },
    "InvalidSpec spec.peers[0]: exactly one of ec2Tags, static, label",
  ],
  ["a peer with two", { ...minimal, peers: [{ static: {}, label: {} }] }, "InvalidSpec spec.peers[0]: exactly one of"],
  [
    "a peer without port",
    { ...minimal, peers: [{ static: { addresses: ["a@b"] } }] },
    "InvalidSpec spec.peers[0].static.addresses[0]: must be nodeId@host:port",
  ],
  [
    "an entrypoint without command",
    { ...minimal, entrypoint: {} },
    "InvalidSpec spec.entrypoint.command: must be a list of 1 to 16",
  ],
  [
    "a snapshot from nowhere",
    { ...minimal, fullNode: { snapshot: {} } },
    "InvalidSpec spec.fullNode.snapshot: exactly one of s3, stateSync is required, got none",
  ],
  [
    "a height that a double rounds",
    { ...minimal, fullNode: { snapshot: { s3: { targetHeight: 2 ** 53 } } } },
    "InvalidSpec spec.fullNode.snapshot.s3.targetHeight: must be an integer between 1 and 9007199254740991, got 9007199254740992",
  ],
  [
    "a bootstrap without height",
    { ...minimal, fullNode: { snapshot: { stateSync: {}, bootstrapImage: "a" } } },
    "InvalidSpec spec.fullNode.snapshot.bootstrapImage: needs s3.targetHeight",
  ],
  [
    "generation without tendermint",
    { ...minimal, fullNode: { snapshotGeneration: {} } },
    "InvalidSpec spec.fullNode.snapshotGeneration.tendermint: must be an object",
  ],
  [
    "publishing one snapshot",
    { ...minimal, fullNode: { snapshotGeneration: { tendermint: { keepRecent: 1, publish: {} } } } },
    "InvalidSpec spec.fullNode.snapshotGeneration.tendermint.keepRecent: must be at least 2",
  ],
  [
    "a replayer without snapshot",
    { chainId: "a", image: "b", replayer: {} },
    "InvalidSpec spec.replayer.snapshot.s3: is required",
  ],
  [
    "a replayer without peers",
    { chainId: "a", image: "b", replayer: { snapshot: { s3: { targetHeight: 1 } } } },
    "InvalidSpec spec.peers: at least one",
  ],
  [
    "a ceremony without stake",
    { chainId: "a", image: "b", validator: { genesisCeremony: { chainId: "a" } } },
    "InvalidSpec spec.validator.genesisCeremony.stakingAmount: must be",
  ],
  ["seed mode", { chainId: "a", image: "b", seed: {} }, "UnsupportedSpec spec.seed: is not supported"],
  [
    "a signing key",
    { chainId: "a", image: "b", validator: { signingKey: {} } },
    "UnsupportedSpec spec.validator.signingKey: is not supported",
  ],
  [
    "a keyring",
    { chainId: "a", image: "b", validator: { operatorKeyring: {} } },
    "UnsupportedSpec spec.validator.operatorKeyring: is not supported",
  ],
])("%s is refused", (_title, spec, want) => {
  expect(refusal(spec)).toStartWith(want);
});

test("a name is limited by what the StatefulSet adds to it", () => {
  expect(refusal(minimal, "n".repeat(52))).toBeNull();
  expect(refusal(minimal, "n".repeat(61))).toBe(
    "InvalidSpec metadata.name: 61 characters; SeiNode names are limited to 52 because the StatefulSet adds a revision suffix",
  );
  expect(refusal(minimal, "rpc.one")).toStartWith('InvalidSpec metadata.name: "rpc.one" must be');
});

test("at most three problems are told, in one short line", () => {
  const labels = Object.fromEntries(Array.from({ length: 50 }, (_none, index) => [`key-${index}`, "\u001b \n"]));
  const message = refusal({ ...minimal, podLabels: labels }) ?? "";
  expect(message).toEndWith("and 47 more");
  expect(message).not.toMatch(/[^\x20-\x7e]/);
});

test("keys that reach a prototype stay out of the maps", () => {
  const spec = JSON.parse(
    JSON.stringify(minimal).replace("{", '{"overrides":{"__proto__":"x","constructor":"y","a":"b"},'),
  );
  const reading = readSpec(seiNode(spec));
  expect(reading.ok && Object.keys(reading.spec.overrides)).toEqual(["a"]);
});

test("no JSON makes it throw, and what is refused says why in one line", () => {
  const names = ["__proto__", "constructor", "image", "chainId", "fullNode", "replayer", "validator", "snapshot", "s3"];
  const key = fc.oneof(fc.constantFrom(...names, "sidecar", "port", "peers", "podLabels", "entrypoint"), fc.string());
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, fc.jsonValue(), fc.dictionary(key, tie("value"))),
  })).value;
  fc.assert(
    fc.property(fc.dictionary(key, tree), (spec) => {
      const raw = JSON.parse(JSON.stringify(spec));
      const bad = readSpec(seiNode(raw));
      if (!bad.ok) expect(bad.message).toMatch(/^[\x20-\x7e]{1,1024}$/);
      readSpec(seiNode({ ...minimal, ...raw }));
      expect("polluted" in {}).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test("a spec too deep to walk is refused before it is walked", () => {
  let deep: object = {};
  for (let level = 0; level < 100_000; level += 1) deep = { deep };
  expect(refusal({ ...minimal, deep })).toBe("InvalidSpec spec: nested deeper than 64 levels");
});
