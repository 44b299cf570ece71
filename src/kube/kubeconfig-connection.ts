import { type Connection, ConnectionError, type ConnectionPorts, type ConnectionTls, fileToken } from "./connection.ts";
import { type ExecCredential, type ExecPlan, execRefusal } from "./exec-credential.ts";
import { execCredentials } from "./exec-credentials.ts";
import { invalid, type Kubeconfig, memberOf, readKubeconfig, textOrNull } from "./kubeconfig.ts";

/** A body of the kubeconfig and what its relative paths are relative to. */
interface Place {
  readonly body: unknown;
  readonly folder: string;
  /** For messages: `cluster "x"`. */
  readonly label: string;
}

/** The connection that a context of these files describes. Every fault is found before any request. */
export async function kubeconfigConnection(
  paths: readonly string[],
  context: string | null,
  ports: ConnectionPorts,
): Promise<Connection> {
  const config = await readKubeconfig(paths, ports);
  const name = context ?? config.currentContext;
  const chosen = contextOf(config, name);
  const cluster = place(config, "cluster", textOrNull(chosen, "cluster"));
  const user = place(config, "user", textOrNull(chosen, "user"));
  const server = serverOf(cluster);
  const exec = execPlan(user);
  const refusal = exec === null ? null : execRefusal(exec, ports.isTerminal);
  if (refusal !== null) throw new ConnectionError("KUBECONFIG_UNSUPPORTED", `${user.label}: ${refusal}`);
  const credential = exec === null ? null : execCredentials(exec, ports);
  const renewTls = async (force: boolean): Promise<ConnectionTls> =>
    tlsOf(cluster, user, { ports, credential: (await credential?.renewed(force)) ?? null });
  const tls = await renewTls(false);
  const authorization = credential?.authorization ?? authorizationOf(user, ports);
  if (server.protocol === "http:" && (await authorization(false)) !== null) {
    throw new ConnectionError(
      "TOKEN_OVER_HTTP",
      `${cluster.label}: server ${server.origin}: a token would travel in clear text. Use https`,
    );
  }
  const warnings = tls.insecure
    ? [`${cluster.label}: insecure-skip-tls-verify is set: the server is not verified`]
    : [];
  return {
    origin: server.origin,
    basePath: server.pathname.replace(/\/+$/, ""),
    tls,
    renewTls,
    authorization,
    headers: impersonation(user),
    namespace: textOrNull(chosen, "namespace"),
    source: "kubeconfig",
    description: `context ${name}, server ${server.origin}`,
    warnings: [...config.warnings, ...warnings],
  };
}

function contextOf(config: Kubeconfig, name: string): unknown {
  const names = [...config.contexts.keys()].join(", ");
  const known = names === "" ? "there are none" : `contexts: ${names}`;
  if (name === "") throw invalid(`kubeconfig ${config.paths}: no current-context; ${known}. Choose one with --context`);
  const found = config.contexts.get(name);
  if (found === undefined) throw invalid(`kubeconfig ${config.paths}: context "${name}" not found; ${known}`);
  return found.body;
}

function place(config: Kubeconfig, kind: "cluster" | "user", name: string | null): Place {
  if (name === null && kind === "user") return { body: {}, folder: ".", label: "user" };
  const found = name === null ? undefined : config[`${kind}s`].get(name);
  if (found === undefined) {
    throw invalid(`kubeconfig ${config.paths}: ${kind} "${name ?? ""}" not found, though the context names it`);
  }
  return { ...found, label: `kubeconfig ${config.paths}: ${kind} "${name ?? ""}"` };
}

function serverOf(cluster: Place): URL {
  const server = textOrNull(cluster.body, "server") ?? "";
  const url = URL.canParse(server) ? new URL(server) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw invalid(`${cluster.label}: server: got "${server.slice(0, 100)}", want an https URL`);
  }
  if (textOrNull(cluster.body, "proxy-url") !== null) {
    throw new ConnectionError(
      "KUBECONFIG_UNSUPPORTED",
      `${cluster.label}: proxy-url is not supported. Reach the server without a proxy`,
    );
  }
  return url;
}

async function tlsOf(
  cluster: Place,
  user: Place,
  { ports, credential }: { readonly ports: ConnectionPorts; readonly credential: ExecCredential | null },
): Promise<ConnectionTls> {
  const ca = await pem(cluster, "certificate-authority", ports);
  const cert = (await pem(user, "client-certificate", ports)) ?? credential?.cert ?? null;
  const key = (await pem(user, "client-key", ports)) ?? credential?.key ?? null;
  if (ca !== null) checkCertificate(ca, `${cluster.label}: certificate-authority`, ports);
  if (cert !== null) checkCertificate(cert, `${user.label}: client-certificate`, ports);
  checkPair(user, { cert, key }, ports);
  const insecure = memberOf(cluster.body, "insecure-skip-tls-verify") === true;
  return { ca, cert, key, serverName: textOrNull(cluster.body, "tls-server-name"), insecure };
}

