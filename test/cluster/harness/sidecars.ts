/**
 * `bun test/cluster/harness/sidecars.ts DIR`: what kwok does not play: every sidecar, and the volumes.
 *
 * Every Pod address ends up on this machine, so one process can listen on all of them: a sidecar that is
 * not up yet refuses connections for real. Tests steer it over a control port (`sidecarControl`).
 */
import { adminApi } from "./admin-api.ts";
import { follow } from "./follow.ts";
import { endPod } from "./pods.ts";
import { SidecarFleet, type SidecarPod } from "./sidecar-fleet.ts";
import { type Behaviour, CONTROL_PORT, type Selection } from "./sidecar-journal.ts";
import { takenAs } from "./taken-as.ts";
import { serveVolumes, storageClass } from "./volumes.ts";

/** One order of a test. */
export type Order =
  | { readonly do: "behave"; readonly selection: Selection; readonly behaviour: Partial<Behaviour> }
  | { readonly do: "gates"; readonly selection: Selection; readonly open: boolean }
  | { readonly do: "lives"; readonly selection: Selection };

const api = adminApi(`${process.argv[2] ?? ""}/kubeconfig`);
const fleet = new SidecarFleet((pod, exitCode) => void endPod(api, pod, exitCode).catch(console.error));

await api.apply(storageClass);
await api.apply({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "kwok", labels: { "kubernetes.io/hostname": "kwok" } },
});

const followed = [
  serveVolumes(api, (claim, gone) => fleet.claimSeen(claim, gone)),
  follow<SidecarPod>(api, "/api/v1/pods", (pod, gone) => fleet.podSeen(pod, gone)),
];
Bun.serve({
  hostname: "127.0.0.1",
  port: CONTROL_PORT,
  fetch: async (request) => Response.json(carriedOut(takenAs<Order>(await request.json()))),
});
await Promise.all(followed);

function carriedOut(order: Order): unknown {
  switch (order.do) {
    case "behave":
      fleet.behave(order.selection, order.behaviour);
      return {};
    case "gates":
      return { count: fleet.setGates(order.selection, order.open) };
    case "lives":
      return fleet.lives(order.selection);
  }
}
