/** What somebody does by hand to the StatefulSet and the Service of a node. */
import type { AdminApi, KubeObject } from "./admin-api.ts";

/** The kinds of objects that a node owns in steady state. */
export type OwnedKind = "StatefulSet" | "Service";

/** Path of the StatefulSet or the Service of a node. */
export function ownedPath(kind: OwnedKind, namespace: string, name: string): string {
  return kind === "Service"
    ? `/api/v1/namespaces/${namespace}/services/${name}`
    : `/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`;
}

/** One deed: a merge patch made from the object as it is, or a deletion. `title` says what is done, in words. */
export interface Deed {
  readonly kind: OwnedKind;
  /** Name of the node it is done to. */
  readonly name: string;
  readonly title: string;
  readonly patch?: (object: KubeObject) => unknown;
  readonly deletion?: "Background" | "Foreground" | "Orphan";
  /** A field of `spec` that is nobody's business but of whoever set it: it stays, without effect beside ours. */
  readonly leaves?: string;
}

/** Does it. */
export async function done(api: AdminApi, namespace: string, { kind, name, patch, deletion }: Deed): Promise<void> {
  const path = ownedPath(kind, namespace, name);
  if (deletion !== undefined) return api.remove(path, { propagationPolicy: deletion });
  const object = await api.get(path);
  if (object === null) throw new Error(`${path} is not there`);
  await api.patch(path, patch?.(object));
}

interface Named {
  readonly name: string;
}

/** The list with one of its items changed. */
function changed(list: unknown, name: string, by: (item: Named) => object): unknown {
  const items: readonly Named[] = Array.isArray(list) ? list : [];
  return items.map((item) => (item.name === name ? { ...item, ...by(item) } : item));
}

function podSpecOf(object: KubeObject): Record<string, unknown> {
  return Object(Object(Object(object["spec"]).template).spec);
}

function container(object: KubeObject, by: (item: Named) => object): unknown {
  return { spec: { template: { spec: { containers: changed(podSpecOf(object)["containers"], "seid", by) } } } };
}

function ports(object: KubeObject): unknown {
  return Object(object["spec"]).ports;
}

const SET: readonly Omit<Deed, "kind">[] = [
  { name: "set-scaled-down", title: "scales it to 0", patch: () => ({ spec: { replicas: 0 } }) },
  { name: "set-scaled-up", title: "scales it to 2", patch: () => ({ spec: { replicas: 2 } }) },
  {
    name: "set-strategy",
    title: "gives it another strategy",
    patch: () => ({ spec: { updateStrategy: { type: "RollingUpdate" } } }),
  },
  {
    name: "set-image",
    title: "gives its template another image",
    patch: (object) => container(object, () => ({ image: "sei:9" })),
  },
  {
    name: "set-env",
    title: "empties the environment of a container",
    patch: (object) => container(object, () => ({ env: [] })),
  },
  {
    name: "set-port",
    title: "moves a port of a container, which then has its name twice",
    patch: (object) =>
      container(object, (item) => ({
        ports: changed(Object(item).ports, "p2p", () => ({ containerPort: 26_999 })),
      })),
  },
  {
    name: "set-sidecar",
    title: "takes the gate's probe from the sidecar",
    patch: (object) => ({
      spec: {
        template: {
          spec: {
            initContainers: changed(podSpecOf(object)["initContainers"], "sei-sidecar", () => ({
              readinessProbe: null,
              image: "other:1",
            })),
          },
        },
      },
    }),
  },
  {
    name: "set-annotation",
    title: "takes an annotation from its template",
    patch: () => ({ spec: { template: { metadata: { annotations: null } } } }),
  },
  {
    name: "set-label-gone",
    title: "takes its label away",
    patch: () => ({ metadata: { labels: { "sei.io/node": null } } }),
  },
  {
    name: "set-label-other",
    title: "changes its label",
    patch: () => ({ metadata: { labels: { "sei.io/node": "other" } } }),
  },
  {
    name: "set-owner",
    title: "takes its owner away",
    patch: () => ({ metadata: { ownerReferences: null } }),
  },
  {
    name: "set-many",
    title: "changes its label, owner, scale and strategy at once",
    patch: () => ({
      metadata: { ownerReferences: null, labels: { "sei.io/node": null } },
      spec: { replicas: 0, updateStrategy: { type: "RollingUpdate" } },
    }),
  },
  { name: "set-deleted", title: "deletes it", deletion: "Background" },
  { name: "set-foreground", title: "deletes it after its Pod", deletion: "Foreground" },
  { name: "set-orphan", title: "deletes it and leaves its Pod", deletion: "Orphan" },
];

const SERVICE: readonly Omit<Deed, "kind">[] = [
  {
    name: "svc-selector",
    title: "gives it another selector",
    patch: () => ({ spec: { selector: { "sei.io/node": "other" } } }),
  },
  {
    name: "svc-more-selector",
    title: "adds to its selector",
    patch: () => ({ spec: { selector: { colour: "blue" } } }),
  },
  {
    name: "svc-port",
    title: "moves a port, which then has its name twice",
    patch: (object) => ({ spec: { ports: changed(ports(object), "p2p", () => ({ port: 26_999 })) } }),
  },
  {
    name: "svc-target",
    title: "points a port elsewhere",
    patch: (object) => ({ spec: { ports: changed(ports(object), "p2p", () => ({ targetPort: 1 })) } }),
  },
  {
    name: "svc-port-gone",
    title: "leaves one port of all",
    patch: (object) => ({ spec: { ports: Array.isArray(ports(object)) ? [Object(ports(object))[0]] : [] } }),
  },
  {
    name: "svc-unready",
    title: "hides Pods that are not Ready",
    patch: () => ({ spec: { publishNotReadyAddresses: false } }),
  },
  {
    name: "svc-external",
    title: "makes it a name of something outside",
    patch: () => ({
      spec: { type: "ExternalName", externalName: "elsewhere.test", clusterIP: null, clusterIPs: null, ports: null },
    }),
    leaves: "externalName",
  },
  {
    name: "svc-label-gone",
    title: "takes its label away",
    patch: () => ({ metadata: { labels: { "sei.io/node": null } } }),
  },
  {
    name: "svc-label-other",
    title: "changes its label",
    patch: () => ({ metadata: { labels: { "sei.io/node": "other" } } }),
  },
  { name: "svc-owner", title: "takes its owner away", patch: () => ({ metadata: { ownerReferences: null } }) },
  { name: "svc-deleted", title: "deletes it", deletion: "Background" },
];

/** Every deed, each to a node of its own. */
export const DEEDS: readonly Deed[] = [
  ...SET.map((deed) => ({ kind: "StatefulSet" as const, ...deed })),
  ...SERVICE.map((deed) => ({ kind: "Service" as const, ...deed })),
];
