/** The API server as its administrator sees it: plain JSON requests, shared with nothing of `src`. */
import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { parseAllDocuments } from "yaml";
import { takenAs } from "./taken-as.ts";

/** Any Kubernetes object. Tests that read more of it give their own type to `get`. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly Readonly<Record<string, unknown>>[];
  };
  readonly [field: string]: unknown;
}

/** A reply of any status. `json` is null when the body is not JSON. */
export interface ApiReply {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
}

/** What the administrator can do. Every method but `request` throws on a reply that is not 2xx, with its body. */
export interface AdminApi {
  /** Any request; replies of every status come back. `contentType` is `application/json` unless given. */
  readonly request: (method: string, path: string, body?: unknown, contentType?: string) => Promise<ApiReply>;
  /** Null when it is not there. */
  readonly get: <T = KubeObject>(path: string) => Promise<T | null>;
  /** The items of a list. */
  readonly list: <T = KubeObject>(path: string) => Promise<readonly T[]>;
  /** What `kubectl get` shows of a list: with `-o wide` all columns, else those of priority 0. */
  readonly table: (path: string) => Promise<Table>;
  /** Server-side apply, forced; `manager` is `test-admin` unless given. */
  readonly apply: <T extends KubeObject>(object: KubeObject, manager?: string) => Promise<T>;
  /** Every document of a YAML text, in order. */
  readonly applyYaml: (text: string) => Promise<readonly KubeObject[]>;
  /** JSON merge patch. */
  readonly patch: <T = KubeObject>(path: string, patch: unknown) => Promise<T>;
  /** Nothing happens when it is not there. */
  readonly remove: (path: string, options?: unknown) => Promise<void>;
  /** The path of an object, by discovery. */
  readonly pathOf: (object: KubeObject) => Promise<string>;
  /** Objects as they change, from now on (or from `resourceVersion`); ends with the connection or the signal. */
  readonly watch: <T = KubeObject>(path: string, signal: AbortSignal) => AsyncGenerator<WatchEvent<T>>;
}

/** A list as the API server lays it out for people. */
export interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** One event of a watch. */
export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T;
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
  }[];
  readonly users: readonly { readonly user: Readonly<Record<"client-certificate-data" | "client-key-data", string>> }[];
}

