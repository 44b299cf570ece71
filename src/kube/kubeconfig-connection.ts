import { type Connection, ConnectionError, type ConnectionPorts, type ConnectionTls, fileToken } from "./connection.ts";
import { type ExecCredential, type ExecPlan, execRefusal } from "./exec-credential.ts";
import { execCredentials } from "./exec-credentials.ts";
import { invalid, isSet, type Kubeconfig, memberOf, readKubeconfig, textOrNull } from "./kubeconfig.ts";

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
  const trust = await trustOf(cluster, ports);
  const headers = impersonation(user);
  oneIdentity(user);
  const exec = execPlan(user, clusterInfo(cluster, server, trust));
  const refusal = exec === null ? null : execRefusal(exec);
  if (refusal !== null) throw unsupported(`${user.label}: ${refusal}`);
  const credential = exec === null ? null : execCredentials(exec, ports);
  const renewTls = async (force: boolean): Promise<ConnectionTls> => {
    const given = (await credential?.renewed(force)) ?? null;
    return { ...(await trustOf(cluster, ports)), ...(await pairOf(user, { ports, credential: given })) };
  };
  const tls = await renewTls(false);
  const authorization = credential?.authorization ?? (await authorizationOf(user, ports));
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
    headers,
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
  if (url.username !== "" || url.password !== "") {
    throw invalid(`${cluster.label}: server: got a URL with a user in it, want one without`);
  }
  if (textOrNull(cluster.body, "proxy-url") !== null) {
    throw unsupported(`${cluster.label}: proxy-url is not supported. Reach the server without a proxy`);
  }
  return url;
}

type Trust = Pick<ConnectionTls, "ca" | "serverName" | "insecure">;

/** Whom to trust. As kubectl: a CA beside `insecure-skip-tls-verify` is refused, since one of the two is a mistake. */
async function trustOf(cluster: Place, ports: ConnectionPorts): Promise<Trust> {
  const ca = await pem(cluster, "certificate-authority", ports);
  const insecure = isSet(cluster.body, "insecure-skip-tls-verify");
  if (ca !== null && insecure) {
    throw invalid(
      `${cluster.label}: got insecure-skip-tls-verify and certificate-authority, want one. Remove the first`,
    );
  }
  if (ca !== null) checkBundle(ca, `${cluster.label}: certificate-authority`, ports);
  return { ca, serverName: textOrNull(cluster.body, "tls-server-name"), insecure };
}

async function pairOf(
  user: Place,
  { ports, credential }: { readonly ports: ConnectionPorts; readonly credential: ExecCredential | null },
): Promise<Pick<ConnectionTls, "cert" | "key">> {
  const cert = (await pem(user, "client-certificate", ports)) ?? credential?.cert ?? null;
  const key = (await pem(user, "client-key", ports)) ?? credential?.key ?? null;
  if (cert !== null) checkCertificate(cert, `${user.label}: client-certificate`, ports);
  checkPair(user, { cert, key }, ports);
  return { cert, key };
}

/** A PEM text from `<name>-data` (base64), else from the file that `<name>` names. */
async function pem(at: Place, name: string, ports: ConnectionPorts): Promise<string | null> {
  const data = textOrNull(at.body, `${name}-data`);
  const path = textOrNull(at.body, name);
  if (data !== null && path !== null) throw bad(`${at.label}: got ${name} and ${name}-data, want one`);
  if (data !== null) return decoded(data, `${at.label}: ${name}-data`);
  return path === null ? null : fileText(at, { name, path }, ports);
}

function decoded(data: string, where: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.fromBase64(data.replaceAll(/\s/g, "")));
  } catch {
    throw bad(`${where}: got no base64`);
  }
}

/** The text of a file that the kubeconfig names. */
async function fileText(
  at: Place,
  { name, path }: { readonly name: string; readonly path: string },
  ports: ConnectionPorts,
): Promise<string> {
  const absolute = located(at, path);
  const text = await ports.readFile(absolute).catch((error: unknown) => {
    throw bad(`${at.label}: ${name}: ${error instanceof Error ? error.message : `${absolute} cannot be read`}`);
  });
  if (text === null) throw bad(`${at.label}: ${name}: no such file ${absolute}`);
  return text;
}

function located(at: Place, path: string): string {
  return path.startsWith("/") ? path : `${at.folder}/${path}`;
}

