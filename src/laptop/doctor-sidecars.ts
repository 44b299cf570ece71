/** The doctor on sidecars: whether those of some Pods answer, over either route. */
import { createSidecar, type SidecarHealth } from "../sidecar/index.ts";
import { NODE_LABEL, type PodView } from "../model/index.ts";
import { readPod } from "../seinode/read/index.ts";
import { canAnswer } from "../controller/index.ts";
import { type Diagnosis, ok, problem, skipped, warning } from "./diagnosis.ts";
import { rawList } from "./raw-list.ts";
import type { Reading } from "./reading.ts";

/** Enough to tell a closed port from one Pod that starts. */
const SAMPLE = 20;
const USUAL_PORT = 7777;

type Route = "apiserver" | "direct";

interface Asked {
  readonly pod: PodView;
  readonly health: SidecarHealth;
}

/** One finding for each route. */
export async function sidecarDiagnoses(reading: Reading, wanted: Route | "auto"): Promise<readonly Diagnosis[]> {
  const pods = await samplePods(reading);
  if (typeof pods === "string") return [skipped("sidecars", `Pods could not be listed: ${pods}`)];
  if (pods.length === 0) return [skipped("sidecars", "there is no Pod of a SeiNode that could answer")];
  const isInside = reading.connection.source === "in-cluster";
  const used: Route = wanted === "auto" ? (isInside ? "direct" : "apiserver") : wanted;
  const routes: readonly Route[] = ["apiserver", "direct"];
  return Promise.all(routes.map(async (route) => judged(route, route === used, await askAll(reading, pods, route))));
}

async function samplePods(reading: Reading): Promise<readonly PodView[] | string> {
  const { namespace } = reading;
  const path = namespace === null ? "/api/v1/pods" : `/api/v1/namespaces/${namespace}/pods`;
  const listed = await rawList(reading, path, { labelSelector: NODE_LABEL, limit: "500" });
  if (!listed.ok) return listed.fault.why;
  const pods = listed.value.map((raw) => readPod(raw)).filter((pod) => pod !== null);
  return pods.filter((pod) => canAnswer(pod) && pod.phase === "Running").slice(0, SAMPLE);
}

async function askAll(
  { api, world, stopping }: Reading,
  pods: readonly PodView[],
  route: Route,
): Promise<readonly Asked[]> {
  const direct = world.transports.direct();
  return Promise.all(
    pods.map(async (pod) => {
      const port = pod.sidecarPort ?? USUAL_PORT;
      const way =
        route === "direct"
          ? ({ kind: "direct", host: pod.ip ?? "", port } as const)
          : ({ kind: "apiserver", namespace: pod.namespace, pod: pod.name, port } as const);
      return { pod, health: await createSidecar({ route: way, direct, api }).health(stopping) };
    }),
  );
}

const NAMES = { apiserver: "sidecars through the API server", direct: "sidecars directly" } as const;

function judged(route: Route, isUsed: boolean, asked: readonly Asked[]): Diagnosis {
  const name = NAMES[route];
  const silent = asked.filter(({ health }) => health.state === "unreachable" || health.state === "probeError");
  const answered = asked.length - silent.length;
  const [first] = silent;
  if (first === undefined) return ok(name, `${answered} of ${asked.length} asked answered`);
  const why = "cause" in first.health ? first.health.cause : "";
  const saw = `${answered} of ${asked.length} asked answered; ${first.pod.namespace}/${first.pod.name}, port ${first.pod.sidecarPort ?? USUAL_PORT}: ${why}`;
  if (!isUsed) return { name, state: "skipped", saw: `${saw}. This route is not used from here` };
  return answered === 0 ? problem(name, saw, remedyOf(route)) : warning(name, saw, remedyOf(route));
}

function remedyOf(route: Route): string {
  const own =
    "Does the sidecar listen on the port that spec.sidecar.port names (7777 unless set), and does its container run? kubectl logs POD -c sei-sidecar";
  return route === "apiserver"
    ? `${own}. May we get pods/proxy, and does a NetworkPolicy let the API server in?`
    : `${own}. Does a NetworkPolicy let the controller in? --sidecar-transport apiserver goes another way.`;
}
