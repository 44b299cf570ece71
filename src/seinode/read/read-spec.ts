/** `spec` of a SeiNode from unknown JSON: a checked spec, or why there is none. */
import type { SeiNode } from "../../model/index.ts";
import type { SpecOnWire } from "../crd/index.ts";
import {
  CHAIN_ID,
  child,
  DEFAULT_SIDECAR_PORT,
  DNS_LABEL,
  DNS_SUBDOMAIN,
  type Entrypoint,
  type Field,
  flag,
  HOST_PORT,
  isGiven,
  isGivenObject,
  isLabelKey,
  items,
  LABEL_VALUE,
  type Mode,
  optionalInteger,
  optionalText,
  PEER_KINDS,
  type PeerSource,
  refuse,
  requiredText,
  type SeiNodeSpec,
  showValue,
  type SidecarSpec,
  textMap,
} from "../spec/index.ts";
import { field, isDeeperThan } from "../../base/index.ts";
import { readImage, readMode } from "./read-mode.ts";

/** A spec, or why the node gets a condition and no write: `reason` is the condition's. */
export type SpecReading =
  | { readonly ok: true; readonly spec: SeiNodeSpec }
  | { readonly ok: false; readonly reason: "InvalidSpec" | "UnsupportedSpec"; readonly message: string };

/**
 * Checks all that a schema should have refused, since a SeiNode can be older than its schema. Never throws.
 * `UnsupportedSpec`: fields of later versions that change what the node is, and that we do not build.
 */
export function readSpec(node: Pick<SeiNode, "metadata" | "spec">): SpecReading {
  if (isDeeperThan(node.spec, MAX_DEPTH)) return invalid([`spec: nested deeper than ${MAX_DEPTH} levels`]);
  const unsupported = unsupportedField(node.spec);
  if (unsupported !== null) {
    return {
      ok: false,
      reason: "UnsupportedSpec",
      message: `${unsupported}: is not supported. Nothing is written for this node`,
    };
  }
  const root: Field<SpecOnWire> = { path: "spec", value: node.spec, problems: nameProblems(node.metadata.name) };
  const mode = readMode(root);
  const spec = mode === null ? null : readFields(root, mode);
  return spec === null || root.problems.length > 0 ? invalid(root.problems) : { ok: true, spec };
}

function invalid(problems: readonly string[]): SpecReading {
  const more = problems.length - MAX_TOLD;
  const message = problems.slice(0, MAX_TOLD).join("; ") + (more > 0 ? `; and ${more} more` : "");
  return { ok: false, reason: "InvalidSpec", message: message.slice(0, MAX_MESSAGE) };
}

/** The first field of a spec that is not supported, such as `spec.seed`; null where there is none. */
export function unsupportedField(spec: unknown): string | null {
  for (const path of UNSUPPORTED_FIELDS) {
    let value: unknown = spec;
    for (const name of path.split(".")) value = field(value, name);
    if (value !== undefined && value !== null) return `spec.${path}`;
  }
  return null;
}

function nameProblems(name: string): string[] {
  if (name.length > MAX_NAME) {
    const limit = `SeiNode names are limited to ${MAX_NAME} because the StatefulSet adds a revision suffix`;
    return [`metadata.name: ${name.length} characters; ${limit}`];
  }
  if (DNS_LABEL.test(name)) return [];
  return [
    `metadata.name: ${showValue(name)} must be lower case letters, digits and hyphens, since it becomes a host name`,
  ];
}

function readFields(root: Field<SpecOnWire>, mode: Mode): SeiNodeSpec {
  const image = child(root, "image");
  if (!isGiven(image) || image.value === "") root.problems.push('spec.image: "" is not a valid image reference');
  const chainId = { max: 63, form: CHAIN_ID, want: "letters, digits, hyphens, dots and underscores" };
  return {
    chainId: requiredText(child(root, "chainId"), chainId),
    image: readImage(image) ?? "",
    peers: items(child(root, "peers"), MAX_ITEMS).flatMap(readPeers),
    overrides: textMap(child(root, "overrides")),
    sidecar: readSidecar(child(root, "sidecar")),
    podLabels: readLabels(child(root, "podLabels")),
    entrypoint: readEntrypoint(child(root, "entrypoint")),
    importedClaim: readImport(child(root, "dataVolume")),
    externalAddress: optionalText(child(root, "externalAddress"), { max: 512, form: HOST_PORT, want: "host:port" }),
    paused: flag(child(root, "paused")),
    mode,
  };
}