/** A bundle may hold an authority that is over while its successor is there already. */
function checkBundle(text: string, where: string, ports: ConnectionPorts): void {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [text];
  const isGood = (block: string): boolean => (ports.certificateEnd(block) ?? 0) >= ports.clock.wall();
  if (!blocks.some(isGood)) checkCertificate(text, where, ports);
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

function unsupported(message: string): ConnectionError {
  return new ConnectionError("KUBECONFIG_UNSUPPORTED", message);
}

/** Two credentials of which one would be ignored are refused. A token beside its file is the file's first text. */
function oneIdentity(user: Place): void {
  const given = [
    ...((memberOf(user.body, "exec") ?? null) === null ? [] : ["exec"]),
    ...(textOrNull(user.body, "token") === null && textOrNull(user.body, "tokenFile") === null ? [] : ["token"]),
    ...(textOrNull(user.body, "username") === null ? [] : ["username"]),
  ];
  if (given.length > 1) throw invalid(`${user.label}: got ${given.join(" and ")}, want one of them`);
}

/** What `provideClusterInfo` tells a credential program. */
function clusterInfo(cluster: Place, server: URL, trust: Trust): Readonly<Record<string, unknown>> {
  const extensions = memberOf(cluster.body, "extensions");
  const own: unknown = Array.isArray(extensions)
    ? extensions.find((one: unknown) => memberOf(one, "name") === "client.authentication.k8s.io/exec")
    : undefined;
  return {
    server: server.href.replace(/\/$/, ""),
    ...(trust.serverName === null ? {} : { "tls-server-name": trust.serverName }),
    ...(trust.insecure ? { "insecure-skip-tls-verify": true } : {}),
    ...(trust.ca === null ? {} : { "certificate-authority-data": new TextEncoder().encode(trust.ca).toBase64() }),
    config: memberOf(own, "extension") ?? null,
  };
}

function bad(message: string): ConnectionError {
  return new ConnectionError("CERTIFICATE_INVALID", message);
}

function execPlan(user: Place, cluster: Readonly<Record<string, unknown>>): ExecPlan | null {
  if (memberOf(user.body, "auth-provider") !== undefined) {
    throw unsupported(`${user.label}: auth-provider was removed from Kubernetes. Use an exec plugin`);
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
    installHint: textOrNull(exec, "installHint") ?? "",
    cluster: isSet(exec, "provideClusterInfo") ? cluster : null,
  };
}

async function authorizationOf(user: Place, ports: ConnectionPorts): Promise<Connection["authorization"]> {
  const token = textOrNull(user.body, "token");
  const file = textOrNull(user.body, "tokenFile");
  const name = textOrNull(user.body, "username");
  if (file !== null) {
    // Without its token the program would go on as nobody.
    const text = await fileText(user, { name: "tokenFile", path: file }, ports);
    if (text.trim() === "") throw invalid(`${user.label}: tokenFile: ${located(user, file)} is empty, want a token`);
    return fileToken(located(user, file), ports);
  }
  if (token !== null) return async () => `Bearer ${token}`;
  if (name === null) return async () => null;
  const basic = new TextEncoder().encode(`${name}:${textOrNull(user.body, "password") ?? ""}`).toBase64();
  return async () => `Basic ${basic}`;
}

function impersonation(user: Place): Readonly<Record<string, string>> {
  const as = textOrNull(user.body, "as");
  const uid = textOrNull(user.body, "as-uid");
  const groups = memberOf(user.body, "as-groups") ?? [];
  if (!Array.isArray(groups)) throw invalid(`${user.label}: as-groups: got no list, want one`);
  // Headers are one text each, and the API server wants a header for every group.
  if (groups.length > 1) throw unsupported(`${user.label}: as-groups: got ${groups.length}, want at most one`);
  if (memberOf(user.body, "as-user-extra") !== undefined)
    throw unsupported(`${user.label}: as-user-extra is not supported`);
  if (as === null && (uid !== null || groups.length > 0)) {
    throw invalid(`${user.label}: got ${uid === null ? "as-groups" : "as-uid"} without as, want the user too`);
  }
  return {
    ...(as === null ? {} : { "impersonate-user": as }),
    ...(uid === null ? {} : { "impersonate-uid": uid }),
    ...(groups.length === 1 ? { "impersonate-group": String(groups[0]) } : {}),
  };
}