interface Connection {
  readonly server: URL;
  readonly agent: Agent;
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The administrator of the cluster that `scripts/cluster.sh` wrote this kubeconfig for. Nothing is read until it is used. */
export function adminApi(kubeconfigPath: string): AdminApi {
  let connection: Connection | null = null;
  const connected = (): Connection => (connection ??= connect(kubeconfigPath));
  const discovered = new Map<string, readonly Resource[]>();

  const request: AdminApi["request"] = async (method, path, body, contentType) => {
    const reply = await send(connected(), { method, path, body, contentType: contentType ?? "application/json" });
    const text = await textOf(reply.body);
    return { status: reply.status, text, json: parsed(text) };
  };

  const expect = async <T>(method: string, path: string, body?: unknown, contentType?: string): Promise<T> => {
    const reply = await request(method, path, body, contentType);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status}: ${reply.text.slice(0, 600)}`);
    return takenAs<T>(reply.json);
  };

  const resourceOf = async (apiVersion: string, kind: string): Promise<Resource> => {
    const find = (): Resource | undefined =>
      discovered.get(apiVersion)?.find((one) => one.kind === kind && !one.name.includes("/"));
    if (find() === undefined) {
      const list = await expect<{ resources: readonly Resource[] }>("GET", groupPath(apiVersion));
      discovered.set(apiVersion, list.resources);
    }
    const found = find();
    if (found === undefined) throw new Error(`${apiVersion} has no kind ${kind}`);
    return found;
  };

  const pathOf: AdminApi["pathOf"] = async (object) => {
    const resource = await resourceOf(object.apiVersion, object.kind);
    const scope = resource.namespaced ? `/namespaces/${object.metadata.namespace ?? "default"}` : "";
    return `${groupPath(object.apiVersion)}${scope}/${resource.name}/${object.metadata.name}`;
  };

  const apply = async <T extends KubeObject>(object: KubeObject, manager = "test-admin"): Promise<T> =>
    expect<T>(
      "PATCH",
      `${await pathOf(object)}?fieldManager=${manager}&force=true`,
      object,
      "application/apply-patch+yaml",
    );

  return {
    request,
    pathOf,
    apply,
    get: async <T>(path: string) => {
      const reply = await request("GET", path);
      if (reply.status === 404) return null;
      if (reply.status >= 300) throw new Error(`GET ${path}: ${reply.status}: ${reply.text.slice(0, 600)}`);
      return takenAs<T>(reply.json);
    },
    table: async (path) => {
      const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
      const reply = await send(connected(), { method: "GET", path, contentType: "application/json", accept });
      return takenAs<Table>(parsed(await textOf(reply.body)));
    },
    list: async <T>(path: string) => (await expect<{ items: readonly T[] }>("GET", path)).items,
    applyYaml: async (text) => {
      const applied: KubeObject[] = [];
      for (const document of parseAllDocuments(text)) {
        const object = takenAs<KubeObject | null>(document.toJS());
        if (object !== null) applied.push(await apply(object));
      }
      return applied;
    },
    patch: (path, patch) => expect("PATCH", path, patch, "application/merge-patch+json"),
    remove: async (path, options) => {
      const reply = await request("DELETE", path, options);
      if (reply.status >= 300 && reply.status !== 404)
        throw new Error(`DELETE ${path}: ${reply.status}: ${reply.text}`);
    },
    watch: (path, signal) => watch(connected(), path, signal),
  };
}

function connect(kubeconfigPath: string): Connection {
  const config = takenAs<Kubeconfig>(JSON.parse(readFileSync(kubeconfigPath, "utf8")));
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (cluster === undefined || user === undefined) throw new Error(`${kubeconfigPath}: want a cluster and a user`);
  const decode = (data: string): Buffer => Buffer.from(data, "base64");
  const agent = new Agent({
    keepAlive: true,
    ca: decode(cluster["certificate-authority-data"]),
    cert: decode(user["client-certificate-data"]),
    key: decode(user["client-key-data"]),
  });
  return { server: new URL(cluster.server), agent };
}

interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType: string;
  readonly accept?: string;
}

interface RawReply {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function send(
  to: Connection,
  { method, path, body, contentType, accept = "application/json" }: Outgoing,
): Promise<RawReply> {
  const { promise, resolve, reject } = Promise.withResolvers<RawReply>();
  const text = body === undefined ? undefined : JSON.stringify(body);
  // Without a length the runtime sends the body of a DELETE unframed: the server reads it as the next request.
  const length = text === undefined ? {} : { "content-length": String(Buffer.byteLength(text)) };
  const request = httpsRequest(new URL(path, to.server), {
    method,
    agent: to.agent,
    headers: { "content-type": contentType, "user-agent": "test-admin", accept, ...length },
  });
  request.on("response", (reply) => resolve({ status: reply.statusCode ?? 0, body: reply }));
  request.on("error", reject);
  request.end(text);
  return promise;
}

async function* watch<T>(to: Connection, path: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
  const reply = await send(to, {
    method: "GET",
    path: `${path}${path.includes("?") ? "&" : "?"}watch=true`,
    contentType: "application/json",
  });
  const body = reply.body[Symbol.asyncIterator]();
  const stop = (): void => void body.return?.();
  signal.addEventListener("abort", stop, { once: true });
  let rest = "";
  const decoder = new TextDecoder();
  for (let next = await body.next(); next.done !== true && !signal.aborted; next = await body.next()) {
    const lines = (rest + decoder.decode(next.value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield takenAs<WatchEvent<T>>(JSON.parse(line));
  }
  signal.removeEventListener("abort", stop);
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
