/** What `config-apply` sets over the defaults of sei-config, in layers: all nodes, the mode, the spec. */
import type { SeiNode } from "../../model/index.ts";
import type { Mode, SeiNodeSpec, SnapshotGeneration } from "../spec/index.ts";

/** Dotted keys to values; a later layer wins. Source: the reference's planner. */
export function configOverrides(node: SeiNode, spec: SeiNodeSpec): Readonly<Record<string, string>> {
  // A parent controller of the older reference leaves the address in status; the spec, where it speaks, wins.
  const address = spec.externalAddress ?? (node.status.externalAddress || null);
  const everyNode = address === null ? {} : { "network.p2p.external_address": address };
  return { ...everyNode, ...modeOverrides(spec.mode), ...spec.overrides };
}

/** What sei-config calls the mode; a replayer is a full node to it. */
export function configMode(mode: Mode): "full" | "archive" | "validator" {
  switch (mode.kind) {
    case "fullNode":
    case "replayer":
      return "full";
    case "archive":
      return "archive";
    case "validator":
      return "validator";
  }
}

function modeOverrides(mode: Mode): Readonly<Record<string, string>> {
  switch (mode.kind) {
    case "fullNode":
      return mode.snapshotGeneration === null ? {} : { ...snapshots(mode.snapshotGeneration), ...SERVES_SNAPSHOTS };
    case "archive":
      return mode.snapshotGeneration === null ? {} : snapshots(mode.snapshotGeneration);
    case "replayer":
      return REPLAYS;
    case "validator":
      return {};
  }
}

function snapshots(generation: SnapshotGeneration): Readonly<Record<string, string>> {
  return { "storage.snapshot_interval": "2000", "storage.snapshot_keep_recent": String(generation.keepRecent) };
}

/** A full node that makes snapshots is also the one that many peers fetch them from. */
const SERVES_SNAPSHOTS = {
  "storage.pruning_keep_recent": "50000",
  "storage.pruning_keep_every": "0",
  "chain.min_retain_blocks": "50000",
  "network.p2p.max_connections": "500",
  "network.p2p.send_rate": "20971520",
  "network.p2p.recv_rate": "20971520",
} as const;

const REPLAYS = {
  "storage.state_commit.async_commit_buffer": "100",
  "storage.state_commit.memiavl.snapshot_keep_recent": "2",
  "storage.state_commit.memiavl.snapshot_min_time_interval": "3600",
} as const;
