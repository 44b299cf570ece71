/** The core's port to sidecars, and the way from a node and its Pod to its sidecar, over the route that this process can go. */
import type { OwnedObjects, SeiNode, SidecarHealth, SidecarView } from "../model/index.ts";
import { type SidecarAddress, type Sidecars, thrownText } from "../core/index.ts";
import type { Effects } from "../executor/index.ts";
import type { ApiTransport, Clock, DirectTransport, Permit } from "../base/index.ts";
import { gateHistory } from "../model/gate/index.ts";
import { createSidecar, type Sidecar, type SidecarHealth as Probed } from "../sidecar/index.ts";
import { canAnswer } from "./owned-objects.ts";

/** How sidecars are reached. */
export interface SidecarAccess {
  readonly route: "direct" | "apiserver";
  readonly direct: DirectTransport;
  readonly api: Pick<ApiTransport, "request">;
  /** The port that the spec asks for, where a Pod does not say which one it has. */
  readonly portOf: (node: SeiNode) => number;
}

/** Where the sidecar of the node's Pod is; null while no Pod could answer. A terminating Pod is never asked. */
export function addressOf(access: SidecarAccess, node: SeiNode, { pod }: OwnedObjects): SidecarAddress | null {
  if (!canAnswer(pod)) return null;
  // An edited port reaches the Pod only when it is replaced: until then its sidecar listens where it did.
  return { host: access.route === "direct" ? pod.ip : pod.name, port: pod.sidecarPort ?? access.portOf(node) };
}

/** The sidecar at an address. */
function sidecarAt(access: SidecarAccess, namespace: string, { host, port }: SidecarAddress): Sidecar {
  const route =
    access.route === "direct"
      ? ({ kind: "direct", host, port } as const)
      : ({ kind: "apiserver", namespace, pod: host, port } as const);
  return createSidecar({ route, direct: access.direct, api: access.api });
}

/** The sidecar of the node's Pod; null while no Pod could answer. */
export function sidecarOf(access: SidecarAccess, node: SeiNode, owned: OwnedObjects): Sidecar | null {
  const address = addressOf(access, node, owned);
  return address === null ? null : sidecarAt(access, node.metadata.namespace, address);
}

/** A probe as detectors hear of it: the tasks behind a shut gate, judged, so that nobody has to keep a hundred of them. */
export function toSidecarHealth(health: Probed): SidecarHealth {
  return health.state === "notReady" ? { state: "notReady", history: gateHistory(health.tasks) } : health;
}

/** Whether the gate at an address is open, asked between reconciles. Never rejects: what nobody expected is a failed probe. */
export async function healthAt(
  access: SidecarAccess,
  { namespace, address }: { readonly namespace: string; readonly address: SidecarAddress },
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<SidecarHealth> {
  try {
    return toSidecarHealth(await sidecarAt(access, namespace, address).health(signal, deadlineMs));
  } catch (error) {
    return { state: "probeError", cause: `the sidecar could not be asked: ${thrownText(error)}` };
  }
}

/** The same for reading only, with the deadline of a probe; `probed` hears of each and how long it took. */
export function sidecarView(
  sidecar: Sidecar | null,
  { deadlineMs, clock }: { readonly deadlineMs: number; readonly clock: Pick<Clock, "mono"> },
  probed: (health: SidecarHealth, tookMs: number) => void,
): SidecarView | null {
  if (sidecar === null) return null;
  return {
    async health(signal) {
      const from = clock.mono();
      const health = toSidecarHealth(await sidecar.health(signal, deadlineMs));
      probed(health, clock.mono() - from);
      return health;
    },
    tasks: (signal) => sidecar.tasks(signal),
  };
}

/** Builds the port; `probed` hears of each probe. */
export function sidecarsPort(
  access: SidecarAccess,
  { clock, probed }: { readonly clock: Pick<Clock, "mono">; readonly probed: Probes },
): Sidecars {
  return {
    view: (node, owned, deadlineMs) =>
      sidecarView(sidecarOf(access, node, owned), { deadlineMs, clock }, ({ state }, tookMs) =>
        probed(node.metadata.namespace, OUTCOMES[state], tookMs),
      ),
    address: (node, owned) => addressOf(access, node, owned),
    async probe(where, limits) {
      const from = clock.mono();
      const health = await healthAt(access, where, limits);
      probed(where.namespace, OUTCOMES[health.state], clock.mono() - from);
      return health;
    },
  };
}

type Probes = (namespace: string, outcome: string, tookMs: number) => void;

/** How a probe is counted. */
const OUTCOMES = {
  ready: "ready",
  notReady: "not_ready",
  unreachable: "unreachable",
  probeError: "probe_error",
} as const;

/** Hands tasks to the sidecar of exactly the Pod that was proven. */
export function submitTo(
  access: SidecarAccess,
  ownedBy: (node: SeiNode) => OwnedObjects,
  permit: Permit,
): Effects["submit"] {
  return async ({ node, pod }, task, signal) => {
    const sidecar = sidecarOf(access, node, { ...ownedBy(node), pod });
    if (sidecar === null) return { kind: "unreachable", cause: "there is no Pod that could answer" };
    return sidecar.submit(task, signal, permit);
  };
}
