/** Scheduler, volumes and kubelet in one: brings Pods up, keeps their sidecars, takes them down. */
import type { JsonObject, Timers } from "../base/index.ts";
import { claimsOf } from "./garbage.ts";
import { isSame, listIn, numberIn, objectIn, objectsIn, textIn, withAt } from "./json-path.ts";
import { type Machine, podStatus } from "./pod-status.ts";
import { claims, pods, volumes } from "./resource.ts";
import type { Sidecar } from "./sidecar.ts";
import type { Revision } from "./revision-store.ts";
import type { WriteContext } from "./write.ts";

/** Lags in milliseconds, asked anew for each use. */
export interface KubeletLags {
  /** From the Pod's creation to its address. */
  readonly podStartMs: () => number;
  /** From its address to the sidecar answering. */
  readonly sidecarStartMs: () => number;
  /** From the gate's move to the Pod's `Ready`. */
  readonly readyMs: () => number;
  /** From a deletion to the Pod being gone, capped by its grace period. */
  readonly terminateMs: () => number;
  /** Whether a Pod gets the address of one that is gone; asked for each. */
  readonly reusesAddresses: () => boolean;
}

/** Options of the kubelet. */
export interface KubeletOptions {
  readonly context: WriteContext;
  readonly timers: Timers;
  readonly lags: KubeletLags;
  readonly badImages: ReadonlySet<string>;
  /** Starts a sidecar on the volume of this UID. */
  readonly startSidecar: (pod: JsonObject, volumeUid: string, onGate: (open: boolean) => void) => Sidecar;
}

/** The kubelet, for those who forward requests and make trouble. */
export interface Kubelet {
  machineAt(host: string): Machine | null;
  machineOf(podUid: string): Machine | null;
  machines(): readonly Machine[];
  /** The next Pod of that name gets this address, whoever had it before, unless somebody has it then. */
  lease(namespace: string, pod: string, ip: string): void;
  /** Ends the sidecar's process; a new one is up after the sidecar's lag, its restart count one higher. */
  restartSidecar(podUid: string): void;
  /** Looks again at Pods that wait, as after `badImages` changed. */
  retryWaiting(): void;
}

