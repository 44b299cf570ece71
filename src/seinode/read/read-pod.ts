/** Pods as the API server sends them, trimmed to a `PodView`. */
import {
  COMPONENT_LABEL,
  type ContainerView,
  type PodView,
  REVISION_LABEL,
  SIDECAR_CONTAINER,
  SIDECAR_PORT_NAME,
} from "../../model/index.ts";
import { readHome } from "./home.ts";
import { arrayAt, integerAt, intern, internOrNull, isObject, objectAt, present, stringAt } from "../../base/index.ts";
import { readTrouble } from "./pod-trouble.ts";
import { readOwnedMetadata } from "./read-metadata.ts";

/** The Pod in this object; null when it is none or does not belong to a node. Never throws. */
export function readPod(raw: unknown): PodView | null {
  const metadata = readOwnedMetadata(raw);
  if (metadata === null) return null;
  const spec = objectAt(raw, "spec");
  const status = objectAt(raw, "status");
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    generation: integerAt(objectAt(raw, "metadata"), "generation"),
    node: metadata.node,
    component: internOrNull(stringAt(metadata.labels, COMPONENT_LABEL)),
    ip: stringAt(status, "podIP") || null,
    phase: intern(stringAt(status, "phase") ?? ""),
    deleting: metadata.deleting,
    ready: arrayAt(status, "conditions").some((item) => stringAt(item, "type") === "Ready" && isTrue(item)),
    revision: stringAt(metadata.labels, REVISION_LABEL),
    ownerUid: metadata.ownerUid,
    ownerKind: metadata.ownerKind,
    containers: readContainers(spec, status),
    createdAt: metadata.createdAt,
    claims: arrayAt(spec, "volumes")
      .map((volume) => stringAt(objectAt(volume, "persistentVolumeClaim"), "claimName"))
      .filter((name) => name !== null),
    home: readHome(spec),
    sidecarPort: readSidecarPort(spec),
    ...(metadata.deleting ? {} : present("trouble", readTrouble(metadata.name, spec, status))),
  };
}

function readSidecarPort(spec: unknown): number | null {
  const sidecar = arrayAt(spec, "initContainers").find((item) => stringAt(item, "name") === SIDECAR_CONTAINER);
  const port = arrayAt(sidecar, "ports").find((item) => stringAt(item, "name") === SIDECAR_PORT_NAME);
  const number = integerAt(port, "containerPort");
  return number !== null && number >= 1 && number <= 65_535 ? number : null;
}

function isTrue(condition: unknown): boolean {
  return stringAt(condition, "status") === "True";
}

/** Native sidecars stand among the init containers, with a status of their own. */
function readContainers(spec: unknown, status: unknown): readonly ContainerView[] {
  const states = [...arrayAt(status, "initContainerStatuses"), ...arrayAt(status, "containerStatuses")];
  const sidecars = arrayAt(spec, "initContainers").filter((item) => stringAt(item, "restartPolicy") === "Always");
  return [...sidecars, ...arrayAt(spec, "containers")].filter(isObject).map((container) => {
    const name = stringAt(container, "name") ?? "";
    return readContainer(
      name,
      container,
      states.find((item) => stringAt(item, "name") === name),
    );
  });
}

function readContainer(name: string, container: unknown, status: unknown): ContainerView {
  const state = objectAt(status, "state");
  const at = STATES.find((key) => isObject(state[key])) ?? "unknown";
  return {
    name: intern(name),
    image: intern(stringAt(container, "image") ?? ""),
    state: at,
    stateReason: at === "unknown" || at === "running" ? "" : intern(stringAt(state[at], "reason") ?? ""),
    containerId: stringAt(status, "containerID") ?? "",
    restartCount: integerAt(status, "restartCount") ?? 0,
    ready: isObject(status) && status["ready"] === true,
  };
}

const STATES = ["running", "waiting", "terminated"] as const;
