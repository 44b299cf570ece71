/** Starts the OTLP push that the environment asks for. */
import { messageOf } from "../base/index.ts";
import {
  type Instruments,
  type Logger,
  type NodeState,
  type OtlpPush,
  type OtlpSettings,
  readOtlpSettings,
  startOtlpPush,
} from "../telemetry/index.ts";
import { systemRoots } from "../kube/connect/index.ts";
import { connectionPorts } from "./connect.ts";
import { collectorAgent, type CollectorTls, currentVersion, type World } from "../host/index.ts";

/** What is pushed, and whom it is told. */
export interface PushOptions {
  readonly world: World;
  readonly log: Logger;
  readonly instruments: Instruments;
  readonly nodes: () => Iterable<NodeState>;
  readonly stopping: AbortSignal;
}

/** Starts the push that the environment asks for; null where it asks for none, or for one that cannot be made. */
export async function pushOtlp({ world, log, instruments, nodes, stopping }: PushOptions): Promise<OtlpPush | null> {
  const { settings, warnings } = readOtlpSettings(world.env, currentVersion(world.platform).version);
  for (const warning of warnings) log.warn("OTLP", { warning });
  if (settings === null) return null;
  const isPlain = settings.url.startsWith("http:");
  const tls = await tlsOf(settings, world, stopping);
  if ("problem" in tls) {
    log.error("OTLP", { problem: `otlp: ${tls.problem}${isPlain ? "" : ". Nothing is pushed"}` });
    if (!isPlain) return null;
  }
  return startOtlpPush({
    settings,
    instruments,
    nodes,
    agent: (onReply) => collectorAgent(settings.url, "problem" in tls ? NO_FILES : tls, onReply),
    timers: world.timers,
    onProblem: (problem) =>
      problem === null
        ? log.change("otlp", "info", "OTLP push works")
        : log.change("otlp", "warn", "OTLP push failed", { problem, next: "it is tried again with the next push" }),
  });
}

const NO_FILES: CollectorTls = { ca: null, cert: null, key: null };

/** The files that the environment names; also where the endpoint needs none of them, one that is missing is told. */
async function tlsOf(
  { url, files }: OtlpSettings,
  world: World,
  stopping: AbortSignal,
): Promise<CollectorTls | { readonly problem: string }> {
  const texts = new Map<string, string>();
  for (const [what, file] of Object.entries(files)) {
    if (file === null) continue;
    const read = await world.files.readText(file.value);
    if (!read.ok) return { problem: `${file.name}: ${read.message}` };
    if (!read.text.includes("-----BEGIN ")) {
      return { problem: `${file.name}: ${file.value}: got no PEM text, want a certificate or a key in PEM` };
    }
    texts.set(what, read.text);
  }
  const own = { ca: texts.get("ca") ?? null, cert: texts.get("cert") ?? null, key: texts.get("key") ?? null };
  if ((own.cert === null) !== (own.key === null)) {
    const [name] = [files.cert, files.key].flatMap((file) => (file === null ? [] : [file.name]));
    return { problem: `${name}: got a client certificate without its key, or a key alone, want both` };
  }
  if (own.ca !== null || url.startsWith("http:")) return own;
  try {
    return { ...own, ca: await systemRoots(connectionPorts(world, stopping)) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
