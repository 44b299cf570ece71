/** The program that a kubeconfig names for credentials, and what it learns of the cluster. */
import type { ExecPlan } from "./exec-credential.ts";
import { invalidError, isSet, listOf, memberOf, type Place, textOrNull } from "./kubeconfig.ts";
import { hasOwnCa, type Trust } from "./kubeconfig-tls.ts";

/** The plan of `user.exec`, which must be there. */
export function execPlan(user: Place, cluster: Readonly<Record<string, unknown>>): ExecPlan {
  const exec = memberOf(user.body, "exec");
  const command = textOrNull(exec, "command") ?? "";
  // As kubectl does: a command with a slash is relative to its kubeconfig, any other is looked up in the PATH.
  const isRelative = command.includes("/") && !command.startsWith("/");
  const apiVersion = textOrNull(exec, "apiVersion") ?? "";
  return {
    apiVersion,
    command: isRelative ? `${user.folder}/${command}` : command,
    args: listOf(exec, "args", `${user.label}: exec`),
    env: environmentOf(exec, user),
    // The newer form wants it said; in the older one it was optional.
    interactiveMode: textOrNull(exec, "interactiveMode") ?? (apiVersion.endsWith("/v1") ? "" : "IfAvailable"),
    installHint: textOrNull(exec, "installHint") ?? "",
    cluster: isSet(exec, "provideClusterInfo") ? cluster : null,
  };
}

function environmentOf(exec: unknown, user: Place): Readonly<Record<string, string>> {
  const env = memberOf(exec, "env") ?? [];
  if (!Array.isArray(env)) throw invalidError(`${user.label}: exec: env: got something else, want a list`);
  const pairs = env.map((item: unknown) => [textOrNull(item, "name") ?? "", textOrNull(item, "value") ?? ""] as const);
  if (pairs.some(([name]) => name === ""))
    throw invalidError(`${user.label}: exec: env: got an entry without a name, want a name`);
  // What comes later wins, as in an environment that is a list.
  return Object.fromEntries(pairs);
}

/** What `provideClusterInfo` tells a credential program. */
export function clusterInfo(
  cluster: Place,
  { server, trust }: { readonly server: URL; readonly trust: Trust },
): Readonly<Record<string, unknown>> {
  const extensions = memberOf(cluster.body, "extensions");
  const own: unknown = Array.isArray(extensions)
    ? extensions.find((one: unknown) => memberOf(one, "name") === "client.authentication.k8s.io/exec")
    : undefined;
  const proxy = textOrNull(cluster.body, "proxy-url");
  const { ca } = trust;
  return {
    server: server.href.replace(/\/$/, ""),
    ...(trust.serverName === null ? {} : { "tls-server-name": trust.serverName }),
    ...(trust.insecure ? { "insecure-skip-tls-verify": true } : {}),
    ...(ca === null || !hasOwnCa(cluster)
      ? {}
      : { "certificate-authority-data": new TextEncoder().encode(ca).toBase64() }),
    ...(proxy === null ? {} : { "proxy-url": proxy }),
    ...(isSet(cluster.body, "disable-compression") ? { "disable-compression": true } : {}),
    config: memberOf(own, "extension") ?? null,
  };
}
