/** What the loop asks of a SeiNode's spec, read once per generation. */
import type { Drift, InitFields, NodeStatus, SeiNode, SpecVerdict } from "../model/index.ts";
import { field, integerAt, keepNewest } from "../base/index.ts";
import type { ObjectRecipes } from "../executor/index.ts";
import {
  bootstrapJob,
  bootstrapService,
  claim,
  platformOf,
  service,
  sidecarImage,
  statefulSet,
} from "../seinode/objects/index.ts";
import {
  bootstrapOf,
  DEFAULT_SIDECAR_PORT,
  initFields,
  isLargerThan,
  MAX_SPEC_BYTES,
  type SeiNodeSpec,
} from "../seinode/spec/index.ts";
import type { Platform } from "../seinode/platform/index.ts";
import { type ImportWish, readSpec, type SpecReading } from "../seinode/read/index.ts";
import { initPlanFor } from "../seinode/plans/index.ts";
import type { PeersOf } from "./peer-index.ts";

/** Answers about specs, and the objects made from them. */
export interface NodeFacts {
  accepts(node: SeiNode): SpecVerdict;
  initPlan(node: SeiNode): Drift;
  /** What of its spec only bringing it up applies, against what was noted then; null while it cannot be read whole. */
  initFields(node: SeiNode): InitFields | null;
  /** `resolvedPeers`; null where the spec has no source by label. */
  derivedStatus(node: SeiNode): Partial<NodeStatus>;
  readonly sidecarPort: (node: SeiNode) => number;
  /** Image that the node's sidecar is to run; null while its spec cannot be read. */
  readonly sidecarImage: (node: SeiNode) => string | null;
  /** The claim that the spec imports; null when it imports none, or cannot be read. */
  readonly imported: (node: SeiNode) => ImportWish | null;
  readonly recipes: ObjectRecipes;
}

const TOO_LARGE = {
  reason: "SpecTooLarge",
  message: `spec: got more than ${MAX_SPEC_BYTES / 1024} KiB, want less. Nothing is written to its objects; the gate is still looked after`,
} as const;

/** More than there are reconciles under way. */
const MAX_READINGS = 512;
/** Specs of 256 KiB, read, would take half a gigabyte by as many. */
const MAX_LARGE_READINGS = 8;
const LARGE_BYTES = 16 * 1024;

/** Builds the answers. */
export function nodeFacts(platform: Platform, peersOf: PeersOf): NodeFacts {
  const [usual, large] = [keptReadings(MAX_READINGS), keptReadings(MAX_LARGE_READINGS)];
  const read = (node: SeiNode): SpecReading => {
    const { uid, generation } = node.metadata;
    const known = usual.of(uid, generation) ?? large.of(uid, generation);
    if (known !== null) return known;
    const reading = readSpec(node);
    (isLargerThan(node.spec, LARGE_BYTES) ? large : usual).keep(uid, { generation, reading });
    return reading;
  };
  const specOf = (node: SeiNode): SeiNodeSpec => {
    const reading = read(node);
    if (!reading.ok) throw new Error(`${node.metadata.name}: ${reading.message}`);
    return reading.spec;
  };
  // Never of a spec of which only a part is here.
  const wholeSpecOf = (node: SeiNode): SeiNodeSpec => {
    if (node.isCut === true) throw new Error(`${node.metadata.name}: ${TOO_LARGE.message}`);
    return specOf(node);
  };
  const derivedStatus = (node: SeiNode): Partial<NodeStatus> =>
    node.isCut === true ? {} : { resolvedPeers: peersOf(node, specOf(node).peers) };
  return {
    derivedStatus,
    accepts(node) {
      const reading = read(node);
      if (node.isCut === true && (reading.ok || reading.reason !== "UnsupportedSpec")) {
        return { kind: "accepted", paused: reading.ok && reading.spec.paused, withheld: TOO_LARGE };
      }
      return reading.ok ? { kind: "accepted", paused: reading.spec.paused } : { kind: "refused", ...reading };
    },
    initPlan(node) {
      const spec = wholeSpecOf(node);
      return initPlanFor({ ...node, status: { ...node.status, ...derivedStatus(node) } }, spec);
    },
    initFields(node) {
      const reading = node.isCut === true ? null : read(node);
      return reading?.ok === true ? initFields(reading.spec, node.status.initDigest) : null;
    },
    sidecarPort: (node) => {
      const reading = read(node);
      // Of what is here of a large one perhaps not even the mode can be told.
      if (!reading.ok && node.isCut === true) return integerAt(node.spec["sidecar"], "port") ?? DEFAULT_SIDECAR_PORT;
      return specOf(node).sidecar.port;
    },
    sidecarImage: (node) => {
      const reading = read(node);
      return reading.ok ? sidecarImage(reading.spec, platform) : null;
    },
    imported: (node) => {
      // Asked before each reconcile, and hardly any node imports: a spec that cannot do so is not read for it.
      if (field(field(node.spec, "dataVolume"), "import") === undefined) return null;
      const reading = read(node);
      if (!reading.ok || reading.spec.importedClaim === null) return null;
      return { name: reading.spec.importedClaim, leastSize: platformOf(reading.spec, platform).size };
    },
    recipes: {
      statefulSet: (node) => statefulSet(node, wholeSpecOf(node), platform),
      service: (node) => service(node, wholeSpecOf(node)),
      claim: (node) => claim(node, wholeSpecOf(node), platform) ?? {},
      bootstrapJob: (node) => bootstrapJob(node, wholeSpecOf(node), platform),
      bootstrapService: (node) => {
        const spec = wholeSpecOf(node);
        return bootstrapOf(spec) === null ? null : bootstrapService(node, spec);
      },
    },
  };
}

interface Kept {
  readonly generation: number;
  readonly reading: SpecReading;
}

/** Readings by UID. A reconcile asks a dozen times about one node; nobody asks soon again about the one that came first. */
function keptReadings(max: number): {
  of(uid: string, generation: number): SpecReading | null;
  keep(uid: string, kept: Kept): void;
} {
  const readings = new Map<string, Kept>();
  return {
    of(uid, generation) {
      const known = readings.get(uid);
      return known?.generation === generation ? known.reading : null;
    },
    keep(uid, kept) {
      keepNewest(readings, [uid, kept], max);
    },
  };
}