function readSidecar(at: At<"sidecar">): SidecarSpec {
  isGivenObject(at);
  const port = child(at, "port");
  const resources = child(at, "resources");
  return {
    image: readImage(child(at, "image")),
    port: port.value === 0 ? DEFAULT_SIDECAR_PORT : (optionalInteger(port, 1, 65_535) ?? DEFAULT_SIDECAR_PORT),
    resources: isGivenObject(resources) ? Object(resources.value) : null,
  };
}

function readLabels(at: At<"podLabels">): Readonly<Record<string, string>> {
  const labels = textMap(at);
  for (const [key, value] of Object.entries(labels)) {
    if (!isLabelKey(key)) refuse({ ...at, value: key }, "label keys");
    if (!LABEL_VALUE.test(value)) refuse({ ...at, path: `${at.path}[${showValue(key)}]`, value }, "a label value");
  }
  return labels;
}

function readEntrypoint(at: At<"entrypoint">): Entrypoint | null {
  if (!isGivenObject(at)) return null;
  const command = items(child(at, "command"), 16);
  if (command.length === 0) refuse(child(at, "command"), "a list of 1 to 16");
  const args = items(child(at, "args"), 64);
  return { command: command.map((item) => requiredText(item)), args: args.map(anyText) };
}

/** Arguments may be empty texts. */
function anyText(at: Field<string>): string {
  if (typeof at.value === "string") return at.value;
  refuse(at, "a text");
  return "";
}

function readImport(at: At<"dataVolume">): string | null {
  if (!isGivenObject(at)) return null;
  const from = child(at, "import");
  if (!isGivenObject(from)) return null;
  return requiredText(child(from, "pvcName"), { max: 253, form: DNS_SUBDOMAIN, want: "the name of a claim" });
}

function readPeers(at: Field<NonNullable<SpecOnWire["peers"]>[number]>): readonly PeerSource[] {
  const given = PEER_KINDS.filter((kind) => isGiven(child(at, kind)));
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    const got = given.length === 0 ? "none" : given.join(", ");
    at.problems.push(`${at.path}: exactly one of ${PEER_KINDS.join(", ")} is required, got ${got}`);
    return [];
  }
  switch (kind) {
    case "ec2Tags": {
      const source = child(at, kind);
      return [{ kind, region: requiredText(child(source, "region")), tags: someTexts(child(source, "tags")) }];
    }
    case "static": {
      const given = child(child(at, kind), "addresses");
      const addresses = items(given, MAX_ITEMS);
      if (addresses.length === 0) refuse(given, "a list that is not empty");
      return [{ kind, addresses: addresses.map((item) => requiredText(item, PEER_ADDRESS)) }];
    }
    case "label": {
      const source = child(at, kind);
      const namespace = optionalText(child(source, "namespace"), { form: DNS_LABEL, want: "the name of a namespace" });
      return [{ kind, selector: someTexts(child(source, "selector")), namespace }];
    }
  }
}

function someTexts(at: Field<Readonly<Record<string, string>>>): Readonly<Record<string, string>> {
  const map = textMap(at);
  if (Object.keys(map).length === 0) refuse(at, "a map that is not empty");
  return map;
}

type At<Name extends keyof SpecOnWire> = Field<NonNullable<SpecOnWire[Name]>>;

/** Later fields that make another kind of node: keys that must not be left out, and a mode of its own. */
export const UNSUPPORTED_FIELDS = [
  "seed",
  "validator.signingKey",
  "validator.nodeKey",
  "validator.operatorKeyring",
  "fullNode.snapshot.rpcServers",
  "validator.snapshot.rpcServers",
  "replayer.snapshot.rpcServers",
] as const;
const PEER_ADDRESS = { max: 512, form: /^[^\s,@]{1,128}@[^\s,@]{1,253}:\d{1,5}$/, want: "nodeId@host:port" };
const MAX_NAME = 52;
const MAX_DEPTH = 64;
const MAX_ITEMS = 1000;
const MAX_TOLD = 3;
const MAX_MESSAGE = 1024;