/** A PEM text from `<name>-data` (base64), else from the file that `<name>` names. */
async function pem(at: Place, name: string, ports: ConnectionPorts): Promise<string | null> {
  const data = textOrNull(at.body, `${name}-data`);
  if (data !== null) {
    if (!/^[A-Za-z0-9+/=\s]+$/.test(data)) throw bad(`${at.label}: ${name}-data: got no base64`);
    return new TextDecoder().decode(Uint8Array.fromBase64(data.replaceAll(/\s/g, "")));
  }
  const path = textOrNull(at.body, name);
  if (path === null) return null;
  const absolute = path.startsWith("/") ? path : `${at.folder}/${path}`;
  const text = await ports.readFile(absolute);
  if (text === null) throw bad(`${at.label}: ${name}: no such file ${absolute}`);
  return text;
}

function checkCertificate(text: string, where: string, ports: ConnectionPorts): void {
  const end = ports.certificateEnd(text);
  if (end === null) throw bad(`${where}: got no PEM certificate`);
  if (end < ports.clock.wall()) throw bad(`${where}: expired on ${new Date(end).toISOString().slice(0, 10)}`);
}

function checkPair(
  user: Place,
  { cert, key }: { readonly cert: string | null; readonly key: string | null },
  ports: ConnectionPorts,
): void {
  if (cert === null && key === null) return;
  if (cert === null || key === null) {
    const [given, missing] =
      cert === null ? ["client-key", "client-certificate"] : ["client-certificate", "client-key"];
    throw bad(`${user.label}: got ${given} without ${missing}`);
  }
  const fit = ports.keyFits(cert, key);
  if (fit === "encrypted")
    throw bad(`${user.label}: client-key: it is encrypted, and there is nobody to ask for the passphrase`);
  if (fit === "malformed") throw bad(`${user.label}: client-key: got no PEM private key`);
  if (fit === "mismatch") throw bad(`${user.label}: client-key: it does not belong to client-certificate`);
}

function bad(message: string): ConnectionError {
  return new ConnectionError("CERTIFICATE_INVALID", message);
}

function execPlan(user: Place): ExecPlan | null {
  if (memberOf(user.body, "auth-provider") !== undefined) {
    throw new ConnectionError(
      "KUBECONFIG_UNSUPPORTED",
      `${user.label}: auth-provider was removed from Kubernetes. Use an exec plugin`,
    );
  }
  const exec = memberOf(user.body, "exec");
  if (exec === undefined || exec === null) return null;
  const args = memberOf(exec, "args");
  const env = memberOf(exec, "env");
  const command = textOrNull(exec, "command") ?? "";
  // As kubectl does: a command with a slash is relative to its kubeconfig, any other is looked up in the PATH.
  const isRelative = command.includes("/") && !command.startsWith("/");
  return {
    apiVersion: textOrNull(exec, "apiVersion") ?? "",
    command: isRelative ? `${user.folder}/${command}` : command,
    args: Array.isArray(args) ? args.map(String) : [],
    env: Object.fromEntries(
      (Array.isArray(env) ? env : []).map((item: unknown) => [
        textOrNull(item, "name") ?? "",
        textOrNull(item, "value") ?? "",
      ]),
    ),
    interactiveMode: textOrNull(exec, "interactiveMode") ?? "IfAvailable",
  };
}

function authorizationOf(user: Place, ports: ConnectionPorts): Connection["authorization"] {
  const token = textOrNull(user.body, "token");
  const file = textOrNull(user.body, "tokenFile");
  const name = textOrNull(user.body, "username");
  if (file !== null) return fileToken(file.startsWith("/") ? file : `${user.folder}/${file}`, ports);
  if (token !== null) return async () => `Bearer ${token}`;
  if (name === null) return async () => null;
  const basic = new TextEncoder().encode(`${name}:${textOrNull(user.body, "password") ?? ""}`).toBase64();
  return async () => `Basic ${basic}`;
}

function impersonation(user: Place): Readonly<Record<string, string>> {
  const as = textOrNull(user.body, "as");
  const groups = memberOf(user.body, "as-groups");
  if (Array.isArray(groups) && groups.length > 1) {
    throw new ConnectionError(
      "KUBECONFIG_UNSUPPORTED",
      `${user.label}: as-groups: got ${groups.length}, want at most one`,
    );
  }
  if (memberOf(user.body, "as-user-extra") !== undefined) {
    throw new ConnectionError("KUBECONFIG_UNSUPPORTED", `${user.label}: as-user-extra is not supported`);
  }
  return {
    ...(as === null ? {} : { "impersonate-user": as }),
    ...(Array.isArray(groups) && groups.length === 1 ? { "impersonate-group": String(groups[0]) } : {}),
  };
}
