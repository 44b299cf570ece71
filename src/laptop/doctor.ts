/** `tidekeeper doctor`: what keeps a controller from working here, each finding with its remedy. */
import { folded } from "../base/index.ts";
import type { DoctorConfig } from "../config/index.ts";
import { loadDetectors } from "../controller/index.ts";
import { ConnectionError } from "../kube/connect/index.ts";
import { type Diagnosis, ok, problem, skipped, warning } from "./diagnosis.ts";
import { clockDiagnosis, connectionDiagnosis, credentialDiagnosis, serverDiagnosis } from "./doctor-connection.ts";
import { crdDiagnosis } from "./doctor-crd.ts";
import { leaseDiagnoses } from "./doctor-leases.ts";
import { otlpDiagnosis } from "./doctor-otlp.ts";
import { permissionDiagnoses } from "./doctor-permissions.ts";
import { sidecarDiagnoses } from "./doctor-sidecars.ts";
import { Failure } from "./failure.ts";
import { type SeenLeases, seeLeases, USUAL_NAMESPACE } from "./leases.ts";
import { dataText, readerOf } from "./output.ts";
import { platformHere } from "./platform-here.ts";
import { openReading, type Reading, type Stage } from "./reading.ts";
import { painted, type Reader } from "./table.ts";

/** `tidekeeper doctor`. Returns the exit code: 0 all is well, 1 something is not. */
export async function doctor(config: DoctorConfig, stage: Stage): Promise<0 | 1> {
  const { world } = stage;
  const list = await loadDetectors({ plugins: config.plugins, detectors: null }, world.timers);
  if (!list.ok) throw new Failure(list.problems, 2);
  const plugins = list.detectors.flatMap(({ detector }) => detector.rbac ?? []);
  const found = await examine(config, stage, plugins);
  await world.write("stdout", doctorText(found, config, readerOf(world)));
  return found.some(({ state }) => state === "problem") ? 1 : 0;
}

async function examine(
  config: DoctorConfig,
  stage: Stage,
  plugins: Parameters<typeof permissionDiagnoses>[1]["plugins"],
): Promise<readonly Diagnosis[]> {
  const otlp = otlpDiagnosis(stage);
  let reading: Reading;
  try {
    reading = await openReading(config, stage);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const remedy = "Correct what the message names, or choose another file or context: --kubeconfig, --context.";
    return [problem("connection", error.message, remedy), await otlp];
  }
  const [credential, server] = await Promise.all([credentialDiagnosis(reading), serverDiagnosis(reading)]);
  const first = [connectionDiagnosis(reading), credential, server.diagnosis];
  if (!server.isAnswered) {
    return [...first, skipped("the rest", "nothing else can be looked at before the API server answers"), await otlp];
  }
  const leases = await seeLeases(reading, config.leaderElectNamespace);
  const alive = leases.ours.find(({ isAlive }) => isAlive);
  const home = config.leaderElectNamespace ?? alive?.namespace ?? leases.ours[0]?.namespace ?? USUAL_NAMESPACE;
  const [crd, permissions, sidecars, platform] = await Promise.all([
    crdDiagnosis(reading),
    permissionDiagnoses(reading, { user: server.user, home, plugins }),
    sidecarDiagnoses(reading, config.sidecarTransport),
    platformDiagnosis(reading, leases),
  ]);
  return [
    ...first,
    clockDiagnosis(reading),
    crd,
    ...permissions,
    ...leaseDiagnoses(leases),
    platform,
    ...sidecars,
    await otlp,
  ];
}

async function platformDiagnosis(reading: Reading, leases: SeenLeases): Promise<Diagnosis> {
  const name = "platform";
  try {
    const { note } = await platformHere(reading, { platformConfig: null }, () => Promise.resolve(leases.ours));
    if (note === null) return ok(name, "its inputs are well");
    return warning(
      name,
      note,
      "Grant get on the ConfigMap: without it the verdicts of drift and explain may differ from the controller's.",
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return problem(name, error.message, "Correct the file (docs/platform.md): a controller does not start with it.");
  }
}

/** What is printed. */
export function doctorText(
  found: readonly Diagnosis[],
  { output }: Pick<DoctorConfig, "output">,
  reader: Reader,
): string {
  if (output !== "text") return dataText({ kind: "Diagnoses", items: found }, output);
  const width = Math.max(...found.map(({ name }) => name.length));
  const columns = reader.columns ?? Number.POSITIVE_INFINITY;
  const problems = found.filter(({ state }) => state === "problem").length;
  const end =
    problems === 0 ? "Nothing keeps a controller from working here." : `${problems} of ${found.length} to mend.`;
  return [...found.flatMap((one) => linesOf(one, width, { reader, columns })), "", end, ""].join("\n");
}

const MARKS = { ok: "ok", warning: "warn", problem: "FAIL", skipped: "-" } as const;
const COLORS = { ok: "green", warning: "yellow", problem: "red", skipped: "dim" } as const;

function linesOf(
  { name, state, saw, remedy, yaml }: Diagnosis,
  width: number,
  { reader, columns }: { readonly reader: Reader; readonly columns: number },
): readonly string[] {
  const mark = MARKS[state].padEnd(4);
  const indent = " ".repeat(width + 8);
  const line = folded(`${mark}  ${name.padEnd(width)}  ${saw}`, columns, indent);
  return [
    reader.color ? line.replace(mark, painted(mark, COLORS[state])) : line,
    ...(remedy === undefined ? [] : [folded(`${indent}What to do: ${remedy}`, columns, indent)]),
    ...(yaml === undefined
      ? []
      : yaml
          .trimEnd()
          .split("\n")
          .map((row) => `${indent}${row}`)),
  ];
}
