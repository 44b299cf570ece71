/** All sidecars of the cluster: follows Pods, starts and ends a process for each life. */
import type { KubeObject } from "./admin-api.ts";
import type { Behaviour, Life, Selection } from "./sidecar-journal.ts";
import { SidecarProcess } from "./sidecar-process.ts";
import { TaskStore } from "./task-store.ts";

interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state?: { readonly running?: unknown };
}

/** A Pod as far as its sidecar goes. */
export interface SidecarPod extends KubeObject {
  readonly spec: {
    readonly initContainers?: readonly {
      readonly name: string;
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
    }[];
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

const CONTAINER = "sei-sidecar";
const BEHAVIOUR: Behaviour = {
  startDelayMs: [0, 0],
  taskMs: 5,
  answer: "sidecar",
  submitAnswer: "sidecar",
  listAnswer: "sidecar",
  failing: {},
  bootstrap: { afterMs: 100, exitCode: 0 },
};

/** Ends seid of a Pod with this code. */
export type EndPod = (pod: KubeObject, exitCode: number) => void;

/** Every sidecar there is and was. */
export class SidecarFleet {
  readonly #endPod: EndPod;
  readonly #claimUids = new Map<string, string>();
  readonly #stores = new Map<string, TaskStore>();
  readonly #behaviours = new Map<string, Partial<Behaviour>>();
  readonly #living = new Map<string, { readonly life: number; readonly process: SidecarProcess }>();
  readonly #all: SidecarProcess[] = [];

  constructor(endPod: EndPod) {
    this.#endPod = endPod;
  }

  /** A claim as it is now: a new UID is a new volume, with no records. */
  claimSeen(claim: KubeObject, gone: boolean): void {
    const key = `${claim.metadata.namespace ?? ""}/${claim.metadata.name}`;
    if (gone) this.#claimUids.delete(key);
    else this.#claimUids.set(key, claim.metadata.uid ?? "");
  }

  /**
   * A Pod as it is now. A Pod that is being deleted still has its sidecar: a native sidecar ends after the
   * others, so it answers until the Pod is gone.
   */
  podSeen(pod: SidecarPod, gone: boolean): void {
    const uid = pod.metadata.uid ?? "";
    const running = gone ? null : runningSidecar(pod);
    const current = this.#living.get(uid);
    if (current !== undefined && current.life !== running?.restartCount) {
      current.process.end();
      this.#living.delete(uid);
    }
    if (running === null || this.#living.has(uid)) return;
    const process = this.#start(pod, running);
    this.#living.set(uid, { life: running.restartCount, process });
    this.#all.push(process);
  }

  /** From now on, also for later lives. */
  behave(selection: Selection, behaviour: Partial<Behaviour>): void {
    for (const key of keysOf(selection)) {
      this.#behaviours.set(key, { ...this.#behaviours.get(key), ...behaviour });
    }
    for (const { process } of this.#living.values()) process.behaviourChanged();
  }

  /** Opens or shuts the gates of the living that are meant; returns how many. */
  setGates(selection: Selection, open: boolean): number {
    const meant = [...this.#living.values()].filter(({ process }) => isMeant(process.journal(), selection));
    for (const { process } of meant) process.setGate(open);
    return meant.length;
  }

  /** The journal, in the order the lives began. */
  lives(selection: Selection): readonly Life[] {
    return this.#all.map((process) => process.journal()).filter((life) => isMeant(life, selection));
  }

  #start(pod: SidecarPod, { ip, restartCount }: RunningSidecar): SidecarProcess {
    const namespace = pod.metadata.namespace ?? "";
    const node = pod.metadata.labels?.["sei.io/node"] ?? pod.metadata.name.replace(/-\d+$/, "");
    const ports = pod.spec.initContainers?.find((one) => one.name === CONTAINER)?.ports ?? [];
    return new SidecarProcess({
      namespace,
      node,
      pod: pod.metadata.name,
      podUid: pod.metadata.uid ?? "",
      restartCount,
      ip,
      port: (ports.find((port) => port.name === "sidecar") ?? ports[0])?.containerPort ?? 7777,
      store: this.#storeOf(pod),
      behaviour: () => this.#behaviourOf(namespace, node),
      opened: () => this.#gateOpened(pod, this.#behaviourOf(namespace, node)),
    });
  }

  /** What waits behind the gate of a bootstrap Job runs to its height and ends. */
  #gateOpened(pod: SidecarPod, { bootstrap }: Behaviour): void {
    if (pod.metadata.labels?.["sei.io/component"] !== "bootstrap" || bootstrap === null) return;
    setTimeout(() => this.#endPod(pod, bootstrap.exitCode), bootstrap.afterMs);
  }

  #storeOf(pod: SidecarPod): TaskStore {
    const claim = pod.spec.volumes?.find((volume) => volume.persistentVolumeClaim !== undefined);
    const claimKey = `${pod.metadata.namespace ?? ""}/${claim?.persistentVolumeClaim?.claimName ?? ""}`;
    const volume = this.#claimUids.get(claimKey) ?? pod.metadata.uid ?? "";
    const store = this.#stores.get(volume) ?? new TaskStore();
    this.#stores.set(volume, store);
    return store;
  }

  #behaviourOf(namespace: string, node: string): Behaviour {
    const of = (key: string): Partial<Behaviour> => this.#behaviours.get(key) ?? {};
    return { ...BEHAVIOUR, ...of(""), ...of(namespace), ...of(`${namespace}/${node}`) };
  }
}

interface RunningSidecar {
  readonly ip: string;
  readonly restartCount: number;
}

function runningSidecar({ status }: SidecarPod): RunningSidecar | null {
  const container = status?.initContainerStatuses?.find((one) => one.name === CONTAINER);
  const over = status?.phase === "Failed" || status?.phase === "Succeeded";
  if (over || container?.state?.running === undefined || status?.podIP === undefined) return null;
  return { ip: status.podIP, restartCount: container.restartCount };
}

function keysOf({ namespace, nodes }: Selection): readonly string[] {
  if (namespace === undefined) return [""];
  return nodes === undefined ? [namespace] : nodes.map((node) => `${namespace}/${node}`);
}

function isMeant(life: Pick<Life, "namespace" | "node">, { namespace, nodes }: Selection): boolean {
  return (
    (namespace === undefined || life.namespace === namespace) && (nodes === undefined || nodes.includes(life.node))
  );
}
