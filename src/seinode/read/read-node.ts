/** SeiNodes as the API server sends them, trimmed to what the loop uses; the rest of status outlives our merge patches. */
import type { NodeStatus, Rewritten, SeiNode } from "../../model/index.ts";
import { cutSpec, HOST_PORT, isLargerThan } from "../spec/index.ts";
import {
  field,
  integerAt,
  intern,
  internOrNull,
  listAt,
  messageAt,
  type Nothing,
  objectAt,
  present,
  stringAt,
  stringMap,
  timeAt,
  wordAt,
} from "../../base/index.ts";
import { readConditions } from "./read-conditions.ts";
import { readHistory, readHistoryKept, readTransitions } from "./read-history.ts";
import { corruptPlan, readPhase, readPlan } from "./read-plan.ts";

/**
 * The SeiNode in this object; null when it is none. Never throws.
 * A plan that is corrupt stands there as a Failed one (see `corruptPlan`).
 */
export function readNode(raw: unknown): SeiNode | null {
  const metadata = objectAt(raw, "metadata");
  const namespace = stringAt(metadata, "namespace");
  const name = stringAt(metadata, "name");
  const uid = stringAt(metadata, "uid");
  if (!namespace || !name || !uid) return null;
  const status = objectAt(raw, "status");
  const { spec, isCut } = cutSpec(objectAt(raw, "spec"));
  return {
    ...(isCut ? { isCut } : {}),
    metadata: {
      namespace: intern(namespace),
      name,
      uid,
      resourceVersion: stringAt(metadata, "resourceVersion") ?? "",
      generation: integerAt(metadata, "generation") ?? 0,
      ...present("creationTimestamp", stringAt(metadata, "creationTimestamp")),
      ...present("deletionTimestamp", stringAt(metadata, "deletionTimestamp")),
      labels: labelsOf(field(metadata, "labels")),
      ...present(
        "finalizers",
        listAt(metadata, "finalizers", (item) => (typeof item === "string" ? intern(item) : null)),
      ),
      annotations: shortOnes(stringMap(field(metadata, "annotations"))),
    },
    spec,
    status: readStatus(status, { namespace, name }) satisfies NodeStatus,
    ...present("historyKept", readHistoryKept(status)),
  };
}

/** Holds at compile time: no field of status is written and then not read. */
export type StatusIsRead = Nothing<Exclude<keyof NodeStatus, keyof ReturnType<typeof readStatus>>>;

function readStatus(raw: unknown, owner: { readonly namespace: string; readonly name: string }) {
  const { plan, corrupt } = readPlan(field(raw, "plan"), owner);
  const stored = corrupt === null ? plan : corruptPlan(field(raw, "plan"), corrupt);
  return {
    ...present("phase", readPhase(field(raw, "phase"))),
    ...present("phaseTransitionTime", timeAt(raw, "phaseTransitionTime")),
    ...present("observedGeneration", integerAt(raw, "observedGeneration")),
    ...present("currentImage", internOrNull(wordAt(raw, "currentImage"))),
    ...present("currentSidecarImage", internOrNull(wordAt(raw, "currentSidecarImage"))),
    ...present("conditions", readConditions(raw)),
    ...present("pluginConditions", listAt(raw, "pluginConditions", readWord)),
    ...present("plan", stored),
    ...present("history", readHistory(raw)),
    ...present("rolledOutPod", readPodReference(field(raw, "rolledOutPod"))),
    ...present("podDeletion", readDeletion(field(raw, "podDeletion"))),
    ...present("reinitialized", messageAt(raw, "reinitialized")),
    ...present("applied", readApplied(field(raw, "applied"))),
    ...present("initDigest", internOrNull(wordAt(raw, "initDigest"))),
    ...present("dataVolume", readVolume(field(raw, "dataVolume"))),
    ...present("reservedVolume", readVolume(field(raw, "reservedVolume"))),
    ...present("readinessTransitions", readTransitions(raw)),
    ...present("adoptedWorkflow", readWorkflow(field(raw, "adoptedWorkflow"))),
    ...present("resolvedPeers", listAt(raw, "resolvedPeers", readWord)),
    ...present("externalAddress", readAddress(raw)),
  };
}

function readWord(raw: unknown): string | null {
  return wordAt({ word: raw }, "word");
}

/** It becomes a line of a configuration file, so it is an address or it is nothing. */
function readAddress(raw: unknown): string | null {
  const address = stringAt(raw, "externalAddress") ?? "";
  return HOST_PORT.test(address) ? address : null;
}

function readPodReference(raw: unknown): NodeStatus["rolledOutPod"] | null {
  const name = wordAt(raw, "name");
  const uid = wordAt(raw, "uid");
  return name !== null && uid !== null ? { name, uid, ...present("revision", wordAt(raw, "revision")) } : null;
}

function readDeletion(raw: unknown): NodeStatus["podDeletion"] | null {
  const uid = wordAt(raw, "uid");
  const at = timeAt(raw, "at");
  return uid !== null && at !== null ? { uid, at } : null;
}

function readApplied(raw: unknown): NodeStatus["applied"] | null {
  const generation = integerAt(raw, "generation");
  if (generation === null) return null;
  const { statefulSet, service } = { statefulSet: wordAt(raw, "statefulSet"), service: wordAt(raw, "service") };
  return {
    generation,
    ...present("statefulSet", statefulSet),
    ...present("service", service),
    ...present("rewritten", readRewrittenImages(field(raw, "rewritten"))),
  };
}

function readRewrittenImages(raw: unknown): NonNullable<NodeStatus["applied"]>["rewritten"] | null {
  const [seid, sidecar] = [readRewritten(field(raw, "seid")), readRewritten(field(raw, "sidecar"))];
  return seid === null && sidecar === null ? null : { ...present("seid", seid), ...present("sidecar", sidecar) };
}

function readRewritten(raw: unknown): Rewritten | null {
  const [asked, stored] = [internOrNull(wordAt(raw, "asked")), internOrNull(wordAt(raw, "stored"))];
  return asked === null || stored === null ? null : { asked, stored };
}

/** A volume that is not told right is still one that counts: it is then no volume that is there. */
function readVolume(raw: unknown): NodeStatus["dataVolume"] | null {
  if (raw === undefined || raw === null) return null;
  return { claimName: wordAt(raw, "claimName") ?? "", uid: wordAt(raw, "uid") ?? "" };
}

/** A hold is a hold even when half of it is missing: the name may be empty. */
function readWorkflow(raw: unknown): NodeStatus["adoptedWorkflow"] | null {
  if (raw === undefined || raw === null) return null;
  const name = wordAt(raw, "name") ?? "";
  return { name, ...present("uid", wordAt(raw, "uid")), ...present("adoptedAt", timeAt(raw, "adoptedAt")) };
}

/** The API server bounds annotations as a whole (256 KiB), and labels not at all. More than anybody has is as good as none. */
function labelsOf(map: unknown): Readonly<Record<string, string>> {
  return isLargerThan(map, MAX_LABELS_BYTES) ? {} : stringMap(map);
}

/** Long annotations (kubectl's last-applied copy of the whole object) are nobody's switch and cost memory. */
function shortOnes(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const all = Object.entries(annotations);
  const short = all.filter(([, value]) => value.length <= MAX_ANNOTATION_LENGTH);
  return short.length === all.length ? annotations : Object.fromEntries(short);
}

const MAX_ANNOTATION_LENGTH = 1024;
const MAX_LABELS_BYTES = 64 * 1024;
