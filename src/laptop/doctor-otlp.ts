/** The doctor on OTLP: whether the collector that the environment names takes what would be pushed. */
import { currentVersion, type World } from "../host/index.ts";
import { systemRoots } from "../kube/connect/index.ts";
import { connectionPorts } from "../controller/index.ts";
import { type OtlpSettings, readOtlpSettings } from "../telemetry/index.ts";
import { oneLine, TransportError } from "../base/index.ts";
import { type Diagnosis, ok, problem, skipped, warning } from "./diagnosis.ts";
import type { Stage } from "./reading.ts";

/** An export without a metric: it is answered like any other, and leaves nothing behind. */
const EMPTY = { json: '{"resourceMetrics":[]}', protobuf: "" } as const;
const TYPES = { json: "application/json", protobuf: "application/x-protobuf" } as const;
const DEADLINE_MS = 5000;

/** Pushes nothing at all to it, and sees what it says. */
export async function otlpDiagnosis({ world, stopping }: Stage): Promise<Diagnosis> {
  const name = "OTLP";
  const { settings, warnings } = readOtlpSettings(world.env, currentVersion(world.platform).version);
  if (settings === null) {
    const [first] = warnings;
    if (first !== undefined)
      return warning(
        name,
        first,
        "Set OTEL_EXPORTER_OTLP_ENDPOINT to the collector's address for http/protobuf, usually port 4318.",
      );
    return skipped(
      name,
      "OTEL_EXPORTER_OTLP_ENDPOINT is not set here, so nothing is pushed. Set it as the controller has it to try it",
    );
  }
  const { host, pathname, search } = new URL(settings.url);
  try {
    const reply = await push(settings, `${pathname}${search}`, { world, stopping });
    const said = new TextDecoder()
      .decode(reply.body)
      .replaceAll(/[\s\p{C}\uFFFD]+/gu, " ")
      .trim()
      .slice(0, 200);
    if (reply.status >= 200 && reply.status < 300)
      return ok(name, `${host} takes ${settings.format} (${reply.status})`);
    const saw = `${settings.url}: got ${reply.status}${said === "" ? "" : `: ${said}`}, want 200`;
    return problem(name, saw, reply.status === 404 ? PATH : ACCEPT);
  } catch (error) {
    const why = error instanceof TransportError ? error.clause : oneLine(error);
    return problem(name, `${settings.url}: ${why}`, REACH);
  }
}

const PATH =
  "Correct the path: OTEL_EXPORTER_OTLP_ENDPOINT gets /v1/metrics behind it, the one for metrics alone does not.";
const ACCEPT =
  "Let the collector take metrics by OTLP over HTTP: its receiver, its credentials in OTEL_EXPORTER_OTLP_HEADERS, its limits.";
const REACH =
  "Start the collector, or correct the address: OTLP over HTTP, usually port 4318 (4317 is gRPC, which is not spoken).";

async function push(
  settings: OtlpSettings,
  path: string,
  { world, stopping }: Stage,
): Promise<{ readonly status: number; readonly body: Uint8Array }> {
  const { origin, protocol } = new URL(settings.url);
  const [ca, cert, key] = await Promise.all([
    textOf(settings.files.ca, world),
    textOf(settings.files.cert, world),
    textOf(settings.files.key, world),
  ]);
  const roots = ca === null && protocol === "https:" ? await systemRoots(connectionPorts(world, stopping)) : ca;
  const transport = world.transports.api({
    origin,
    tls: { ca: roots, cert, key, serverName: null, insecure: false },
    authorization: () => Promise.resolve(null),
    userAgent: `tidekeeper/${currentVersion(world.platform).version}`,
  });
  return transport.request(
    {
      method: "POST",
      path,
      headers: { ...settings.headers, "content-type": TYPES[settings.format] },
      body: EMPTY[settings.format],
    },
    { deadlineMs: DEADLINE_MS, maxBytes: 64 * 1024, truncate: true, signal: stopping },
  );
}

async function textOf(
  file: { readonly value: string } | null,
  { files }: Pick<World, "files">,
): Promise<string | null> {
  if (file === null) return null;
  const read = await files.readText(file.value);
  if (!read.ok) throw new Error(read.message);
  return read.text;
}
