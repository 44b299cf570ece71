/** `spec` of a SeiNode once read: whole, checked, with defaults filled in. Source: the reference's CRD. */
import type { JsonObject } from "../../base/index.ts";

/** The modes of a node. One of the later reference, `seed`, is read but not built. */
export const MODES = ["fullNode", "archive", "validator", "replayer", "seed"] as const;

/** Where peers can come from. */
export const PEER_KINDS = ["ec2Tags", "static", "label"] as const;

/** What a node is to be. Optional things that were not given are null, maps and lists empty. */
export interface SeiNodeSpec {
  readonly chainId: string;
  /** Image of `seid`. */
  readonly image: string;
  readonly peers: readonly PeerSource[];
  /** Dotted sei-config keys, applied over the mode's defaults. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly sidecar: SidecarSpec;
  readonly podLabels: Readonly<Record<string, string>>;
  /** Replaces `seid start --home <data>`. */
  readonly entrypoint: Entrypoint | null;
  /** Name of the claim to use as data volume instead of one of our own. */
  readonly importedClaim: string | null;
  /** Address under which other nodes reach this one, `host:port`. */
  readonly externalAddress: string | null;
  readonly paused: boolean;
  readonly mode: Mode;
}

/** The sidecar as asked for. `image` null = the platform's. `port` is the default 7777 where 0 or nothing was given. */
export interface SidecarSpec {
  readonly image: string | null;
  readonly port: number;
  /** Copied verbatim to the container. */
  readonly resources: JsonObject | null;
}

/** A command that runs instead of seid's own. */
export interface Entrypoint {
  readonly command: readonly string[];
  readonly args: readonly string[];
}

/** Where peers come from. `label` selects other SeiNodes; `namespace` null = the node's own. */
export type PeerSource =
  | { readonly kind: "ec2Tags"; readonly region: string; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: "static"; readonly addresses: readonly string[] }
  | { readonly kind: "label"; readonly selector: Readonly<Record<string, string>>; readonly namespace: string | null };

/** The one mode of a node. */
export type Mode =
  | {
      readonly kind: "fullNode";
      readonly snapshot: Snapshot | null;
      readonly snapshotGeneration: SnapshotGeneration | null;
    }
  | { readonly kind: "archive"; readonly snapshotGeneration: SnapshotGeneration | null }
  | { readonly kind: "replayer"; readonly snapshot: Snapshot; readonly resultExportRpc: string | null }
  | {
      readonly kind: "validator";
      readonly snapshot: Snapshot | null;
      readonly genesisCeremony: GenesisCeremony | null;
    };

/** Where the first state comes from. */
export interface Snapshot {
  readonly source: { readonly kind: "s3"; readonly targetHeight: number } | { readonly kind: "stateSync" };
  readonly trustPeriod: string | null;
  readonly backfillBlocks: number | null;
  /** Image that catches up to the snapshot's height in a Job before the node itself starts. */
  readonly bootstrapImage: string | null;
}

/** Snapshots this node makes. */
export interface SnapshotGeneration {
  readonly keepRecent: number;
  /** Whether they are uploaded. */
  readonly publish: boolean;
}

/** A validator that is born with its chain. */
export interface GenesisCeremony {
  readonly chainId: string;
  readonly stakingAmount: string;
  readonly accountBalance: string;
  readonly index: number;
  readonly genesisParams: string | null;
}

/** Port of the sidecar where none, or 0, was given. */
export const DEFAULT_SIDECAR_PORT = 7777;
