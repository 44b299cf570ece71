/** SeiNodes of a test: made, waited for, looked at. */
import type { NodeStatus } from "../../../src/model/index.ts";
import { readHistory } from "../../../src/seinode/read/index.ts";
import type { AdminApi, KubeObject } from "./admin-api.ts";
import { eventually } from "./eventually.ts";
import type { SidecarControl } from "./sidecar-control.ts";

/** A SeiNode as the API server has it. */
export interface SeiNodeObject extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: NodeStatus & { readonly outcomes?: readonly string[] };
}

/** Path of a SeiNode. */
export function seiNodePath(namespace: string, name: string): string {
  return `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes/${name}`;
}

/** A full node as somebody would write it. */
export function fullNode(namespace: string, name: string, image = "sei:1"): KubeObject {
  const spec = { chainId: "sei-test", image, fullNode: {} };
  return { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { namespace, name }, spec };
}

/** The SeiNode now, with its outcomes read as `history`; throws when it is not there. */
export async function seiNode(api: AdminApi, namespace: string, name: string): Promise<SeiNodeObject> {
  const node = await api.get<SeiNodeObject>(seiNodePath(namespace, name));
  if (node === null) throw new Error(`SeiNode ${namespace}/${name} is not there`);
  const history = readHistory(node.status);
  return history === null ? node : { ...node, status: { ...node.status, history } };
}

/** `status/reason` of a condition; `none` when it is not set. */
export function conditionOf(node: SeiNodeObject, type: string): string {
  const found = node.status?.conditions?.find((condition) => condition.type === type);
  return found === undefined ? "none" : `${found.status}/${found.reason}`;
}

/** A SeiNode that is waited for; within 20 s unless told. */
interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly withinMs?: number;
}

/** Waits until what `look` finds is as `isSo` says; fails with what `show` tells of the last. */
async function untilSo<T>(
  what: string,
  withinMs: number | undefined,
  seen: {
    readonly look: () => Promise<T>;
    readonly isSo: (last: T) => boolean;
    readonly show: (last: T) => unknown;
  },
): Promise<T> {
  let shown: unknown = null;
  const found = async (): Promise<{ last: T } | null> => {
    const last = await seen.look();
    shown = seen.show(last);
    return seen.isSo(last) ? { last } : null;
  };
  try {
    return (await eventually(what, found, withinMs)).last;
  } catch (error) {
    throw new Error(`${String(error)}: got ${JSON.stringify(shown)}`, { cause: error });
  }
}

/** Waits until the node is as `isSo` says; fails with its status. */
export async function untilNode(
  api: AdminApi,
  place: Place,
  isSo: (node: SeiNodeObject) => boolean,
): Promise<SeiNodeObject> {
  const look = () => seiNode(api, place.namespace, place.name);
  return untilSo(`SeiNode ${place.name}`, place.withinMs, { look, isSo, show: ({ status }) => status });
}

/** True when nothing is left to do for the node: Running, gate open, no plan. */
export function isAtRest(node: SeiNodeObject): boolean {
  return (
    node.status?.phase === "Running" &&
    conditionOf(node, "SidecarReady") === "True/Ready" &&
    (node.status.plan ?? null) === null
  );
}

/** Makes full nodes and waits until all are idle. */
export async function bringUp(
  api: AdminApi,
  fleet: { readonly namespace: string; readonly names: readonly string[]; readonly withinMs?: number },
): Promise<void> {
  const { namespace, names, withinMs = 60_000 } = fleet;
  await Promise.all(names.map((name) => api.apply(fullNode(namespace, name))));
  for (const name of names) await untilNode(api, { namespace, name, withinMs }, isAtRest);
}

/** Reasons of the Events about a node, oldest first. */
export async function eventReasons(api: AdminApi, namespace: string, name: string): Promise<readonly string[]> {
  const events = await api.list<{ reason: string; eventTime: string; regarding: { name: string; kind: string } }>(
    `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
  );
  return events
    .filter(({ regarding }) => regarding.kind === "SeiNode" && regarding.name === name)
    .toSorted((a, b) => a.eventTime.localeCompare(b.eventTime))
    .map(({ reason }) => reason);
}

/** Waits until the Events about a node are as `isSo` says, and returns them: they go out after the status that a node is seen by. */
export async function untilEvents(
  api: AdminApi,
  place: Place,
  isSo: (reasons: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const look = () => eventReasons(api, place.namespace, place.name);
  return untilSo(`Events about ${place.name}`, place.withinMs, { look, isSo, show: (reasons) => reasons });
}

/** Deletes the node's Pod and waits until the next one is healed: what a node goes through is soon over, its record stays. */
export async function replacePod(api: AdminApi, namespace: string, name: string): Promise<void> {
  const last = (await seiNode(api, namespace, name)).status?.history?.at(-1)?.id;
  await api.remove(`/api/v1/namespaces/${namespace}/pods/${name}-0`);
  await untilNode(
    api,
    { namespace, name, withinMs: 40_000 },
    (node) => isAtRest(node) && node.status?.history?.at(-1)?.id !== last,
  );
}

/** Waits until the sidecar of each node was probed `more` times more in one life: what a probe leads to has then shown. */
export async function untilProbed(
  sidecars: SidecarControl,
  place: { readonly namespace: string; readonly nodes: readonly string[]; readonly more?: number },
): Promise<void> {
  const { more = 3 } = place;
  const probes = async () => {
    const lives = await sidecars.lives(place);
    return place.nodes.map((name) => {
      const life = lives.findLast(({ node }) => node === name);
      return { id: `${life?.podUid}/${life?.restartCount}`, count: life?.probes ?? 0 };
    });
  };
  const before = await probes();
  // A new life counts from nothing.
  const counted = ({ id, count }: { id: string; count: number }, index: number): boolean =>
    count >= more + (before[index]?.id === id ? before[index].count : 0);
  await eventually(`${more} more probes of ${place.nodes.join(", ")}`, async () => (await probes()).every(counted));
}
