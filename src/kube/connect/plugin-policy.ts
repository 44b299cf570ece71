/** Which programs kubectl's own preferences (`kuberc`) let a kubeconfig run. */
import { messageOf } from "../../base/index.ts";
import type { ConnectionPorts } from "./connection.ts";
import { invalidError, memberOf, textOrNull } from "./kubeconfig.ts";

/** Why this program may not be run; null where it may. Throws where the preferences cannot be read. */
export async function policyRefusal(command: string, ports: ConnectionPorts): Promise<string | null> {
  const preferences = await preferencesOf(ports);
  if (preferences === null) return null;
  const { path, value } = preferences;
  const policy = textOrNull(value, "credentialPluginPolicy") ?? "AllowAll";
  if (policy === "AllowAll") return null;
  if (policy === "DenyAll") return `exec: ${command}: kuberc ${path} lets no credential plugin run`;
  if (policy !== "Allowlist") {
    throw invalidError(`kuberc ${path}: credentialPluginPolicy: got "${policy}", want AllowAll, DenyAll or Allowlist`);
  }
  const isAllowed = await isOneOf(allowedBy(value), command, ports);
  return isAllowed ? null : `exec: ${command}: it is not in credentialPluginAllowlist of kuberc ${path}`;
}

/** What `KUBERC` names, else `~/.kube/kuberc`; null where there is none, or where they are switched off. */
async function preferencesOf(
  ports: ConnectionPorts,
): Promise<{ readonly path: string; readonly value: unknown } | null> {
  const named = ports.env["KUBERC"] ?? "";
  if (named === "off" || /^(?:false|f|0)$/i.test(ports.env["KUBECTL_KUBERC"] ?? "")) return null;
  const path = named === "" ? `${ports.homeDirectory}/.kube/kuberc` : named;
  const text = await ports.readFile(path).catch((error: unknown) => {
    throw invalidError(`kuberc ${path}: ${messageOf(error)}`);
  });
  if (text === null) {
    if (named === "") return null;
    throw invalidError(`kuberc ${path}: no such file, though KUBERC names it`);
  }
  const { readYaml } = await import("./kubeconfig-yaml.ts");
  const reading = readYaml(text);
  if ("fault" in reading) throw invalidError(`kuberc ${path}: no YAML: ${reading.fault}`);
  return { path, value: reading.value };
}

/** By the same words, or by the file that both are. */
async function isOneOf(allowed: readonly string[], command: string, ports: ConnectionPorts): Promise<boolean> {
  if (allowed.includes(command)) return true;
  const own = await locate(command, ports);
  const others = await Promise.all(allowed.map((one) => locate(one, ports)));
  return own !== null && others.includes(own);
}

function allowedBy(preferences: unknown): readonly string[] {
  const list = memberOf(preferences, "credentialPluginAllowlist");
  const entries: readonly unknown[] = Array.isArray(list) ? list : [];
  return entries.flatMap((entry) => textOrNull(entry, "command") ?? textOrNull(entry, "name") ?? []);
}

/** The file that a command is, by `PATH` where it has no slash; null where there is none. */
async function locate(command: string, { env, fileMode }: ConnectionPorts): Promise<string | null> {
  const folders = command.includes("/") ? [""] : (env["PATH"] ?? "").split(":").map((folder) => `${folder || "."}/`);
  for (const folder of folders) {
    if (((await fileMode(folder + command)) ?? 0) & 0o111) return folder + command;
  }
  return null;
}
