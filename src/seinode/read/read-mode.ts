/** The mode of a node, its snapshot and what belongs to it. */
import {
  child,
  type Field,
  type GenesisCeremony,
  isGiven,
  isGivenObject,
  isImageReference,
  type Mode,
  MODES,
  optionalInteger,
  optionalText,
  refuse,
  requiredInteger,
  requiredText,
  type Snapshot,
  type SnapshotGeneration,
} from "../spec/index.ts";
import type { SpecOnWire } from "../crd/index.ts";

/** The one mode that stands there; null, with a problem noted, when it is not exactly one. */
export function readMode(spec: Field<SpecOnWire>): Mode | null {
  const given = MODES.filter((name) => isGiven(child(spec, name)));
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    const got = given.length === 0 ? "none" : given.join(", ");
    spec.problems.push(`spec: exactly one of ${MODES.join(", ")} is required, got ${got}`);
    return null;
  }
  if (!isGivenObject(child(spec, kind))) return null;
  switch (kind) {
    case "fullNode": {
      const mode = child(spec, kind);
      return { kind, snapshot: readSnapshot(mode), snapshotGeneration: readGeneration(mode) };
    }
    case "archive":
      return { kind, snapshotGeneration: readGeneration(child(spec, kind)) };
    case "validator": {
      const mode = child(spec, kind);
      return { kind, snapshot: readSnapshot(mode), genesisCeremony: readCeremony(mode) };
    }
    case "replayer":
      return readReplayer(spec);
    case "seed":
      // Refused before as not supported; nothing is built for it.
      return null;
  }
}

function readReplayer(spec: Field<SpecOnWire>): Mode | null {
  const mode = child(spec, "replayer");
  const snapshot = readSnapshot(mode);
  if (snapshot?.source.kind !== "s3") {
    mode.problems.push(`${mode.path}.snapshot.s3: is required, since a replayer starts from a snapshot in S3`);
  }
  const peers = child(spec, "peers");
  if (!Array.isArray(peers.value) || peers.value.length === 0) {
    mode.problems.push("spec.peers: at least one is required in replayer mode");
  }
  const result = child(mode, "resultExport");
  const shadow = child(result, "shadowResult");
  if (isGivenObject(result) && !isGiven(shadow)) refuse(shadow, "an object");
  const resultExportRpc = isGivenObject(shadow) ? requiredText(child(shadow, "canonicalRpc")) : null;
  return snapshot === null ? null : { kind: "replayer", snapshot, resultExportRpc };
}

function readSnapshot(mode: Field<ModeOnWire<"fullNode" | "validator" | "replayer">>): Snapshot | null {
  const at = child(mode, "snapshot");
  if (!isGivenObject(at)) return null;
  const s3 = child(at, "s3");
  const stateSync = child(at, "stateSync");
  const given = [s3, stateSync].filter(isGivenObject);
  if (given.length !== 1) {
    at.problems.push(
      `${at.path}: exactly one of s3, stateSync is required, got ${given.length === 0 ? "none" : "both"}`,
    );
    return null;
  }
  const bootstrapImage = readImage(child(at, "bootstrapImage"));
  if (bootstrapImage !== null && !isGiven(s3)) {
    at.problems.push(`${at.path}.bootstrapImage: needs s3.targetHeight, which says where the bootstrap ends`);
  }
  return {
    source: isGiven(s3)
      ? { kind: "s3", targetHeight: requiredInteger(child(s3, "targetHeight"), 1, Number.MAX_SAFE_INTEGER) }
      : { kind: "stateSync" },
    trustPeriod: optionalText(child(at, "trustPeriod"), { max: 64, want: "a duration such as 9999h0m0s" }),
    backfillBlocks: optionalInteger(child(at, "backfillBlocks"), 0, Number.MAX_SAFE_INTEGER),
    bootstrapImage,
  };
}

function readGeneration(mode: Field<ModeOnWire<"fullNode" | "archive">>): SnapshotGeneration | null {
  const at = child(mode, "snapshotGeneration");
  if (!isGivenObject(at)) return null;
  const tendermint = child(at, "tendermint");
  if (!isGiven(tendermint)) refuse(tendermint, "an object");
  if (!isGivenObject(tendermint)) return null;
  const publish = isGivenObject(child(tendermint, "publish"));
  const keepRecent = requiredInteger(child(tendermint, "keepRecent"), 1, MAX_INT32);
  if (publish && keepRecent < 2) {
    at.problems.push(
      `${tendermint.path}.keepRecent: must be at least 2 where snapshots are published, got ${keepRecent}`,
    );
  }
  return { keepRecent, publish };
}

function readCeremony(mode: Field<ModeOnWire<"validator">>): GenesisCeremony | null {
  const at = child(mode, "genesisCeremony");
  if (!isGivenObject(at)) return null;
  return {
    chainId: requiredText(child(at, "chainId")),
    stakingAmount: requiredText(child(at, "stakingAmount")),
    accountBalance: requiredText(child(at, "accountBalance")),
    index: requiredInteger(child(at, "index"), 0, MAX_INT32),
    genesisParams: optionalText(child(at, "genesisParams"), { max: 65_536, want: "JSON of at most 65536 characters" }),
  };
}

/** An image reference; null when nothing was given, and when it is none, which is noted. */
export function readImage(at: Field<string>): string | null {
  const { value } = at;
  if (!isGiven(at) || value === "") return null;
  if (typeof value === "string" && isImageReference(value)) return value;
  const got = typeof value === "string" ? value.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, "?") : typeof value;
  at.problems.push(`${at.path}: "${got}" is not a valid image reference`);
  return null;
}

type ModeOnWire<Name extends (typeof MODES)[number]> = NonNullable<SpecOnWire[Name]>;

const MAX_INT32 = 2_147_483_647;
