/** What the requests of a life are about. */
import { takenAs } from "../cluster/harness/taken-as.ts";
import type { FactGroup } from "./facts.ts";
import type { Sent } from "./life.ts";

/** The node that something is about. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** What a request means. `group`: what it tells of a node. */
export type Meant =
  | { readonly kind: "health"; readonly group: null; readonly host: string }
  | { readonly kind: "lease"; readonly name: string; readonly group: null; readonly host: null }
  | { readonly kind: "other"; readonly group: null; readonly host: null }
  | ({
      readonly kind: "object";
      readonly group: FactGroup | null;
      readonly plural: string;
      readonly host: null;
    } & Place)
  | { readonly kind: "tasks"; readonly group: FactGroup | null; readonly host: string; readonly taskId: string | null };

const OTHER = { kind: "other", group: null, host: null } as const;
const PROXY = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/:]+):\d+\/proxy(\/v0\/[^?]*)/;
const OBJECT = /^\/apis?\/(?:[^/]+\/)?v[^/]+\/namespaces\/([^/]+)\/([a-z]+)\/([^/?]+)/;
const GROUPS: Readonly<Record<string, FactGroup>> = {
  seinodes: "node",
  pods: "pod",
  persistentvolumeclaims: "claim",
  statefulsets: "set",
};

/** Which node a request is about, and what it tells of it. */
export function meaningOf(sent: Sent): Meant {
  const { path, host } = sent;
  if (host !== null) return tasksOf(sent, host);
  const proxied = PROXY.exec(path);
  if (proxied === null) return objectOf(path);
  const [, namespace = "", pod = "", rest = ""] = proxied;
  return tasksOf({ ...sent, path: rest }, `${pod}.x.${namespace}.svc.cluster.local`);
}

function objectOf(path: string): Meant {
  const [, namespace = "", plural = "", name = ""] = OBJECT.exec(path) ?? [];
  if (plural === "leases") return { kind: "lease", name, group: null, host: null };
  const group = GROUPS[plural] ?? null;
  if (group === null && plural !== "services" && plural !== "jobs") return OTHER;
  return { kind: "object", group, plural, namespace, name: nodeNameOf(plural, name), host: null };
}

function tasksOf({ method, path, body }: Sent, host: string): Meant {
  const bare = path.split("?")[0] ?? "";
  if (bare === "/v0/healthz") return { kind: "health", group: null, host };
  if (!bare.startsWith("/v0/tasks")) return OTHER;
  const given = method === "POST" ? takenAs<{ id?: string }>(JSON.parse(body ?? "{}")).id : bare.split("/")[3];
  return { kind: "tasks", group: bare === "/v0/tasks" ? "tasks" : null, host, taskId: given ?? null };
}

function nodeNameOf(plural: string, name: string): string {
  if (plural === "pods") return name.replace(/-0$/, "");
  if (plural === "persistentvolumeclaims") return name.replace(/^data-/, "");
  return name.replace(/-bootstrap$/, "");
}
