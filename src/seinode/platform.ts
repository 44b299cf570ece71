/**
 * What the cluster offers to nodes: the reference's environment names, each with a default, so that a plain
 * cluster runs a plain full node.
 */
import { DNS_SUBDOMAIN, isImageReference, isLabelKey, LABEL_VALUE, QUANTITY } from "./grammar.ts";

/** Resource requests of `seid`; null = none. */
export interface Requests {
  readonly cpu: string | null;
  readonly memory: string | null;
}

/** A data volume: `storageClass` null = the cluster's default. */
export interface Storage {
  readonly storageClass: string | null;
  readonly size: string;
}

/** Where nodes run. Null = no affinity, no toleration. */
export interface Scheduling {
  /** Value of the node label `karpenter.sh/nodepool`. */
  readonly pool: string | null;
  /** Key of a NoSchedule taint whose value is the pool. */
  readonly tolerationKey: string | null;
}

/** Platform inputs. Fields that differ by mode stand twice: for archive nodes, and for all others. */
export interface Platform {
  readonly standard: Storage & Requests & Scheduling;
  readonly archive: Storage & Requests & Scheduling;
  /** ServiceAccount of the Pods; null = the namespace's default. */
  readonly serviceAccount: string | null;
  /** Image of the sidecar where a SeiNode names none. */
  readonly sidecarImage: string;
  readonly genesis: Bucket;
  readonly snapshot: Bucket;
}

/** A bucket that sidecars read from or write to. */
export interface Bucket {
  readonly bucket: string;
  readonly region: string;
}

/** The platform, or every mistake in the environment. */
export type PlatformReading =
  | { readonly ok: true; readonly platform: Platform }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The sidecar that the reference ships at the state we follow; it knows `discover-peers`, later ones do not. */
export const DEFAULT_SIDECAR_IMAGE =
  "ghcr.io/sei-protocol/seictl@sha256:2cb320dd583000765520293d4e28ecc79fed4432c76760923d3aaa47803a4dbf";

/** Enough for a chain that begins; a fleet sets its own. Source: none, chosen so that any laptop can bind it. */
export const DEFAULT_STORAGE_SIZE = "10Gi";

/**
 * Stands for a bucket where none is configured: the sidecar does not start without a name. Upper case and
 * underscores are no S3 bucket name, so nobody can own it and serve a genesis from there.
 */
export const NO_BUCKET = "NOT_CONFIGURED";
const NO_REGION = "us-east-1";

/** Every environment name read here. */
export const PLATFORM_ENV = [
  "SEI_NODEPOOL_NAME",
  "SEI_NODEPOOL_ARCHIVE",
  "SEI_TOLERATION_KEY",
  "SEI_SERVICE_ACCOUNT",
  "SEI_STORAGE_CLASS_PERF",
  "SEI_STORAGE_CLASS_ARCHIVE",
  "SEI_STORAGE_SIZE_DEFAULT",
  "SEI_STORAGE_SIZE_ARCHIVE",
  "SEI_RESOURCE_CPU_DEFAULT",
  "SEI_RESOURCE_MEM_DEFAULT",
  "SEI_RESOURCE_CPU_ARCHIVE",
  "SEI_RESOURCE_MEM_ARCHIVE",
  "SEI_SIDECAR_IMAGE",
  "SEI_GENESIS_BUCKET",
  "SEI_GENESIS_REGION",
  "SEI_SNAPSHOT_BUCKET",
  "SEI_SNAPSHOT_REGION",
] as const;

/** One of the names in `PLATFORM_ENV`. */
export type PlatformEnvName = (typeof PLATFORM_ENV)[number];

/** Reads the environment; an empty value is as good as none. All mistakes come back at once. */
export function readPlatform(env: Readonly<Record<string, string | undefined>>): PlatformReading {
  const problems: string[] = [];
  const read = (name: PlatformEnvName): string | null => {
    const value = env[name];
    if (value === undefined || value === "") return null;
    const rule = RULES[name];
    if (!rule.fits(value)) problems.push(`${name}: got ${JSON.stringify(value.slice(0, 64))}, want ${rule.want}`);
    return value;
  };
  const platform = build(read);
  const { tolerationKey, pool } = platform.standard;
  if (tolerationKey !== null && pool === null) {
    problems.push("SEI_TOLERATION_KEY: set without SEI_NODEPOOL_NAME, which is the value that is tolerated");
  }
  return problems.length === 0 ? { ok: true, platform } : { ok: false, problems };
}

