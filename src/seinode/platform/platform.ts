/**
 * What the cluster offers to nodes: the reference's names, in the environment and in a file, each with a default, so
 * that a plain cluster runs a plain full node.
 */
import {
  DEFAULT_SIDECAR_IMAGE,
  DEFAULT_STORAGE_SIZE,
  NO_BUCKET,
  NO_REGION,
  PLATFORM_INPUTS,
  type PlatformInput,
} from "./platform-inputs.ts";
import { showValue } from "../spec/index.ts";

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

/** What differs by role. */
export type RoleInputs = Storage & Requests & Scheduling;

/** What a node is to the platform: its mode, where a full node is a plain `node`. */
export type Role = "node" | "replayer" | "validator" | "archive";

/** Platform inputs. */
export interface Platform {
  readonly roles: Readonly<Record<Role, RoleInputs>>;
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

/** The platform, or every mistake in file and environment, a line each. */
export type PlatformReading =
  | { readonly ok: true; readonly platform: Platform }
  | { readonly ok: false; readonly problems: readonly string[] };

/** What a file says, by dotted key, and everything that is wrong with it. */
export interface PlatformFile {
  readonly values: ReadonlyMap<string, GivenInput>;
  /** A line each, in the order of the file. */
  readonly problems: readonly string[];
  /** Keys that are there and that nothing of ours needs. */
  readonly unused: readonly string[];
}

/** A value with the place it stands at, for messages. */
export interface GivenInput {
  readonly text: string;
  readonly where: string;
}

/** The names in the environment, each once. */
export const PLATFORM_ENV: readonly string[] = [
  ...new Set(PLATFORM_INPUTS.flatMap(({ env }) => (env === null ? [] : [env]))),
];

const NO_FILE: PlatformFile = { values: new Map(), problems: [], unused: [] };

/**
 * Reads environment and file; the environment wins, and an empty value is as good as none. Everything has a default.
 * All mistakes come back at once, also those in what the environment overrides.
 */
export function readPlatform(
  env: Readonly<Record<string, string | undefined>>,
  file: PlatformFile = NO_FILE,
): PlatformReading {
  const given = new Map(file.values);
  const problems = [...file.problems];
  for (const name of PLATFORM_ENV) {
    const text = env[name];
    if (text === undefined || text === "") continue;
    const inputs = PLATFORM_INPUTS.filter((input) => input.env === name);
    const problem = inputs.map(({ rule }) => problemOf(rule, text)).find((found) => found !== null);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
    for (const { key } of inputs) given.set(key, { text, where: name });
  }
  problems.push(...together(given));
  const platform = build((key) => given.get(key)?.text ?? null);
  return problems.length === 0 ? { ok: true, platform } : { ok: false, problems };
}

/** What is wrong with a text, as `got X, want Y`; null when nothing is. */
export function problemOf(rule: PlatformInput["rule"], text: string): string | null {
  if (rule === null || rule === "lists" || rule.fits(text)) return null;
  return `got ${showValue(text)}, want ${rule.want}`;
}

function together(given: ReadonlyMap<string, GivenInput>): readonly string[] {
  const key = given.get("scheduling.tolerationKey");
  if (key === undefined || given.has("scheduling.nodepoolName")) return [];
  const pool = key.where === "SEI_TOLERATION_KEY" ? "SEI_NODEPOOL_NAME" : "scheduling.nodepoolName";
  return [`${key.where}: set without ${pool}, which is the value that is tolerated`];
}

type Read = (key: string) => string | null;

function build(read: Read): Platform {
  const pool = read("scheduling.nodepoolName");
  const standard = { class: "storage.classPerf", size: "storage.sizeDefault", pool };
  return {
    roles: {
      node: roleOf(read, "node", standard),
      replayer: roleOf(read, "replayer", standard),
      validator: roleOf(read, "validator", { ...standard, pool: read("scheduling.nodepoolValidator") ?? pool }),
      archive: roleOf(read, "archive", {
        class: "storage.classArchive",
        size: "storage.sizeArchive",
        pool: read("scheduling.nodepoolArchive") ?? pool,
      }),
    },
    serviceAccount: read("scheduling.serviceAccount"),
    sidecarImage: read("images.sidecar") ?? DEFAULT_SIDECAR_IMAGE,
    genesis: { bucket: read("genesis.bucket") ?? NO_BUCKET, region: read("genesis.region") ?? NO_REGION },
    snapshot: { bucket: read("snapshot.bucket") ?? NO_BUCKET, region: read("snapshot.region") ?? NO_REGION },
  };
}

function roleOf(
  read: Read,
  role: Role,
  at: { readonly class: string; readonly size: string; readonly pool: string | null },
): RoleInputs {
  return {
    pool: at.pool,
    tolerationKey: read("scheduling.tolerationKey"),
    storageClass: read(at.class),
    size: read(at.size) ?? DEFAULT_STORAGE_SIZE,
    cpu: read(`resources.${role}.cpuRequest`),
    memory: read(`resources.${role}.memory`),
  };
}
