/**
 * The fields of a spec that only bringing the node up applies: what its configuration, its peers and its first state are
 * made from. An edit of one changes nothing of a node that is up, and is told as such.
 *
 * A digest a field, short ones, since they stand in the status of every node; a change goes unseen once in 16 million. They
 * are joined in the order below by dots, a field that is not given is nothing, and so is all that follows the last one given:
 * fields may be added at the end.
 */
import type { InitFields } from "../../model/index.ts";
import type { Mode, SeiNodeSpec } from "./spec.ts";

const DIGEST_CHARS = 4;

/** What of the spec only init applies, compared with the digest that was noted when it did; none = nothing is compared. */
export function initFields(spec: SeiNodeSpec, noted?: string): InitFields {
  const known = read.get(spec) ?? readParts(spec);
  read.set(spec, known);
  const { paths, digests, digest } = known;
  if (noted === undefined || noted === digest) return { digest, changed: [] };
  const before = noted.split(".");
  return { digest, changed: paths.flatMap((path, at) => (digests[at] === (before[at] ?? "") ? [] : [path])) };
}

interface Parts {
  readonly paths: readonly string[];
  readonly digests: readonly string[];
  readonly digest: string;
}

/** A spec is read once for a generation, and asked for this by every reconcile. */
const read = new WeakMap<SeiNodeSpec, Parts>();

function readParts(spec: SeiNodeSpec): Parts {
  const parts = partsOf(spec);
  const digests = parts.map(([, value]) => digestOf(value));
  return { paths: parts.map(([path]) => path), digests, digest: digests.join(".").replace(/\.+$/, "") };
}

/** Path and value; the order is part of what is stored. */
function partsOf(spec: SeiNodeSpec): readonly (readonly [string, unknown])[] {
  const { mode } = spec;
  const of = (field: string): string => `spec.${mode.kind}.${field}`;
  return [
    ["spec.chainId", spec.chainId],
    [`spec.${mode.kind}`, mode.kind],
    ["spec.peers", spec.peers],
    ["spec.overrides", spec.overrides],
    ["spec.externalAddress", spec.externalAddress],
    [of("snapshot"), "snapshot" in mode ? mode.snapshot : null],
    [of("snapshotGeneration"), generationOf(mode)],
    [of("genesisCeremony"), mode.kind === "validator" ? mode.genesisCeremony : null],
  ];
}

function generationOf(mode: Mode): unknown {
  return mode.kind === "fullNode" || mode.kind === "archive" ? mode.snapshotGeneration : null;
}

/** Empty for what is not given. Without a dot, which parts the digests. */
function digestOf(value: unknown): string {
  const text = canonical(value);
  return text === "null" || text === "[]" || text === "{}"
    ? ""
    : Bun.CryptoHasher.hash("sha256", text, "base64").replaceAll(/[+/=]/g, "-").slice(0, DIGEST_CHARS);
}

/** JSON in which the order of names means nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