/** Starts the kubelet. */
export function runKubelet({ context, timers, lags, badImages, startSidecar }: KubeletOptions): Kubelet {
  const { store } = context;
  const machines = new Map<string, Machine>();
  const leased = new Map<string, string>();
  const freed: string[] = [];
  let addresses = 0;

  const live = (machine: Machine): JsonObject | null => {
    const pod = store.get(pods, machine.namespace, machine.pod);
    return pod && textIn(pod, "metadata", "uid") === machine.uid ? pod : null;
  };
  function report(machine: Machine): void {
    const pod = live(machine);
    if (!pod) return;
    const status = podStatus(pod, machine, badImages);
    if (!isSame(pod["status"], status)) store.put(pods, withAt(pod, ["status"], status));
  }
  function startProcess(machine: Machine): void {
    const pod = live(machine);
    if (!pod || !machines.has(machine.uid) || machine.sidecar) return;
    machine.held = isBlocked(pod, badImages);
    if (machine.held) return report(machine);
    const claim = store.get(claims, machine.namespace, homeClaimOf(pod));
    machine.containerId = `containerd://${context.uuid().replaceAll("-", "")}`;
    machine.startedAt = context.now();
    // What a process runs on stays mounted, whatever becomes of the claim.
    if (machine.volumeUid === "") machine.volumeUid = claim ? textIn(claim, "metadata", "uid") : machine.uid;
    machine.sidecar = startSidecar(pod, machine.volumeUid, () => {
      timers.after(lags.readyMs(), () => {
        machine.ready = machine.sidecar?.isOpen() ?? false;
        report(machine);
      });
    });
    report(machine);
  }
  /** One that was promised, or one that another Pod is done with, or a new one. */
  function addressFor(pod: JsonObject): string {
    const name = `${textIn(pod, "metadata", "namespace")}/${textIn(pod, "metadata", "name")}`;
    const inUse = new Set(Array.from(machines.values(), ({ ip }) => ip));
    const promised = leased.get(name);
    leased.delete(name);
    if (promised !== undefined && !inUse.has(promised)) return promised;
    const used = lags.reusesAddresses() ? freed.shift() : undefined;
    if (used !== undefined && !inUse.has(used)) return used;
    addresses += 1;
    return `10.0.${Math.floor(addresses / 250)}.${(addresses % 250) + 1}`;
  }
  function bringUp(pod: JsonObject): void {
    const uid = textIn(pod, "metadata", "uid");
    const namespace = textIn(pod, "metadata", "namespace");
    timers.after(lags.podStartMs(), () => {
      const now = store.get(pods, namespace, textIn(pod, "metadata", "name"));
      if (!now || textIn(now, "metadata", "uid") !== uid || machines.has(uid)) return;
      if (textIn(now, "metadata", "deletionTimestamp") !== "") return;
      const unbound = claimsOf(now).some(
        (name) => textIn(store.get(claims, namespace, name) ?? {}, "status", "phase") !== "Bound",
      );
      if (unbound) return bringUp(now);
      const ip = addressFor(now);
      const machine: Machine = {
        uid,
        namespace,
        pod: textIn(now, "metadata", "name"),
        ip,
        containerId: "",
        startedAt: context.now(),
        scheduledAt: context.now(),
        volumeUid: "",
        restartCount: 0,
        sidecar: null,
        ready: false,
        hung: false,
        veil: null,
      };
      machines.set(uid, machine);
      store.put(pods, withAt(now, ["spec", "nodeName"], "machine-1"));
      report(machine);
      timers.after(lags.sidecarStartMs(), () => startProcess(machine));
    });
  }
  function gone(machine: Machine): void {
    machine.sidecar?.kill();
    if (machines.delete(machine.uid) && lags.reusesAddresses()) freed.push(machine.ip);
  }
  function takeDown(machine: Machine, pod: JsonObject): void {
    if (machine.stopping) return;
    machine.stopping = true;
    const grace = (numberIn(pod, "metadata", "deletionGracePeriodSeconds") ?? 30) * 1000;
    timers.after(Math.min(grace, lags.terminateMs()), () => {
      gone(machine);
      if (live(machine)) store.remove(pods, machine.namespace, machine.pod);
    });
  }
  function onPod({ type, object }: Revision): void {
    const machine = machines.get(textIn(object, "metadata", "uid"));
    if (type === "ADDED") bringUp(object);
    else if (machine && type === "DELETED") gone(machine);
    else if (machine && textIn(object, "metadata", "deletionTimestamp") !== "") takeDown(machine, object);
  }

  store.subscribe((revision) => {
    if (revision.resource === pods) onPod(revision);
    if (revision.resource !== claims || revision.type !== "ADDED") return;
    const { object } = revision;
    timers.after(1, () => {
      const claim = store.get(claims, textIn(object, "metadata", "namespace"), textIn(object, "metadata", "name"));
      if (claim && textIn(claim, "metadata", "uid") === textIn(object, "metadata", "uid")) bind(context, claim);
    });
  });

  return {
    machineAt: (host) => {
      const [pod = "", , namespace = ""] = host.endsWith(".svc.cluster.local") ? host.split(".") : [];
      return (
        Array.from(machines.values()).find(
          (one) => one.ip === host || (one.pod === pod && one.namespace === namespace),
        ) ?? null
      );
    },
    machineOf: (uid) => machines.get(uid) ?? null,
    machines: () => Array.from(machines.values()),
    lease: (namespace, pod, ip) => void leased.set(`${namespace}/${pod}`, ip),
    restartSidecar(uid) {
      const machine = machines.get(uid);
      if (!machine) return;
      machine.sidecar?.kill();
      Object.assign(machine, {
        sidecar: null,
        ready: false,
        hung: false,
        veil: null,
        restartCount: machine.restartCount + 1,
      });
      report(machine);
      timers.after(lags.sidecarStartMs(), () => startProcess(machine));
    },
    retryWaiting() {
      for (const machine of machines.values()) {
        if (machine.held) startProcess(machine);
        else report(machine);
      }
    },
  };
}

/** Makes a volume for the claim, and binds the two. */
function bind({ store }: WriteContext, claim: JsonObject): void {
  const uid = textIn(claim, "metadata", "uid");
  const name = `pv-${uid}`;
  const capacity = objectIn(claim, "spec", "resources", "requests");
  const accessModes = listIn(claim, "spec", "accessModes");
  const claimRef = { namespace: textIn(claim, "metadata", "namespace"), name: textIn(claim, "metadata", "name"), uid };
  store.put(volumes, {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, uid: name },
    spec: { capacity, accessModes, claimRef },
    status: { phase: "Bound" },
  });
  const status = { phase: "Bound", capacity, accessModes };
  store.put(claims, withAt(withAt(claim, ["status"], status), ["spec", "volumeName"], name));
}

/** The claim under the home of the main container; empty when it stands on something else. */
function homeClaimOf(pod: JsonObject): string {
  const mounts = objectsIn(pod, "spec", "containers")
    .slice(0, 1)
    .flatMap((container) => objectsIn(container, "volumeMounts").map((mount) => textIn(mount, "name")));
  if (mounts.length === 0) return claimsOf(pod)[0] ?? "";
  const volume = objectsIn(pod, "spec", "volumes").find((one) => textIn(one, "name") === mounts[0]);
  return textIn(volume, "persistentVolumeClaim", "claimName");
}

/** True when an init container's image cannot be had, so that nothing after it starts. */
function isBlocked(pod: JsonObject, badImages: ReadonlySet<string>): boolean {
  return objectsIn(pod, "spec", "initContainers").some((one) => badImages.has(textIn(one, "image")));
}
