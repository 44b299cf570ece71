/** What the loop asks of a SeiNode's spec, read once per generation. */
import type { SpecVerdict } from "../../core/ports.ts";
import type { NodeStatus, SeiNode } from "../../core/node.ts";
import type { Drift, StoredTask } from "../../core/plan.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ObjectRecipes } from "../../executor/index.ts";
import { bootstrapJob } from "../../seinode/bootstrap-job.ts";
import { bootstrapService } from "../../seinode/bootstrap-service.ts";
import { claim, platformOf } from "../../seinode/claim.ts";
import { bootstrapOf } from "../../seinode/init-recipes.ts";
import type { Platform } from "../../seinode/platform.ts";
import { field } from "../../seinode/raw.ts";
import { readSpec } from "../../seinode/read-spec.ts";
import type { ImportWish } from "../../seinode/imported-claim.ts";
import { initPlanFor } from "../../seinode/recipes.ts";
import { service } from "../../seinode/service.ts";
import type { SeiNodeSpec } from "../../seinode/spec.ts";
import { statefulSet } from "../../seinode/stateful-set.ts";
import { sidecarImage } from "../../seinode/pod-spec.ts";
import { isSidecarTask, wireParams } from "../../seinode/task-params.ts";
import type { PeersOf } from "./peer-index.ts";

/** Answers about specs, and the objects made from them. */
export interface NodeFacts {
  accepts(node: SeiNode): SpecVerdict;
  initPlan(node: SeiNode): Drift;
  /** `resolvedPeers`; null where the spec has no source by label. */
  derivedStatus(node: SeiNode): Partial<NodeStatus>;
  readonly sidecarPort: (node: SeiNode) => number;
  /** Image that the node's sidecar is to run; null while its spec cannot be read. */
  readonly sidecarImage: (node: SeiNode) => string | null;
  /** The claim that the spec imports; null when it imports none, or cannot be read. */
  readonly imported: (node: SeiNode) => ImportWish | null;
  readonly recipes: ObjectRecipes;
}

/** More than there are passes under way. */
const MAX_READINGS = 512;

/** Builds the answers. */
export function nodeFacts(platform: Platform, peersOf: PeersOf): NodeFacts {
  const readings = new Map<string, { readonly generation: number; readonly reading: ReturnType<typeof readSpec> }>();
  const read = (node: SeiNode): ReturnType<typeof readSpec> => {
    const { uid, generation } = node.metadata;
    const known = readings.get(uid);
    if (known?.generation === generation) return known.reading;
    const reading = readSpec(node);
    // A pass asks a dozen times about one node; nobody asks soon again about the one that came first.
    const [first] = readings.keys();
    if (readings.size >= MAX_READINGS && first !== undefined) readings.delete(first);
    readings.delete(uid);
    readings.set(uid, { generation, reading });
    return reading;
  };
  const specOf = (node: SeiNode): SeiNodeSpec => {
    const reading = read(node);
    if (!reading.ok) throw new Error(`${node.metadata.name}: ${reading.message}`);
    return reading.spec;
  };
  const derivedStatus = (node: SeiNode): Partial<NodeStatus> => ({ resolvedPeers: peersOf(node, specOf(node).peers) });
  return {
    derivedStatus,
    accepts(node) {
      const reading = read(node);
      return reading.ok ? { kind: "accepted", paused: reading.spec.paused } : { kind: "refused", ...reading };
    },
    initPlan(node) {
      const spec = specOf(node);
      return initPlanFor({ ...node, status: { ...node.status, ...derivedStatus(node) } }, spec);
    },
    sidecarPort: (node) => specOf(node).sidecar.port,
    sidecarImage: (node) => {
      const reading = read(node);
      return reading.ok ? sidecarImage(reading.spec, platform) : null;
    },
    imported: (node) => {
      // Asked before each pass, and hardly any node imports: a spec that cannot do so is not read for it.
      if (field(field(node.spec, "dataVolume"), "import") === undefined) return null;
      const reading = read(node);
      if (!reading.ok || reading.spec.importedClaim === null) return null;
      return { name: reading.spec.importedClaim, leastSize: platformOf(reading.spec, platform).size };
    },
    recipes: {
      statefulSet: (node) => statefulSet(node, specOf(node), platform),
      service: (node) => service(node, specOf(node)),
      claim: (node) => claim(node, specOf(node), platform) ?? {},
      bootstrapJob: (node) => bootstrapJob(node, specOf(node), platform),
      bootstrapService: (node) => {
        const spec = specOf(node);
        return bootstrapOf(spec) === null ? null : bootstrapService(node, spec);
      },
      wireParams: paramsOf,
    },
  };
}

function paramsOf(task: StoredTask): JsonObject | null {
  if (!isSidecarTask(task.type)) return {};
  const reading = wireParams(task.type, task.params);
  return reading.ok ? (reading.params ?? {}) : null;
}
