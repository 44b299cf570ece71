/** SeiNodes as the API server sends them, trimmed to what the loop uses; the rest of status outlives our merge patches. */
import type { Condition, NodeStatus, ReadinessTransition, SeiNode } from "../core/node.ts";
import type { PlanOutcome, PlanRecord } from "../core/plan.ts";
import { arrayAt, field, intern, internOrNull, integerAt, objectAt, present, stringAt, stringMap } from "./raw.ts";
import { corruptPlan, readIncarnation, readPhase, readPlan } from "./read-plan.ts";

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
  return {
    metadata: {
      namespace: intern(namespace),
      name,
      uid,
      resourceVersion: stringAt(metadata, "resourceVersion") ?? "",
      generation: integerAt(metadata, "generation") ?? 0,
      ...present("creationTimestamp", stringAt(metadata, "creationTimestamp")),
      ...present("deletionTimestamp", stringAt(metadata, "deletionTimestamp")),
      labels: stringMap(field(metadata, "labels")),
      ...present(
        "finalizers",
        listAt(metadata, "finalizers", (item) => (typeof item === "string" ? intern(item) : null)),
      ),
      annotations: shortOnes(stringMap(field(metadata, "annotations"))),
    },
    spec: objectAt(raw, "spec"),
    status: readStatus(objectAt(raw, "status"), { namespace, name }),
  };
}

function readStatus(raw: unknown, owner: { readonly namespace: string; readonly name: string }): NodeStatus {
  const { plan, corrupt } = readPlan(field(raw, "plan"), owner);
  const stored = corrupt === null ? plan : corruptPlan(field(raw, "plan"), corrupt);
  return {
    ...present("phase", readPhase(field(raw, "phase"))),
    ...present("phaseTransitionTime", stringAt(raw, "phaseTransitionTime")),
    ...present("observedGeneration", integerAt(raw, "observedGeneration")),
    ...present("currentImage", internOrNull(stringAt(raw, "currentImage"))),
    ...present("currentSidecarImage", internOrNull(stringAt(raw, "currentSidecarImage"))),
    ...present("conditions", listAt(raw, "conditions", readCondition)),
    ...present("plan", stored),
    ...present("history", listAt(raw, "history", readRecord)),
    ...present("rolledOutPod", readPodReference(field(raw, "rolledOutPod"))),
    ...present("reinitialized", stringAt(raw, "reinitialized")),
    ...present("applied", readApplied(field(raw, "applied"))),
    ...present("dataVolume", readVolume(field(raw, "dataVolume"))),
    ...present("readinessTransitions", listAt(raw, "readinessTransitions", readTransition)),
    ...present("adoptedWorkflow", readWorkflow(field(raw, "adoptedWorkflow"))),
    ...present(
      "resolvedPeers",
      listAt(raw, "resolvedPeers", (item) => (typeof item === "string" ? item : null)),
    ),
    ...present("externalAddress", stringAt(raw, "externalAddress")),
  };
}

/** Null when the field is no list; entries that are not what they should be are left out. */
function listAt<Item>(of: unknown, name: string, read: (item: unknown) => Item | null): readonly Item[] | null {
  if (!Array.isArray(field(of, name))) return null;
  const items: Item[] = [];
  for (const raw of arrayAt(of, name)) {
    const item = read(raw);
    if (item !== null) items.push(item);
  }
  return items;
}

function readCondition(raw: unknown): Condition | null {
  const type = stringAt(raw, "type");
  const status = CONDITION_STATES.find((state) => state === field(raw, "status"));
  if (!type || status === undefined) return null;
  return {
    type: intern(type),
    status,
    reason: intern(stringAt(raw, "reason") ?? ""),
    message: intern(stringAt(raw, "message") ?? ""),
    lastTransitionTime: stringAt(raw, "lastTransitionTime") ?? "",
    observedGeneration: integerAt(raw, "observedGeneration") ?? 0,
  };
}

function readRecord(raw: unknown): PlanRecord | null {
  const id = stringAt(raw, "id");
  const outcome: PlanOutcome | undefined = OUTCOMES.find((item) => item === field(raw, "outcome"));
  if (!id || outcome === undefined) return null;
  return {
    id,
    detector: intern(stringAt(raw, "detector") ?? ""),
    reason: intern(stringAt(raw, "reason") ?? ""),
    outcome,
    healed: field(raw, "healed") === true,
    ...present("message", stringAt(raw, "message")),
    createdAt: stringAt(raw, "createdAt") ?? "",
    finishedAt: stringAt(raw, "finishedAt") ?? "",
    ...present("incarnation", readIncarnation(field(raw, "incarnation"))),
    ...present("budget", stringAt(raw, "budget")),
  };
}

function readTransition(raw: unknown): ReadinessTransition | null {
  const to = READINESS.find((item) => item === field(raw, "to"));
  const at = stringAt(raw, "at");
  return to === undefined || at === null ? null : { to, at };
}

function readPodReference(raw: unknown): NodeStatus["rolledOutPod"] | null {
  const name = stringAt(raw, "name");
  const uid = stringAt(raw, "uid");
  return name && uid ? { name, uid } : null;
}

function readApplied(raw: unknown): NodeStatus["applied"] | null {
  const generation = integerAt(raw, "generation");
  if (generation === null) return null;
  const { statefulSet, service } = { statefulSet: stringAt(raw, "statefulSet"), service: stringAt(raw, "service") };
  return { generation, ...present("statefulSet", statefulSet), ...present("service", service) };
}

function readVolume(raw: unknown): NodeStatus["dataVolume"] | null {
  const claimName = stringAt(raw, "claimName");
  const uid = stringAt(raw, "uid");
  return claimName && uid ? { claimName, uid } : null;
}

/** A hold is a hold even when half of it is missing: the name may be empty. */
function readWorkflow(raw: unknown): NodeStatus["adoptedWorkflow"] | null {
  if (raw === undefined || raw === null) return null;
  const name = stringAt(raw, "name") ?? "";
  return { name, ...present("uid", stringAt(raw, "uid")), ...present("adoptedAt", stringAt(raw, "adoptedAt")) };
}

/** Long annotations (kubectl's last-applied copy of the whole object) are nobody's switch and cost memory. */
function shortOnes(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const all = Object.entries(annotations);
  const short = all.filter(([, value]) => value.length <= MAX_ANNOTATION_LENGTH);
  return short.length === all.length ? annotations : Object.fromEntries(short);
}

const CONDITION_STATES = ["True", "False", "Unknown"] as const;
const OUTCOMES = ["Complete", "Failed", "Superseded"] as const;
const READINESS = ["Ready", "NotReady"] as const;
const MAX_ANNOTATION_LENGTH = 1024;
