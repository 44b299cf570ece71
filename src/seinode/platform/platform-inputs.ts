/** Every input of the platform: its key in the file, its name in the environment, what it may be, and what it is for. */
import { DNS_SUBDOMAIN, isImageReference, isLabelKey, LABEL_VALUE, QUANTITY } from "../spec/index.ts";

/** What a value must be; `want` says it in words. */
export interface InputRule {
  readonly fits: (value: string) => boolean;
  readonly want: string;
  /** Whether a YAML number will do: `cpuRequest: 4`. */
  readonly isNumeric?: boolean;
}

/** One input. */
export interface PlatformInput {
  /** Dotted key in the file. */
  readonly key: string;
  /** Name of the environment variable that wins over the file; null = the file alone. */
  readonly env: string | null;
  /** A map of lists of texts, or null: then its shape alone is looked at. */
  readonly rule: InputRule | "lists" | null;
  /** What holds where nobody says otherwise. */
  readonly defaultText: string;
  readonly meaning: string;
  /** False: accepted, so that a file written for the reference can stay as it is, and told once as not used. */
  readonly isUsed: boolean;
}

const labelValue: InputRule = { fits: (value) => LABEL_VALUE.test(value), want: "a label value" };
const labelKey: InputRule = { fits: isLabelKey, want: "a label key such as sei.io/workload" };
const objectName: InputRule = {
  fits: (value) => value.length <= 253 && DNS_SUBDOMAIN.test(value),
  want: "the name of an object: lower case letters, digits, hyphens and dots",
};
const quantity: InputRule = {
  fits: (value) => QUANTITY.test(value),
  want: "a quantity such as 4, 500m or 32Gi",
  isNumeric: true,
};
const size: InputRule = {
  fits: (value) => QUANTITY.test(value) && Number.parseFloat(value) > 0 && !/[mun]$/.test(value),
  want: "a size such as 2000Gi",
  isNumeric: true,
};
const image: InputRule = { fits: isImageReference, want: "an image reference" };
const word: InputRule = { fits: (value) => /^[\x21-\x7e]{1,255}$/.test(value), want: "a name without spaces" };

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

/** The region where none is configured. */
export const NO_REGION = "us-east-1";

const NONE = "none";

/** An input that we use. */
function used(
  at: { readonly key: string; readonly env: string | null },
  rule: InputRule,
  words: { readonly meaning: string; readonly defaultText?: string },
): PlatformInput {
  return { ...at, rule, defaultText: words.defaultText ?? NONE, meaning: words.meaning, isUsed: true };
}

/** An input of the reference that nothing of ours needs. */
function unused(key: string, meaning: string, rule: PlatformInput["rule"] = null): PlatformInput {
  return { key, env: null, rule, defaultText: "", meaning, isUsed: false };
}

function requests(role: string, env: string, who: string): readonly PlatformInput[] {
  return [
    used({ key: `resources.${role}.cpuRequest`, env: `SEI_RESOURCE_CPU_${env}` }, quantity, {
      meaning: `CPU that seid of ${who} requests`,
    }),
    used({ key: `resources.${role}.memory`, env: `SEI_RESOURCE_MEM_${env}` }, quantity, {
      meaning: `memory that seid of ${who} requests; no limit is set`,
    }),
  ];
}

function bucket(section: "genesis" | "snapshot", env: string, what: string): readonly PlatformInput[] {
  return [
    used({ key: `${section}.bucket`, env: `SEI_${env}_BUCKET` }, word, {
      meaning: `bucket of ${what}; the default is no bucket's name, so nobody can own it`,
      defaultText: NO_BUCKET,
    }),
    used({ key: `${section}.region`, env: `SEI_${env}_REGION` }, word, {
      meaning: `its region`,
      defaultText: NO_REGION,
    }),
  ];
}

/** All of them, in the order of the manual. Keys are unique; a name in the environment may stand for several. */
export const PLATFORM_INPUTS: readonly PlatformInput[] = [
  used({ key: "scheduling.nodepoolName", env: "SEI_NODEPOOL_NAME" }, labelValue, {
    meaning: "node pool (label `karpenter.sh/nodepool`) that Pods must run in; without one they run anywhere",
  }),
  used({ key: "scheduling.nodepoolArchive", env: "SEI_NODEPOOL_ARCHIVE" }, labelValue, {
    meaning: "node pool of archive nodes",
    defaultText: "scheduling.nodepoolName",
  }),
  used({ key: "scheduling.nodepoolValidator", env: null }, labelValue, {
    meaning: "node pool of validators",
    defaultText: "scheduling.nodepoolName",
  }),
  unused("scheduling.nodepoolSeed", "node pool of seeds, which are not served"),
  used({ key: "scheduling.tolerationKey", env: "SEI_TOLERATION_KEY" }, labelKey, {
    meaning: "key of a NoSchedule taint that Pods tolerate where its value is their node pool",
  }),
  used({ key: "scheduling.serviceAccount", env: "SEI_SERVICE_ACCOUNT" }, objectName, {
    meaning: "ServiceAccount of the Pods",
    defaultText: "the namespace's default",
  }),
  used({ key: "storage.classPerf", env: "SEI_STORAGE_CLASS_PERF" }, objectName, {
    meaning: "storage class of data volumes, archives aside",
    defaultText: "the cluster's default",
  }),
  unused("storage.classDefault", "storage class of seeds, which are not served"),
  used({ key: "storage.classArchive", env: "SEI_STORAGE_CLASS_ARCHIVE" }, objectName, {
    meaning: "storage class of archives' data volumes",
    defaultText: "the cluster's default",
  }),
  used({ key: "storage.sizeDefault", env: "SEI_STORAGE_SIZE_DEFAULT" }, size, {
    meaning: "size of data volumes, archives aside; an imported volume must have at least that",
    defaultText: DEFAULT_STORAGE_SIZE,
  }),
  used({ key: "storage.sizeArchive", env: "SEI_STORAGE_SIZE_ARCHIVE" }, size, {
    meaning: "the same for archives",
    defaultText: DEFAULT_STORAGE_SIZE,
  }),
  unused("storage.sizeSeed", "size of seeds' data volumes", size),
  ...requests("node", "DEFAULT", "a full node"),
  ...requests("replayer", "DEFAULT", "a replayer"),
  ...requests("validator", "DEFAULT", "a validator"),
  ...requests("archive", "ARCHIVE", "an archive"),
  unused("resources.seed.cpuRequest", "CPU of a seed", quantity),
  unused("resources.seed.memory", "memory of a seed", quantity),
  used({ key: "images.sidecar", env: "SEI_SIDECAR_IMAGE" }, image, {
    meaning:
      "image of the sidecar where a SeiNode names none; it must know the task `discover-peers`, which the reference's later ones do not",
    defaultText: "the reference's, by digest",
  }),
  unused("images.kubeRBACProxy", "image of a proxy that our Pods do not have"),
  unused("images.cosmosExporter", "image of an exporter that our Pods do not have"),
  ...bucket("genesis", "GENESIS", "genesis files, which the sidecar reads"),
  ...bucket("snapshot", "SNAPSHOT", "snapshots, which the sidecar reads and uploads"),
  unused("resultExport.bucket", "bucket of replayers' results, which no plan exports"),
  unused("resultExport.region", "its region"),
  unused("resultExport.prefix", "its prefix"),
  unused("stateSync.syncers", "light-client witnesses by chain id, which our sidecar does not take", "lists"),
];
