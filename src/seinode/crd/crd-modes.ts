/** Schema of the modes of a node, of which a spec has exactly one. */
import { about, exactlyOne, int, list, object, text, withRules } from "./crd-schema.ts";
import { distinctSecrets, nodeKey, operatorKeyring, pairedKeys, signingKey } from "./crd-keys.ts";

/** A node that follows the chain. */
export function fullNode() {
  const fields = object({ snapshot: snapshot(), snapshotGeneration: snapshotGeneration() });
  return about("A node that follows the chain.", fields);
}

/** A node that keeps every block. */
export function archive() {
  return about("A node that keeps every block.", object({ snapshotGeneration: snapshotGeneration() }));
}

/** A node that executes the blocks after a snapshot again. */
export function replayer() {
  const canonicalRpc = about("RPC endpoint whose results are the right ones.", text({ minLength: 1 }));
  const shadowResult = about("Compares with another node.", object({ canonicalRpc }, ["canonicalRpc"]));
  const resultExport = about("What becomes of the results.", object({ shadowResult }));
  const fields = object({ snapshot: snapshot(), resultExport }, ["snapshot"]);
  return about("A node that executes the blocks after a snapshot again.", fields);
}

/** A node that takes part in consensus. */
export function validator() {
  const fields = object({
    snapshot: snapshot(),
    genesisCeremony: ceremony(),
    signingKey: signingKey(),
    nodeKey: nodeKey(),
    operatorKeyring: operatorKeyring(),
  });
  return about(
    "A node that takes part in consensus. Not supported with keys: told by a condition.",
    withRules(fields, [pairedKeys(), ...distinctSecrets()]),
  );
}

/** A node that only tells peers of each other. */
export function seed() {
  const fields = object({ nodeKey: nodeKey() }, ["nodeKey"]);
  return about("A node that only tells peers of each other. Not supported: told by a condition.", fields);
}

function snapshot() {
  const targetHeight = about("Height to start from.", int("int64", { minimum: 1 }));
  const servers = { minItems: 2, "x-kubernetes-list-type": "set" };
  const server = text({ pattern: "^[^\\s:/,]+:[0-9]{1,5}$" });
  const schema = object({
    s3: about("A snapshot in the bucket of the platform.", object({ targetHeight }, ["targetHeight"])),
    stateSync: about("From peers.", object({})),
    trustPeriod: about("How long validators of the snapshot are trusted, such as 9999h0m0s.", text()),
    rpcServers: about("Witnesses, host:port. Not supported: told by a condition.", list(server, servers)),
    backfillBlocks: about("Blocks to fetch from before the snapshot.", int("int64")),
    bootstrapImage: about("Image of a Job that catches up to s3.targetHeight first.", text()),
  });
  return about("Where the first state comes from; genesis unless given.", withRules(schema, [exactlyOne(SOURCES)]));
}

function snapshotGeneration() {
  const keepRecent = about("Snapshots to keep; at least 2 where they are published.", int("int32", { minimum: 1 }));
  const publish = about("Uploads snapshots when present.", object({}));
  const tendermint = about("State-sync snapshots.", object({ keepRecent, publish }, ["keepRecent"]));
  return about("Snapshots that the node makes.", object({ tendermint }));
}

function ceremony() {
  const fields = object(
    {
      chainId: about("Chain that is born.", text({ minLength: 1 })),
      stakingAmount: about("What the validator delegates to itself.", text({ minLength: 1 })),
      accountBalance: about("What its account starts with.", text({ minLength: 1 })),
      index: about("Which of the validators it is, from 0.", int("int32", { minimum: 0 })),
      genesisParams: about("Parameters of the genesis, as JSON.", text()),
    },
    ["chainId", "stakingAmount", "accountBalance", "index"],
  );
  return about("Makes the validator one of those that a chain is born with.", fields);
}

const SOURCES = ["s3", "stateSync"];