function build(read: (name: PlatformEnvName) => string | null): Platform {
  const tolerationKey = read("SEI_TOLERATION_KEY");
  const pool = read("SEI_NODEPOOL_NAME");
  return {
    standard: {
      pool,
      tolerationKey,
      storageClass: read("SEI_STORAGE_CLASS_PERF"),
      size: read("SEI_STORAGE_SIZE_DEFAULT") ?? DEFAULT_STORAGE_SIZE,
      cpu: read("SEI_RESOURCE_CPU_DEFAULT"),
      memory: read("SEI_RESOURCE_MEM_DEFAULT"),
    },
    archive: {
      pool: read("SEI_NODEPOOL_ARCHIVE") ?? pool,
      tolerationKey,
      storageClass: read("SEI_STORAGE_CLASS_ARCHIVE"),
      size: read("SEI_STORAGE_SIZE_ARCHIVE") ?? DEFAULT_STORAGE_SIZE,
      cpu: read("SEI_RESOURCE_CPU_ARCHIVE"),
      memory: read("SEI_RESOURCE_MEM_ARCHIVE"),
    },
    serviceAccount: read("SEI_SERVICE_ACCOUNT"),
    sidecarImage: read("SEI_SIDECAR_IMAGE") ?? DEFAULT_SIDECAR_IMAGE,
    genesis: { bucket: read("SEI_GENESIS_BUCKET") ?? NO_BUCKET, region: read("SEI_GENESIS_REGION") ?? NO_REGION },
    snapshot: { bucket: read("SEI_SNAPSHOT_BUCKET") ?? NO_BUCKET, region: read("SEI_SNAPSHOT_REGION") ?? NO_REGION },
  };
}

interface Rule {
  readonly fits: (value: string) => boolean;
  readonly want: string;
}

const labelValue: Rule = { fits: (value) => LABEL_VALUE.test(value), want: "a label value" };
const labelKey: Rule = { fits: isLabelKey, want: "a label key such as sei.io/workload" };
const objectName: Rule = {
  fits: (value) => value.length <= 253 && DNS_SUBDOMAIN.test(value),
  want: "the name of an object: lower case letters, digits, hyphens and dots",
};
const quantity: Rule = { fits: (value) => QUANTITY.test(value), want: "a quantity such as 4, 500m or 32Gi" };
const size: Rule = {
  fits: (value) => QUANTITY.test(value) && Number.parseFloat(value) > 0 && !value.endsWith("m"),
  want: "a size such as 2000Gi",
};
const image: Rule = { fits: isImageReference, want: "an image reference" };
const word: Rule = { fits: (value) => /^[\x21-\x7e]{1,255}$/.test(value), want: "a name without spaces" };

const RULES: Readonly<Record<PlatformEnvName, Rule>> = {
  SEI_NODEPOOL_NAME: labelValue,
  SEI_NODEPOOL_ARCHIVE: labelValue,
  SEI_TOLERATION_KEY: labelKey,
  SEI_SERVICE_ACCOUNT: objectName,
  SEI_STORAGE_CLASS_PERF: objectName,
  SEI_STORAGE_CLASS_ARCHIVE: objectName,
  SEI_STORAGE_SIZE_DEFAULT: size,
  SEI_STORAGE_SIZE_ARCHIVE: size,
  SEI_RESOURCE_CPU_DEFAULT: quantity,
  SEI_RESOURCE_MEM_DEFAULT: quantity,
  SEI_RESOURCE_CPU_ARCHIVE: quantity,
  SEI_RESOURCE_MEM_ARCHIVE: quantity,
  SEI_SIDECAR_IMAGE: image,
  SEI_GENESIS_BUCKET: word,
  SEI_GENESIS_REGION: word,
  SEI_SNAPSHOT_BUCKET: word,
  SEI_SNAPSHOT_REGION: word,
};
