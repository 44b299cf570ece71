/** An idle node as it is compared: without names, UIDs, times and versions, and without its history. */
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import type { KubeObject } from "../../test/cluster/harness/admin-api.ts";
import { type SeiNodeObject, seiNode } from "../../test/cluster/harness/fleet.ts";

/** Paths to values, so that two pictures can be laid over each other. */
export type Picture = ReadonlyMap<string, string>;

/** What stands around a node, by name. */
export interface Objects {
  readonly node: SeiNodeObject;
  readonly statefulSet: KubeObject | null;
  readonly service: KubeObject | null;
  readonly claim: KubeObject | null;
  readonly pod: KubeObject | null;
}

/** Reads all of it. */
export async function objectsOf({ api }: Cluster, namespace: string, name: string): Promise<Objects> {
  const core = `/api/v1/namespaces/${namespace}`;
  const [node, statefulSet, service, claim, pod] = await Promise.all([
    seiNode(api, namespace, name),
    api.get(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`),
    api.get(`${core}/services/${name}`),
    api.get(`${core}/persistentvolumeclaims/data-${name}`),
    api.get(`${core}/pods/${name}-0`),
  ]);
  return { node, statefulSet, service, claim, pod };
}

/** The picture of a node whose sidecar listens at `sidecar.port`. */
export function pictureOf(objects: Objects, sidecar: object): Picture {
  const { node, statefulSet, service, claim, pod } = objects;
  const { status = {} } = node;
  const whole = {
    phase: status.phase,
    currentImage: status.currentImage,
    currentSidecarImage: status.currentSidecarImage,
    resolvedPeers: status.resolvedPeers,
    conditions: conditionsOf(node),
    statefulSet: shown(statefulSet),
    service: shown(service),
    claim: claimOf(claim),
    pod: podOf(pod),
    sidecar,
  };
  // Names stand in many places: in selectors, in the claim that is mounted, in the labels of the Pod.
  const text = JSON.stringify(whole).replaceAll(node.metadata.name, "NODE");
  const lines = new Map<string, string>();
  flatten(JSON.parse(text), "", lines);
  return lines;
}

/**
 * `Type` to `Status/Reason`. False is the ordinary value of every condition but two, and as good as not set. That an edit
 * takes no effect before a new start is told of the edited node alone.
 */
export function conditionsOf({ status }: SeiNodeObject): Readonly<Record<string, string>> {
  const telling = (status?.conditions ?? []).filter(
    ({ type, status: is }) => (is !== "False" || ["Ready", "SidecarReady"].includes(type)) && type !== "SpecUnapplied",
  );
  return Object.fromEntries(telling.map(({ type, status: is, reason }) => [type, `${is}/${reason}`]));
}

/** The lines in which two pictures differ. */
export function differences(edited: Picture, fresh: Picture): readonly string[] {
  return [...new Set([...edited.keys(), ...fresh.keys()])].toSorted().flatMap((path) => {
    const [a, b] = [edited.get(path) ?? "nothing", fresh.get(path) ?? "nothing"];
    return a === b ? [] : [`${path}: edited ${a}, fresh ${b}`];
  });
}

function shown(object: KubeObject | null): unknown {
  if (object === null) return null;
  const { labels, annotations } = object.metadata;
  return { labels, annotations, owners: ownersOf(object), spec: object["spec"] };
}

/** The labels of a claim are those of its creation: the volume of an initialised node is not edited. */
function claimOf(claim: KubeObject | null): unknown {
  if (claim === null) return null;
  const { volumeName: _drawn, ...spec } = Object(claim["spec"]);
  return { owners: ownersOf(claim), spec };
}

/** What the scheduler and the admission of service accounts add differs from Pod to Pod; a revision from name to name. */
function podOf(pod: KubeObject | null): unknown {
  if (pod === null) return null;
  const { "controller-revision-hash": _revision, ...labels } = Object(pod.metadata.labels);
  const { nodeName: _where, ...spec } = Object(pod["spec"]);
  const text = JSON.stringify({ labels, annotations: pod.metadata.annotations, spec });
  return JSON.parse(text.replaceAll(/kube-api-access-[a-z0-9]{5}/g, "kube-api-access"));
}

function ownersOf({ metadata }: KubeObject): unknown {
  return (metadata.ownerReferences ?? []).map(({ uid: _uid, ...rest }) => rest);
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) {
    into.set(path, JSON.stringify(value) ?? "nothing");
    return;
  }
  for (const [key, part] of entries) flatten(part, path === "" ? key : `${path}.${key}`, into);
}
