/** Opens a cluster and judges nodes of it, with the detectors and inputs that a command was given. */
import type { Cluster, Judging } from "../config/index.ts";
import { loadDetectors } from "../controller/index.ts";
import type { RegisteredDetector } from "../model/index.ts";
import { Failure } from "./failure.ts";
import { type FleetJudgement, judgeFleet } from "./judge-fleet.ts";
import { type SeenLeases, seeLeases } from "./leases.ts";
import { platformHere } from "./platform-here.ts";
import { openReading, type Reading, type Stage } from "./reading.ts";

/** A cluster that was looked at. */
export interface Judged {
  readonly reading: Reading;
  readonly fleet: FleetJudgement;
  readonly detectors: readonly RegisteredDetector[];
  readonly leases: () => Promise<SeenLeases>;
}

/** In a cluster a Pod's address can be dialled; from elsewhere the API server's proxy leads there. */
const ROUTES = { "in-cluster": "direct", kubeconfig: "apiserver" } as const;

/** Which of the two routes to sidecars is gone. */
export function routeOf(
  transport: Judging["sidecarTransport"],
  { connection }: Pick<Reading, "connection">,
): "direct" | "apiserver" {
  return transport === "auto" ? ROUTES[connection.source] : transport;
}

/** Judges. Rejects with `Failure` or `ConnectionError` where that cannot be. */
export async function judgedWith(
  config: Cluster & Judging & { readonly command: string },
  which: { readonly selector: string | null; readonly nodes: readonly string[] },
  stage: Stage,
): Promise<Judged> {
  const list = await loadDetectors(config, stage.world.timers);
  if (!list.ok) throw new Failure(list.problems, 2);
  const reading = await openReading(config, stage);
  let looking: Promise<SeenLeases> | null = null;
  const leases = (): Promise<SeenLeases> => (looking ??= seeLeases(reading, null));
  const { platform, note } = await platformHere(reading, config, async () => (await leases()).ours);
  if (note !== null) await stage.world.write("stderr", `tidekeeper: warning: ${note}\n`);
  const fleet = await judgeFleet({
    reading,
    command: config.command,
    detectors: list.detectors,
    platform,
    route: routeOf(config.sidecarTransport, reading),
    // Not spread: a whole configuration may stand behind it.
    selector: which.selector,
    nodes: which.nodes,
  });
  return { reading, fleet, detectors: list.detectors, leases };
}
