/**
 * Holds each effect of a life against what is true in the simulated cluster.
 *
 * An effect is wrong when, at the moment its request leaves, the truth forbids it and the program could know. It could
 * know what is true as of the start of its confirming reads: the live reads about the node that are not over before
 * another request about it began, so that no await lies between them and the effect. Of what it did not confirm, it had
 * to look, so the truth of the moment itself counts. And it could know whatever a watch, or a reply that carries the
 * node, told before. A change that was committed after the last confirming read began, and that no watch told of,
 * cannot be known.
 */
import { type Effect, type FactGroup, type Facts, factsOf, type NodeObject, placedAt, rules } from "./facts.ts";
import type { NodeStatus } from "../../src/model/index.ts";
import type { Place } from "./meaning.ts";
import { View } from "./view.ts";
import type { Revision, SimCluster } from "../../src/sim/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";

/** A minute, by times in status, which know seconds. */
const POD_AGAIN_MS = 59_000;
/** From a question to a sidecar to the commit of what it showed, at most. */
const EVIDENCE_MS = 6_000;

/** What is known of a node for as long as it lives. */
export interface Known {
  readonly uid: string;
  /** The volume that init completed on. */
  proven: string | null;
  wasUp: boolean;
  restart: string;
  /** The volume before the last new start. */
  stale: string | null;
  readonly name: string;
  readonly namespace: string;
}

/** What is known of one cluster, for all lives in it. */
export class Truth {
  readonly #sim: SimCluster;
  readonly #mono: () => number;
  readonly #breach: (line: string) => void;
  readonly #podAgainMs: number;
  readonly areTasksLast: boolean;
  readonly #known = new Map<string, Known>();
  /** Task id to the UID of its node. */
  readonly #tasks = new Map<string, string>();
  /** UID of a node to when its Pod was last deleted by a life. */
  readonly #deletions = new Map<string, number>();
  /** Volumes that a Running node stood on. */
  readonly #filled = new Set<string>();
  /** UID of a Pod to when its own sidecar was last asked whether its gate is open. */
  readonly #honest = new Map<string, number>();
  /** Claims by Pod. */
  readonly #mounts = new Map<string, readonly string[]>();
  readonly #leaseListeners: ((name: string, holder: string) => void)[] = [];
  #count = 0;
  /** Effects that were judged, by kind. */
  readonly judged = { post: 0, deletePod: 0, deleteData: 0 };

  constructor(options: {
    readonly sim: SimCluster;
    readonly mono: () => number;
    readonly breach: (line: string) => void;
    /** From one deletion of a Pod to the next at least: less than a minute where requests take long. */
    readonly podAgainMs?: number;
    /** After slow reads the sidecar's tasks are read once more, alone: the node is known as of the slow ones (0020). */
    readonly areTasksLast?: boolean;
  }) {
    this.#sim = options.sim;
    this.#mono = options.mono;
    this.#breach = options.breach;
    this.#podAgainMs = options.podAgainMs ?? POD_AGAIN_MS;
    this.areTasksLast = options.areTasksLast ?? false;
    options.sim.control.follow((revision) => this.#commit(revision));
  }

  /**
   * What one life can know. `lease`: the name of the Lease that lets it write about a node; null = there is no election.
   * `fenceMs`: how long it may act after it last renewed, by a clock that is right.
   */
  view(identity: string, lease: ((key: string) => string) | null, fenceMs = 10_000): View {
    return new View({ truth: this, identity, lease, fenceMs });
  }

  /** Calls `listener` with each Lease that is written, and who holds it then. */
  followLeases(listener: (name: string, holder: string) => void): void {
    this.#leaseListeners.push(listener);
  }

  #tellLease({ object }: Revision): void {
    const { metadata, spec } = takenAs<{
      readonly metadata: { readonly name: string };
      readonly spec?: { readonly holderIdentity?: string | null };
    }>(object);
    for (const listener of this.#leaseListeners) listener(metadata.name, spec?.holderIdentity ?? "");
  }

  next(): number {
    this.#count += 1;
    return this.#count;
  }

  now(): number {
    return this.#mono();
  }

  facts(place: Place): Facts {
    return factsOf(this.#sim, place);
  }

  /** The node whose Pod is at an address. */
  placeOf(host: string): Place | null {
    const placed = placedAt(this.#sim.control.placedPods(), host);
    return placed === null ? null : { namespace: placed.namespace, name: placed.pod.replace(/-0$/, "") };
  }

  /** The node that a task was planned for; null when no committed plan has it, which is another law's matter. */
  ownerOf(taskId: string): Known | null {
    return this.#known.get(this.#tasks.get(taskId) ?? "") ?? null;
  }

  known(uid: string): Known | null {
    return this.#known.get(uid) ?? null;
  }

  /** Whoever answers at this address is asked for its gate. */
  asked(host: string): void {
    const placed = placedAt(this.#sim.control.placedPods(), host);
    if (placed !== null && placed.veil === null) this.#honest.set(placed.podUid, this.#mono());
  }

  /** Judges one effect. `asOf`: the facts that a group was confirmed with; null = it was not. */
  judge(effect: Effect, now: Facts, asOf: (group: FactGroup) => Facts | null): void {
    this.judged[effect.kind] += 1;
    const name = this.#known.get(effect.nodeUid)?.name ?? effect.nodeUid;
    for (const { group, forbids } of rules) {
      const at = asOf(group) ?? now;
      const why = forbids(effect, at);
      if (why !== null && forbids(effect, now) !== null) this.tell(why, `${effect.what} for ${name}`);
    }
    if (effect.kind === "post") this.#judgeInit(effect, now, name);
    if (effect.kind === "deletePod") this.#judgePace(effect, name);
  }

  tell(why: string, effect: string): void {
    const [code = "", ...words] = why.split(": ");
    this.#breach(`${code}: ${effect}: ${words.join(": ")}`);
  }

  #judgeInit({ what, wasUp, nodeUid, host }: Effect, facts: Facts, name: string): void {
    const placed = placedAt(facts.placed, host);
    if (what === "mark-ready" || placed === null) return;
    if (wasUp) this.tell("init: the node was Running", `${what} for ${name}`);
    const { proven = null, restart = "" } = this.#known.get(nodeUid) ?? {};
    const isOthers = restart === "" && placed.volumeUid !== proven && this.#filled.has(placed.volumeUid);
    if (isOthers) this.tell("init: a node has run on this volume", `${what} for ${name}`);
  }

  /** A deletion that was refused was none. */
  refused({ nodeUid }: Effect): void {
    this.#deletions.delete(nodeUid);
  }

  /** Nobody but the sidecar itself tells that its gate is shut; an answer may have been on its way for a while. */
  #judgeEvidence({ name, namespace }: Known): void {
    const placed = this.#sim.control
      .placedPods()
      .find((one) => one.namespace === namespace && one.pod === `${name}-0` && one.veil !== null);
    if (placed === undefined) return;
    const since = this.#mono() - (this.#honest.get(placed.podUid) ?? Number.NEGATIVE_INFINITY);
    if (since > EVIDENCE_MS) this.tell(`evidence: it is from ${placed.veil} in its place`, `shut gate of ${name}`);
  }

  #judgePace({ nodeUid }: Effect, name: string): void {
    const last = this.#deletions.get(nodeUid);
    if (last !== undefined && this.#mono() - last < this.#podAgainMs) {
      this.tell(`often: the last one was ${((this.#mono() - last) / 1000).toFixed(1)} s ago`, `Pod of ${name} deleted`);
    }
    this.#deletions.set(nodeUid, this.#mono());
  }

  #commit(revision: Revision): void {
    if (revision.resource.plural === "pods") this.#judgeSharing(revision);
    if (revision.resource.plural === "leases") this.#tellLease(revision);
    if (revision.resource.plural !== "seinodes" || revision.type === "DELETED") return;
    const node = takenAs<NodeObject>(revision.object);
    const known = this.#noted(node);
    const before = revision.previous === null ? {} : (takenAs<NodeObject>(revision.previous).status ?? {});
    if (isToldShut(node.status ?? {}) && !isToldShut(before)) this.#judgeEvidence(known);
    this.#grow(known, node);
  }

