/**
 * Plan recipes: which tasks bring a node up, roll an image out, open a gate.
 *
 * Params are those the reference persists, frozen when the plan is made. Of init, a full node that starts from
 * genesis is built; other modes and sources are told so. Source: the reference's planner.
 */
import type { JsonObject } from "../core/json.ts";
import type { SeiNode } from "../core/node.ts";
import type { Drift, TaskSpec } from "../core/plan.ts";
import { configMode, configOverrides } from "./config-overrides.ts";
import type { PeerSource, SeiNodeSpec } from "./spec.ts";

/** The init of a node, or why there is none yet: `reason` is the condition's. */
export type InitRecipe =
  | { readonly ok: true; readonly drift: Drift }
  | { readonly ok: false; readonly reason: "ModeNotSupportedYet"; readonly message: string };

/** The plan that brings a new node up. Never superseded, so it names no fields it was made from. */
export function initPlanFor(node: SeiNode, spec: SeiNodeSpec): InitRecipe {
  const missing = notBuiltYet(spec);
  if (missing !== null) {
    const message = `${missing}: bringing such a node up is not supported yet. Nothing is written for this node`;
    return { ok: false, reason: "ModeNotSupportedYet", message };
  }
  const drift: Drift = {
    reason: "NewNode",
    message: "the node was never initialised",
    tasks: initTasks(node, spec),
    targetPhase: "Running",
    failedPhase: "Failed",
  };
  return { ok: true, drift };
}

/**
 * Steps of init for a full node without a snapshot source. `observe-image` stamps what runs, so that no image
 * plan follows at once; it stands before `mark-ready`, since containers run before the gate opens.
 */
export function initTasks(node: SeiNode, spec: SeiNodeSpec): readonly TaskSpec[] {
  const mode = spec.mode;
  const publishes = (mode.kind === "fullNode" || mode.kind === "archive") && mode.snapshotGeneration?.publish === true;
  return [
    controllerTask(node, "ensure-data-pvc"),
    controllerTask(node, "apply-statefulset"),
    controllerTask(node, "apply-service"),
    sidecarTask("configure-genesis"),
    sidecarTask("config-apply", { mode: configMode(mode), overrides: { ...configOverrides(node, spec) } }),
    ...(spec.peers.length === 0 ? [] : [sidecarTask("discover-peers", { sources: peerSources(node, spec.peers) })]),
    sidecarTask("config-validate"),
    ...(publishes ? [sidecarTask("snapshot-upload")] : []),
    controllerTask(node, "observe-image"),
    ...markReadyTasks(),
  ];
}

/** Steps that put the objects back as they should be. */
export function applyTasks(node: SeiNode): readonly TaskSpec[] {
  return [controllerTask(node, "apply-statefulset"), controllerTask(node, "apply-service")];
}

/** Steps that roll an image out: apply, watch the roll-out to its end, open the new gate. */
export function imageUpdateTasks(node: SeiNode): readonly TaskSpec[] {
  return [...applyTasks(node), controllerTask(node, "observe-image"), ...markReadyTasks()];
}

/** The one step that opens a gate. */
export function markReadyTasks(): readonly TaskSpec[] {
  return [sidecarTask("mark-ready")];
}

function notBuiltYet(spec: SeiNodeSpec): string | null {
  if (spec.mode.kind !== "fullNode") return `spec.${spec.mode.kind}`;
  if (spec.mode.snapshot !== null) return "spec.fullNode.snapshot";
  return spec.importedClaim === null ? null : "spec.dataVolume.import";
}

/** Params of tasks done by the controller are for people who read the plan. */
function controllerTask(node: SeiNode, type: string): TaskSpec {
  return { type, params: { nodeName: node.metadata.name, namespace: node.metadata.namespace } };
}

function sidecarTask(type: string, params: JsonObject = {}): TaskSpec {
  return { type, params };
}

/** Peers as the sidecar takes them: those chosen by label were resolved to names of Pods beforehand. */
function peerSources(node: SeiNode, peers: readonly PeerSource[]): readonly JsonObject[] {
  return peers.map((peer) => {
    switch (peer.kind) {
      case "ec2Tags":
        return { type: "ec2Tags", region: peer.region, tags: { ...peer.tags } };
      case "static":
        return { type: "static", addresses: peer.addresses };
      case "label":
        return { type: "dnsEndpoints", endpoints: node.status.resolvedPeers ?? [] };
    }
  });
}
