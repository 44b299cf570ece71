/** `metadata` of an object around a node. */
import { NODE_LABEL } from "../../model/index.ts";
import { arrayAt, field, intern, internOrNull, isObject, objectAt, stringAt } from "../../base/index.ts";

/** What every view needs of `metadata`. */
export interface OwnedMetadata {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Value of the label `sei.io/node`; empty on an object that was read without it. */
  readonly node: string;
  /** As they came, to be read and not kept. */
  readonly labels: unknown;
  readonly deleting: boolean;
  /** RFC 3339; empty where it is not said. */
  readonly createdAt: string;
  /** The controller owner. */
  readonly ownerUid: string | null;
  readonly ownerKind: string | null;
}

/** Metadata of an object that carries the label `sei.io/node`; null for any other. */
export function readOwnedMetadata(raw: unknown): OwnedMetadata | null {
  const metadata = readMetadata(raw);
  return metadata === null || metadata.node === "" ? null : metadata;
}

/** The same of any object, as for one whose label somebody took away. */
export function readMetadata(raw: unknown): OwnedMetadata | null {
  const metadata = objectAt(raw, "metadata");
  const namespace = stringAt(metadata, "namespace");
  const name = stringAt(metadata, "name");
  const uid = stringAt(metadata, "uid");
  const labels = field(metadata, "labels");
  if (!namespace || !name || !uid) return null;
  const node = stringAt(labels, NODE_LABEL) ?? "";
  const owner = arrayAt(metadata, "ownerReferences").find((item) => isObject(item) && item["controller"] === true);
  return {
    namespace: intern(namespace),
    name,
    uid,
    resourceVersion: stringAt(metadata, "resourceVersion") ?? "",
    // Most objects are named like their node: one copy is enough.
    node: node === name ? name : node,
    labels,
    deleting: stringAt(metadata, "deletionTimestamp") !== null,
    createdAt: stringAt(metadata, "creationTimestamp") ?? "",
    ownerUid: stringAt(owner, "uid"),
    ownerKind: internOrNull(stringAt(owner, "kind")),
  };
}
