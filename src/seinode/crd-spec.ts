/** Schema of `spec`: the reference's fields. What only later versions know is kept, never pruned. */
import type { JsonObject } from "../core/json.ts";
import { int, list, object, opaque, rule, text, texts, withRules } from "./crd-schema.ts";

/** Schema of `spec`. */
export function specSchema(): JsonObject {
  const schema = object(
    {
      chainId: text({ minLength: 1, maxLength: 63 }),
      image: text({ minLength: 1, maxLength: 512 }),
      peers: list(peerSchema(), { maxItems: 1000 }),
      overrides: texts(),
      sidecar: object({
        image: text({ maxLength: 512 }),
        port: int("int32", { default: 7777, minimum: 0, maximum: 65535 }),
        resources: opaque(),
      }),
      podLabels: texts(),
      entrypoint: object(
        { command: list(text(), { minItems: 1, maxItems: 16 }), args: list(text(), { maxItems: 64 }) },
        ["command"],
      ),
      dataVolume: dataVolumeSchema(),
      externalAddress: text({ maxLength: 512 }),
      paused: { type: "boolean", default: false },
      fullNode: object({ snapshot: snapshotSchema(), snapshotGeneration: snapshotGenerationSchema() }),
      archive: object({ snapshotGeneration: snapshotGenerationSchema() }),
      replayer: object(
        {
          snapshot: snapshotSchema(),
          resultExport: object({
            shadowResult: object({ canonicalRpc: text({ minLength: 1 }) }, ["canonicalRpc"]),
          }),
        },
        ["snapshot"],
      ),
      validator: {
        ...object({ snapshot: snapshotSchema(), genesisCeremony: ceremonySchema() }),
        // Keys of the later reference: refused by a condition, so they must still stand there to be seen.
        "x-kubernetes-preserve-unknown-fields": true,
      },
      // A mode of the later reference: the same.
      seed: opaque(),
    },
    ["chainId", "image"],
  );
  return withRules(schema, [
    rule(
      "[has(self.fullNode), has(self.archive), has(self.validator), has(self.replayer), has(self.seed)].exists_one(x, x)",
      "exactly one of fullNode, archive, validator, replayer is required",
    ),
    rule(
      "!has(self.replayer) || (has(self.peers) && size(self.peers) > 0)",
      "peers: at least one is required in replayer mode",
    ),
  ]);
}

function peerSchema(): JsonObject {
  const schema = object({
    ec2Tags: object({ region: text({ minLength: 1 }), tags: texts({ minProperties: 1 }) }, ["region", "tags"]),
    static: object({ addresses: list(text(), { minItems: 1 }) }, ["addresses"]),
    label: object({ selector: texts({ minProperties: 1 }), namespace: text() }, ["selector"]),
  });
  return withRules(schema, [
    rule(
      "[has(self.ec2Tags), has(self.static), has(self.label)].exists_one(x, x)",
      "exactly one of ec2Tags, static, label is required",
    ),
  ]);
}

function dataVolumeSchema(): JsonObject {
  const name = text({ minLength: 1, maxLength: 253, pattern: "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$" });
  const pvcName = withRules(name, [rule("self == oldSelf", "pvcName is immutable")]);
  const schema = object({ import: object({ pvcName }, ["pvcName"]) });
  return withRules(schema, [rule("!has(oldSelf.import) || has(self.import)", "import cannot be removed once set")]);
}

function snapshotSchema(): JsonObject {
  const schema = object({
    s3: object({ targetHeight: int("int64", { minimum: 1 }) }, ["targetHeight"]),
    stateSync: object({}),
    trustPeriod: text({ maxLength: 64 }),
    backfillBlocks: int("int64", { minimum: 0 }),
    bootstrapImage: text({ maxLength: 512 }),
    // Of the later reference: kept, and refused by a condition.
    rpcServers: list(text()),
  });
  return withRules(schema, [rule("has(self.s3) != has(self.stateSync)", "exactly one of s3, stateSync is required")]);
}

function snapshotGenerationSchema(): JsonObject {
  return object({
    tendermint: object({ keepRecent: int("int32", { minimum: 1 }), publish: object({}) }, ["keepRecent"]),
  });
}

function ceremonySchema(): JsonObject {
  return object(
    {
      chainId: text({ minLength: 1 }),
      stakingAmount: text({ minLength: 1 }),
      accountBalance: text({ minLength: 1 }),
      index: int("int32", { minimum: 0 }),
      genesisParams: text(),
    },
    ["chainId", "stakingAmount", "accountBalance", "index"],
  );
}
