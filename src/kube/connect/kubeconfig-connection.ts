/** From the files of a kubeconfig to a connection. */
import { type Connection, type ConnectionPorts, type ConnectionTls } from "./connection.ts";
import { execRefusal } from "./exec-credential.ts";
import { type ExecCredentials, execCredentials } from "./exec-credentials.ts";
import {
  invalidError,
  isSet,
  type Kubeconfig,
  type Place,
  readKubeconfig,
  textOrNull,
  unsupportedError,
} from "./kubeconfig.ts";
import { clusterInfo, execPlan } from "./kubeconfig-exec.ts";
import { hasOwnCa, pairOf, type Trust, trustOf } from "./kubeconfig-tls.ts";
import { authorizationOf, identityOf, impersonation, refuseClearText } from "./kubeconfig-user.ts";
import { policyRefusal } from "./plugin-policy.ts";
import { configuredProxy, proxyName, proxyOfEnvironment } from "./proxy.ts";

/** The connection that a context of these files describes. Every fault is found before any request. */
export async function kubeconfigConnection(
  paths: readonly string[],
  context: string | null,
  ports: ConnectionPorts,
): Promise<Connection> {
  const config = await readKubeconfig(paths, ports);
  const name = context ?? config.currentContext;
  const chosen = contextOf(config, name);
  const cluster = placeOf(config, "cluster", textOrNull(chosen, "cluster"));
  const user = placeOf(config, "user", textOrNull(chosen, "user"));
  const server = serverOf(cluster, ports);
  const proxy = proxyOf(cluster, server, ports);
  // Nothing is compressed here either way.
  isSet(cluster.body, "disable-compression");
  const trust = await trustOf(cluster, ports);
  const headers = impersonation(user);
  const identity = identityOf(user);
  const credential = identity.runsProgram ? await programOf(user, { cluster, server, trust, ports }) : null;
  const renewTls = async (force: boolean): Promise<ConnectionTls> => {
    const given = (await credential?.renewed(force)) ?? null;
    return { ...(await trustOf(cluster, ports)), ...(await pairOf(user, { ports, credential: given })) };
  };
  const tls = await renewTls(false);
  const authorization = credential?.authorization ?? (await authorizationOf(user, ports));
  if (server.protocol === "http:" && (await authorization(false)) !== null)
    refuseClearText(cluster.label, server.origin);
  const warnings = [
    ...(tls.insecure ? [`${cluster.label}: insecure-skip-tls-verify is set: the server is not verified`] : []),
    ...(ports.env["SSL_CERT_DIR"] && !hasOwnCa(cluster)
      ? ["SSL_CERT_DIR is not read. Name a file in SSL_CERT_FILE"]
      : []),
  ];
  return {
    origin: server.origin,
    basePath: server.pathname.replace(/\/+$/, ""),
    tls,
    renewTls,
    authorization,
    headers,
    proxy,
    namespace: textOrNull(chosen, "namespace"),
    source: "kubeconfig",
    description: `context ${name}, server ${server.origin}${proxy === null ? "" : ` through ${proxyName(proxy)}`}`,
    warnings: [...config.warnings, ...identity.warnings, ...warnings],
  };
}

function contextOf(config: Kubeconfig, name: string): unknown {
  const names = [...config.contexts.keys()].join(", ");
  const known = names === "" ? "there are none" : `contexts: ${names}`;
  if (name === "")
    throw invalidError(`kubeconfig ${config.paths}: no current-context; ${known}. Choose one with --context`);
  const found = config.contexts.get(name);
  if (found === undefined) throw invalidError(`kubeconfig ${config.paths}: context "${name}" not found; ${known}`);
  return found.body;
}

function placeOf(config: Kubeconfig, kind: "cluster" | "user", name: string | null): Place {
  if (name === null && kind === "user") return { body: {}, folder: ".", label: "user" };
  const found = name === null ? undefined : config[`${kind}s`].get(name);
  if (found === undefined) {
    throw invalidError(`kubeconfig ${config.paths}: ${kind} "${name ?? ""}" not found, though the context names it`);
  }
  return { ...found, label: `kubeconfig ${config.paths}: ${kind} "${name ?? ""}"` };
}

/** A cluster without a server is the one that `KUBERNETES_MASTER` names, as for kubectl. */
function serverOf(cluster: Place, { env }: ConnectionPorts): URL {
  const server = textOrNull(cluster.body, "server") ?? env["KUBERNETES_MASTER"] ?? "";
  const url = URL.canParse(server) ? new URL(server) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw invalidError(`${cluster.label}: server: got "${server.slice(0, 100)}", want an https URL`);
  }
  if (url.username !== "" || url.password !== "") {
    throw invalidError(`${cluster.label}: server: got a URL with a user in it, want one without`);
  }
  return url;
}

/** `proxy-url` holds for every server; what the environment says, not for those on this machine or in `NO_PROXY`. */
function proxyOf(cluster: Place, server: URL, { env }: ConnectionPorts): string | null {
  const given = textOrNull(cluster.body, "proxy-url");
  return given === null ? proxyOfEnvironment(server, env) : configuredProxy(given, cluster.label);
}

async function programOf(
  user: Place,
  parts: { readonly cluster: Place; readonly server: URL; readonly trust: Trust; readonly ports: ConnectionPorts },
): Promise<ExecCredentials> {
  const plan = execPlan(user, clusterInfo(parts.cluster, parts));
  const refusal = execRefusal(plan, parts.ports) ?? (await policyRefusal(plan.command, parts.ports));
  if (refusal !== null) throw unsupportedError(`${user.label}: ${refusal}`);
  return execCredentials(plan, parts.ports);
}
