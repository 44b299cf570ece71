/**
 * Thousands of idle nodes in seconds: copies of one that the program brought up, written straight into etcd. The
 * API server reads JSON there as well as its own encoding. That the copies are what the program leaves behind is
 * proved by the benchmark: over a whole fleet of them it writes nothing.
 */
import { readService, readStatefulSet } from "../../src/seinode/read/index.ts";
import type { KubeObject } from "../../test/cluster/harness/admin-api.ts";
import { takenAs } from "../../test/cluster/harness/taken-as.ts";
import { putAll } from "./etcd-writes.ts";
import type { Template } from "./template.ts";

/** One copy. */
export interface Clone {
  readonly name: string;
  readonly ip: string;
}

/** Which copies. Addresses of fleets in one cluster must not overlap: `firstAddress` counts from 10.0.0.0. */
export interface CloneOptions {
  readonly namespace: string;
  readonly count: number;
  readonly firstAddress: number;
  /** The SeiNode and its Pod alone, for the bare loop, which looks at nothing else. */
  readonly bare?: boolean;
}

/** Writes the copies. */
export async function cloneFleet(template: Template, options: CloneOptions): Promise<readonly Clone[]> {
  const { namespace, count, firstAddress, bare = false } = options;
  const clones: Clone[] = [];
  const entries: { key: string; value: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const clone = { name: `n${String(index).padStart(5, "0")}`, ip: addressAt(firstAddress + index) };
    const objects = objectsOf(template, namespace, clone);
    clones.push(clone);
    entries.push({ key: `/registry/sei.io/seinodes/${namespace}/${clone.name}`, value: objects.node });
    entries.push({ key: `/registry/pods/${namespace}/${clone.name}-0`, value: objects.pod });
    if (bare) continue;
    entries.push({ key: `/registry/statefulsets/${namespace}/${clone.name}`, value: objects.statefulSet });
    entries.push({ key: `/registry/services/specs/${namespace}/${clone.name}`, value: objects.service });
    entries.push({
      key: `/registry/persistentvolumeclaims/${namespace}/data-${clone.name}`,
      value: objects.claim,
    });
  }
  await putAll(entries);
  return clones;
}

/** The `index`-th address of 10.0.0.0/16. */
export function addressAt(index: number): string {
  return `10.0.${Math.floor(index / 256)}.${index % 256}`;
}

type Kind = "node" | "statefulSet" | "service" | "claim" | "pod";

function objectsOf(template: Template, namespace: string, clone: Clone): Readonly<Record<Kind, string>> {
  const uids = new Map(KINDS.map((kind) => [template[kind].metadata.uid ?? "", crypto.randomUUID()]));
  const copy = (object: KubeObject): string => {
    const { resourceVersion: _, ...metadata } = object.metadata;
    let text = JSON.stringify({ ...object, metadata });
    text = text.replaceAll(template.name, clone.name).replaceAll(template.namespace, namespace);
    text = text.replaceAll(`"${template.ip}"`, `"${clone.ip}"`);
    for (const [from, to] of uids) text = text.replaceAll(from, to);
    // As of a fleet that has been running for a day: what has just happened is told in Events after a start.
    text = text.replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, (at) => `"${aDayBefore(at.slice(1, -1))}"`);
    return text.replaceAll(/kwok:\/\/[0-9a-f]{64}/g, () => `kwok://${randomHex()}`);
  };
  const [statefulSet, service] = [copy(template.statefulSet), copy(template.service)];
  // The digests cover names, so each copy has its own.
  const applied = {
    statefulSet: readStatefulSet(JSON.parse(statefulSet))?.ownedDigest,
    service: readService(JSON.parse(service))?.ownedDigest,
  };
  const node = takenAs<KubeObject & { status: { applied: object } }>(JSON.parse(copy(template.node)));
  const status = { ...node.status, applied: { ...node.status.applied, ...applied } };
  return {
    node: JSON.stringify({ ...node, status }),
    statefulSet,
    service,
    claim: copy(template.claim),
    pod: copy(template.pod),
  };
}

const KINDS: readonly Kind[] = ["node", "statefulSet", "service", "claim", "pod"];

function aDayBefore(at: string): string {
  return new Date(Date.parse(at) - 86_400_000).toISOString().replace(".000Z", "Z");
}

function randomHex(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
}
