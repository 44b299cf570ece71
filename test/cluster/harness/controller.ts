/** The program itself as a process of its own, with exactly the permissions that `tidekeeper manifests` prints. */
import { readFileSync, writeFileSync } from "node:fs";
import { allManifests } from "../../../src/cli/index.ts";
import type { KubeObject } from "./admin-api.ts";
import type { Cluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { untilInForce } from "./permissions.ts";
import { takenAs } from "./taken-as.ts";

/** Where a controller may work and as whom. */
export interface Installation {
  readonly namespace: string;
  /** Kubeconfig of the ServiceAccount: a bearer token and the private CA. */
  readonly kubeconfigPath: string;
}

/** Applies CRD and RBAC for one namespace, and makes a kubeconfig of its ServiceAccount. */
export async function install(cluster: Cluster, namespace: string, shards = 1): Promise<Installation> {
  const { api } = cluster;
  // The Namespace of the manifests is restricted to hardened Pods, which a SeiNode's is not.
  const all = allManifests({ namespace, image: "tidekeeper:test", shards, parts: ["crd", "rbac"] });
  const needed = all.filter(({ kind }) => kind !== "Deployment" && kind !== "Namespace");
  for (const object of needed) await api.apply(takenAs<KubeObject>(object));
  const seinodes = `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`;
  await eventually("the CRD to be served", async () => (await api.request("GET", seinodes)).status === 200);
  await untilInForce(api, { namespace, name: "tidekeeper" });
  const reply = await api.request("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/tidekeeper/token`, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 7200 },
  });
  const { token } = takenAs<{ status: { token: string } }>(reply.json).status;
  const admin = takenAs<{ clusters: unknown[] }>(JSON.parse(readFileSync(cluster.kubeconfigPath, "utf8")));
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: admin.clusters,
    users: [{ name: "tidekeeper", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "tidekeeper", namespace } }],
    "current-context": "test",
  };
  const kubeconfigPath = `${cluster.dir}/kubeconfig-${namespace}`;
  writeFileSync(kubeconfigPath, JSON.stringify(config), { mode: 0o600 });
  return { namespace, kubeconfigPath };
}

/** How to start it. */
export interface ControllerOptions {
  readonly installation: Installation;
  /** Flags besides the usual ones; a later one of the same name is refused by the program. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The program; the sources unless given. */
  readonly program?: readonly string[];
  /** Null = the program's own choice. */
  readonly transport?: "direct" | "apiserver" | null;
  /** `json` unless given; `console` is what a person reads. */
  readonly logFormat?: "json" | "console";
  /** Which nodes it looks after; those of the installation's namespace unless given. */
  readonly scope?: readonly string[];
  /** Where its Lease is; the installation's namespace unless given. Null = the program's own choice. */
  readonly leaseNamespace?: string | null;
  /** False = do not wait for `/readyz` to be well, only for an answer. */
  readonly untilReady?: boolean;
}

/** A running controller. */
export interface ControllerProcess {
  readonly pid: number;
  readonly healthUrl: string;
  readonly metricsUrl: string;
  /** Everything it logged so far. */
  readonly log: () => string;
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  /** Resolves with the exit code. */
  readonly kill: (signal?: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT") => Promise<number>;
  /** Resolves when it leads. */
  readonly leads: (withinMs?: number) => Promise<void>;
}

let nextPort = 18_000;

/** Starts a controller for one namespace; resolves when `/readyz` is well, unless told not to wait for that. */
export async function startController(options: ControllerOptions): Promise<ControllerProcess> {
  const { installation, flags = [], env = {}, transport = "direct" } = options;
  const home = options.leaseNamespace === undefined ? installation.namespace : options.leaseNamespace;
  const [health, metrics] = [nextPort++, nextPort++];
  const program = options.program ?? [process.execPath, new URL("../../../src/cli/main.ts", import.meta.url).pathname];
  const argv = [
    "run",
    `--kubeconfig=${installation.kubeconfigPath}`,
    ...(options.scope ?? [`--namespace=${installation.namespace}`]),
    ...(home === null ? [] : [`--leader-elect-namespace=${home}`]),
    `--health-probe-bind-address=127.0.0.1:${health}`,
    `--metrics-bind-address=127.0.0.1:${metrics}`,
    `--log-format=${options.logFormat ?? "json"}`,
    ...(transport === null ? [] : [`--sidecar-transport=${transport}`]),
    ...flags,
  ];
  const child = Bun.spawn([...program, ...argv], {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let log = "";
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) log += decoder.decode(chunk, { stream: true });
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  // Its last words may still be in the pipe when it has ended.
  const exited = child.exited.then(async (code) => {
    await collected;
    return code;
  });
  const healthUrl = `http://127.0.0.1:${health}`;
  await eventually("the controller to be ready", async () => {
    if (child.exitCode !== null) throw new Error(`the controller ended with ${child.exitCode}: ${log}`);
    const reply = await fetch(`${healthUrl}/readyz`).catch(() => null);
    return reply !== null && (reply.ok || options.untilReady === false);
  });
  return {
    pid: child.pid,
    healthUrl,
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    log: () => log,
    exited,
    async kill(signal = "SIGTERM") {
      child.kill(signal);
      return signal === "SIGSTOP" || signal === "SIGCONT" ? 0 : exited;
    },
    leads: async (withinMs = 20_000) => {
      await eventually("the controller to lead", async () => /"msg":"Leading"| INFO {2}Leading/.test(log), withinMs);
    },
  };
}
