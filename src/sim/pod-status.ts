/** `status` of a Pod, from what its machine knows. */
import type { JsonObject } from "../base/index.ts";
import type { Veil } from "./disorder.ts";
import { objectsIn, textIn } from "./json-path.ts";
import type { Sidecar } from "./sidecar.ts";

/** A Pod on a machine. Changed in place by the kubelet alone. */
export interface Machine {
  readonly uid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly ip: string;
  readonly scheduledAt: string;
  /** Of the sidecar's container; empty until it first ran. */
  containerId: string;
  startedAt: string;
  /** UID of the claim it runs on; empty until it first ran. */
  volumeUid: string;
  restartCount: number;
  /** Null while no process runs. */
  sidecar: Sidecar | null;
  ready: boolean;
  /** Accepts connections and never answers. */
  hung: boolean;
  /** Who answers in its place. */
  veil: Veil | null;
  stopping?: boolean;
  /** Its images cannot be had. */
  held?: boolean;
}

/** The status to report: init containers in order, then the rest once the sidecar runs. */
export function podStatus(pod: JsonObject, machine: Machine, badImages: ReadonlySet<string>): JsonObject {
  const at = machine.scheduledAt;
  const up = machine.sidecar !== null;
  const init = objectsIn(pod, "spec", "initContainers");
  const bad = init.findIndex((one) => badImages.has(textIn(one, "image")));
  const initStatuses = init.map((container, index) => {
    if (bad >= 0 && index >= bad) return waiting(container, index === bad ? "ImagePullBackOff" : "PodInitializing");
    return textIn(container, "restartPolicy") === "Always"
      ? sidecarStatus(container, machine)
      : initDone(container, machine);
  });
  const started = up || machine.restartCount > 0;
  const main = objectsIn(pod, "spec", "containers").map((container) =>
    mainStatus(container, machine, { started, badImages }),
  );
  const running = main.every((one) =>
    objectsIn({ one: [one] }, "one").some((status) => "running" in Object(status["state"])),
  );
  const isReady = machine.ready && running;
  const initialized = started && bad < 0;
  const condition = (type: string, ok: boolean): JsonObject => ({
    type,
    status: ok ? "True" : "False",
    lastProbeTime: null,
    lastTransitionTime: at,
  });
  return {
    phase: running && initialized ? "Running" : "Pending",
    conditions: [
      condition("PodReadyToStartContainers", true),
      condition("Initialized", initialized),
      condition("Ready", isReady),
      condition("ContainersReady", isReady),
      condition("PodScheduled", true),
    ],
    hostIP: "192.168.0.1",
    hostIPs: [{ ip: "192.168.0.1" }],
    podIP: machine.ip,
    podIPs: [{ ip: machine.ip }],
    startTime: at,
    initContainerStatuses: initStatuses,
    containerStatuses: main,
    qosClass: "Burstable",
  };
}

function base(container: JsonObject): JsonObject {
  return {
    name: textIn(container, "name"),
    image: textIn(container, "image"),
    imageID: "",
    ready: false,
    restartCount: 0,
  };
}

function waiting(container: JsonObject, reason: string): JsonObject {
  const message =
    reason === "ImagePullBackOff" ? { message: `Back-off pulling image "${textIn(container, "image")}"` } : {};
  return { ...base(container), started: false, state: { waiting: { reason, ...message } } };
}

function sidecarStatus(container: JsonObject, machine: Machine): JsonObject {
  const { restartCount, containerId, startedAt } = machine;
  if (machine.sidecar === null)
    return {
      ...waiting(container, restartCount > 0 ? "CrashLoopBackOff" : "PodInitializing"),
      restartCount,
      ...(containerId === "" ? {} : { containerID: containerId }),
    };
  const state = { running: { startedAt } };
  return {
    ...base(container),
    imageID: textIn(container, "image"),
    containerID: containerId,
    ready: machine.sidecar.isOpen(),
    started: true,
    restartCount,
    state,
  };
}

function initDone(container: JsonObject, machine: Machine): JsonObject {
  const containerID = `containerd://${machine.uid.replaceAll("-", "")}-init`;
  const at = machine.scheduledAt;
  const terminated = { exitCode: 0, reason: "Completed", startedAt: at, finishedAt: at, containerID };
  return {
    ...base(container),
    imageID: textIn(container, "image"),
    containerID,
    ready: true,
    started: false,
    state: { terminated },
  };
}

function mainStatus(
  container: JsonObject,
  machine: Machine,
  { started, badImages }: { readonly started: boolean; readonly badImages: ReadonlySet<string> },
): JsonObject {
  if (!started) return waiting(container, "PodInitializing");
  if (badImages.has(textIn(container, "image"))) return waiting(container, "ImagePullBackOff");
  const containerID = `containerd://${machine.uid.replaceAll("-", "")}-${textIn(container, "name")}`;
  const state = { running: { startedAt: machine.startedAt } };
  return {
    ...base(container),
    imageID: textIn(container, "image"),
    containerID,
    ready: machine.ready,
    started: machine.ready,
    state,
  };
}
