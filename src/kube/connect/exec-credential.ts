/** Credentials from a program, as kubeconfig's `user.exec` asks. Source: client.authentication.k8s.io. */
import { field, plainLine, textAt } from "../../base/index.ts";
import { ConnectionError } from "./connection-error.ts";
import type { ConnectionPorts } from "./connection.ts";

/** What a program gave: a token, or a client certificate with its key. `until` = Unix milliseconds, null = no end told. */
export interface ExecCredential {
  readonly token: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly until: number | null;
}

/** How to run it, as the kubeconfig says. */
export interface ExecPlan {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly interactiveMode: string;
  /** How to get the program, for people; empty when the kubeconfig does not say. */
  readonly installHint: string;
  /** The cluster, for programs that ask to be told (`provideClusterInfo`); null for the others. */
  readonly cluster: Readonly<Record<string, unknown>> | null;
}

const DEADLINE_MS = 15_000;
/** Where somebody at a terminal is asked: to open a page, type a code there and confirm it on a telephone. */
const ASKING_DEADLINE_MS = 5 * 60_000;
const MAX_BYTES = 1024 * 1024;
/** Longest hint and longest end of what the program said that is told. */
const TOLD_CHARS = 300;
const VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
const MODES = ["Never", "IfAvailable", "Always"];

/** Why a plan cannot be run at all; null when it can. */
export function execRefusal(plan: ExecPlan, { isTerminal }: Pick<ConnectionPorts, "isTerminal">): string | null {
  if (plan.command === "") return "exec: command: got nothing, want a program";
  if (!VERSIONS.includes(plan.apiVersion)) {
    return `exec: apiVersion: got "${plan.apiVersion}", want ${VERSIONS.join(" or ")}`;
  }
  if (!MODES.includes(plan.interactiveMode)) {
    return `exec: interactiveMode: got "${plan.interactiveMode}", want ${MODES.join(", ")}`;
  }
  if (plan.interactiveMode === "Always" && !isTerminal.stdin) {
    return `exec: ${plan.command}: interactiveMode Always needs a terminal on standard input, and there is none. Run it from one, or take a program that asks nobody`;
  }
  return null;
}

/** Runs the program and reads what it printed. */
export async function execCredential(plan: ExecPlan, ports: ConnectionPorts): Promise<ExecCredential> {
  const interactive = plan.interactiveMode !== "Never" && ports.isTerminal.stdin;
  const spec = { interactive, ...(plan.cluster === null ? {} : { cluster: plan.cluster }) };
  const info = { apiVersion: plan.apiVersion, kind: "ExecCredential", spec };
  const own = Object.entries(ports.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  // Somebody who reads what the program says can do it, even where nothing can be typed.
  const isAttended = interactive || ports.isTerminal.stderr;
  const deadlineMs = isAttended ? ASKING_DEADLINE_MS : DEADLINE_MS;
  const reply = await ports.exec({
    command: plan.command,
    args: plan.args,
    // All of it, as kubectl gives it: a program finds its login by variables that only it knows.
    env: { ...Object.fromEntries(own), ...plan.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    deadlineMs,
    maxBytes: MAX_BYTES,
    takesInput: interactive,
    showsErrors: isAttended,
  });
  const where = `credential plugin ${plan.command}`;
  const said = tailOf(reply.stderr);
  if (reply.failure === "absent") throw pluginError(`${where}: not found. ${hintOf(plan.installHint)}`);
  if (reply.failure === "timeout") {
    const hint = isAttended ? "" : ". If it asks somebody to log in, do that beforehand, where there is a terminal";
    throw pluginError(`${where}: gave no credential within ${deadlineMs / 1000}s${said}${hint}`);
  }
  if (reply.failure === "tooLarge") throw pluginError(`${where}: printed more than 1 MiB`);
  if (reply.failure === "calledOff") throw pluginError(`${where}: called off before it gave a credential`);
  if (reply.code !== 0) throw pluginError(`${where}: exit code ${reply.code}${said}`);
  return parse(reply.stdout, { where, apiVersion: plan.apiVersion });
}

async function parse(
  text: string,
  want: { readonly where: string; readonly apiVersion: string },
): Promise<ExecCredential> {
  const { where } = want;
  const credential = await parseOutput(text, where);
  const version = field(credential, "apiVersion");
  if (version !== want.apiVersion) {
    throw pluginError(`${where}: apiVersion: got "${String(version).slice(0, 64)}", want ${want.apiVersion}`);
  }
  const status = field(credential, "status");
  const token = textAt(status, "token") || null;
  const cert = textAt(status, "clientCertificateData") || null;
  const key = textAt(status, "clientKeyData") || null;
  if ((cert === null) !== (key === null)) {
    throw pluginError(`${where}: got a client certificate without its key, or a key alone, want both`);
  }
  if (token === null && cert === null) {
    throw pluginError(`${where}: got neither status.token nor a client certificate with its key`);
  }
  return { token, cert, key, until: endOf(field(status, "expirationTimestamp"), where) };
}

/** An end that cannot be read must not pass for none: the credential would be used for ever. */
function endOf(value: unknown, where: string): number | null {
  if (value === undefined || value === null) return null;
  const end = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(end)) throw pluginError(`${where}: status.expirationTimestamp: got no time, want RFC 3339`);
  return end;
}

/** JSON, as all known programs print; or YAML, which kubectl reads too. */
async function parseOutput(text: string, where: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    const { readYaml } = await import("./kubeconfig-yaml.ts");
    const reading = readYaml(text);
    if ("value" in reading && field(reading.value, "apiVersion") !== undefined) return reading.value;
    throw pluginError(`${where}: printed no ExecCredential in JSON`);
  }
}

function pluginError(message: string): ConnectionError {
  return new ConnectionError("CREDENTIAL_PLUGIN_FAILED", message);
}

function tailOf(stderr: string): string {
  const tail = plainLine(stderr, Number.POSITIVE_INFINITY)
    .slice(-TOLD_CHARS)
    .replace(/[.\s]+$/, "");
  return tail === "" ? "" : `: ${tail}`;
}

function hintOf(installHint: string): string {
  const hint = plainLine(installHint, TOLD_CHARS);
  return hint === "" ? "Install it, or put it on the PATH" : hint;
}