  #noted({ metadata, status }: NodeObject): Known {
    const { uid, name, namespace } = metadata;
    const known = this.#known.get(uid) ?? {
      uid,
      name,
      namespace,
      proven: null,
      wasUp: false,
      restart: "",
      stale: null,
    };
    this.#known.set(uid, known);
    const plan = status?.plan ?? null;
    for (const { id } of plan?.phase === "Active" ? plan.tasks : []) this.#tasks.set(id, uid);
    return known;
  }

  /** What counts from now on: a new start, a volume, a node that is up. */
  #grow(known: Known, { metadata: { annotations = {} }, status }: NodeObject): void {
    const restart = annotations["tidekeeper.sei.io/reinitialize"] ?? "";
    if (restart !== known.restart) {
      Object.assign(known, { restart, wasUp: false, proven: null, stale: known.proven });
    }
    const volume = status?.dataVolume?.uid;
    // Until the new start has noted its own, status still tells the volume of the old one.
    if (volume === undefined || (volume === known.stale && status?.phase !== "Running")) return;
    if (volume !== known.proven) this.#volume(known, volume, annotations);
    if (status?.phase !== "Running" || known.proven === null) return;
    known.wasUp = true;
    this.#filled.add(known.proven);
  }

  /** Two nodes never write one volume. */
  #judgeSharing({ type, object }: Revision): void {
    const pod = takenAs<PodObject>(object);
    const { namespace, name } = pod.metadata;
    if (type === "DELETED") return void this.#mounts.delete(`${namespace}/${name}`);
    const mine = claimsOf(pod);
    for (const [other, theirs] of this.#mounts) {
      const shared = theirs.find((claim) => mine.includes(claim));
      if (type !== "ADDED" || shared === undefined || !other.startsWith(`${namespace}/`)) continue;
      this.tell(`shared: ${other} is on it too`, `Pod ${name} on claim ${shared}`);
    }
    this.#mounts.set(`${namespace}/${name}`, mine);
  }

  /** Until a node is up its init may note what it likes; after that only a person's word counts. */
  #volume(known: Known, volume: string, annotations: Readonly<Record<string, string>>): void {
    const said = ["tidekeeper.sei.io/accept-data-volume", "tidekeeper.sei.io/adopt"].map((name) => annotations[name]);
    if (!known.wasUp || said.includes(volume)) known.proven = volume;
    else this.tell("adopt: nobody consented to another volume", `status of ${known.name}`);
  }
}

interface PodObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec?: { readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[] };
}

function claimsOf({ spec }: PodObject): readonly string[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim ? [claim.claimName] : []));
}

function isToldShut({ conditions = [] }: NodeStatus): boolean {
  return conditions.some(({ type, reason }) => type === "SidecarReady" && reason === "NotReady");
}
