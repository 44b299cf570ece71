/**
 * A claim that a node imports and the volume behind it, as read live, and what is wrong with them. Neither is ever
 * written. Source: the reference's `ensure-data-pvc`.
 */
import { KIND } from "../../model/index.ts";
import { compareQuantities } from "../spec/index.ts";
import { arrayAt, field, objectAt, stringAt } from "../../base/index.ts";

/** What a spec asks for. */
export interface ImportWish {
  /** Name of the claim. */
  readonly name: string;
  /** The size that a volume of this mode has by default: the least that will do. */
  readonly leastSize: string;
}

/** The claim. Null = not there, not known yet. */
export interface ImportedClaim {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly ownerUid: string | null;
  /** Name of the SeiNode that is its controller owner. */
  readonly ownerNode: string | null;
  readonly phase: string;
  readonly deleting: boolean;
  /** RFC 3339; empty where it is not said. */
  readonly createdAt: string;
  readonly accessModes: readonly string[];
  /** Size of the volume that is bound. */
  readonly capacity: string | null;
  readonly volumeName: string | null;
}

/** The volume. */
export interface ImportedVolume {
  readonly phase: string;
  readonly capacity: string | null;
}

/** Why an import will not do. `isFinal`: waiting would not help. */
export interface ImportFault {
  readonly isFinal: boolean;
  readonly why: string;
}

/** The claim in this object; null when it is none. Never throws. */
export function readImportedClaim(raw: unknown): ImportedClaim | null {
  const metadata = objectAt(raw, "metadata");
  const [namespace, name, uid] = ["namespace", "name", "uid"].map((key) => stringAt(metadata, key));
  if (!namespace || !name || !uid) return null;
  const [spec, status] = [objectAt(raw, "spec"), objectAt(raw, "status")];
  const owner = arrayAt(metadata, "ownerReferences").find((item) => field(item, "controller") === true);
  return {
    namespace,
    name,
    uid,
    resourceVersion: stringAt(metadata, "resourceVersion") ?? "",
    ownerUid: stringAt(owner, "uid"),
    ownerNode: stringAt(owner, "kind") === KIND ? stringAt(owner, "name") : null,
    phase: stringAt(status, "phase") ?? "",
    deleting: stringAt(metadata, "deletionTimestamp") !== null,
    createdAt: stringAt(metadata, "creationTimestamp") ?? "",
    accessModes: arrayAt(spec, "accessModes").filter((mode) => typeof mode === "string"),
    capacity: stringAt(objectAt(status, "capacity"), "storage"),
    volumeName: stringAt(spec, "volumeName") || null,
  };
}

/** The volume in this object. Never throws. */
export function readImportedVolume(raw: unknown): ImportedVolume {
  return {
    phase: stringAt(objectAt(raw, "status"), "phase") ?? "",
    capacity: stringAt(objectAt(objectAt(raw, "spec"), "capacity"), "storage"),
  };
}

/** What is wrong with the claim itself; null when nothing is. A claim that is not there is null. */
export function claimFault(claim: ImportedClaim | null, { leastSize }: ImportWish): ImportFault | null {
  if (claim === null) return waiting("it is not there");
  if (claim.ownerNode !== null) return final(`SeiNode ${claim.ownerNode} owns it, and it goes when that goes`);
  if (claim.phase === "Lost") return final("it is Lost: its volume is gone");
  if (claim.deleting) return waiting("it is being deleted");
  if (!claim.accessModes.some((mode) => ACCESS_MODES.has(mode))) {
    const got = claim.accessModes.join(", ") || "none";
    return final(`access modes: got ${got}, want ReadWriteOnce or ReadWriteOncePod`);
  }
  if (claim.phase !== "Bound") return waiting(`it is ${claim.phase || "of no phase"}, not Bound`);
  if (claim.capacity === null) return waiting("its capacity is not known");
  const order = compareQuantities(claim.capacity, leastSize);
  // A capacity that cannot be read is none that is enough.
  if (order === null || order < 0) return final(`capacity: got ${claim.capacity}, want at least ${leastSize}`);
  return claim.volumeName === null ? waiting("it names no volume") : null;
}

/** What is wrong with the volume of a claim that is fine itself; null when nothing is. */
export function volumeFault(claim: ImportedClaim, volume: ImportedVolume | null): ImportFault | null {
  const what = `volume ${claim.volumeName ?? ""}`;
  if (volume === null) return waiting(`${what} is not there`);
  if (volume.phase === "Failed") return final(`${what} is Failed`);
  const [has, says] = [volume.capacity ?? "nothing", claim.capacity ?? "nothing"];
  return compareQuantities(has, says) === 0 ? null : final(`${what} has ${has}, and the claim says ${says}`);
}

const ACCESS_MODES: ReadonlySet<string> = new Set(["ReadWriteOnce", "ReadWriteOncePod"]);

function waiting(why: string): ImportFault {
  return { isFinal: false, why };
}

function final(why: string): ImportFault {
  return { isFinal: true, why };
}
