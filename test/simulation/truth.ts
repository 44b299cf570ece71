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
import type { Reply, Sent } from "./life.ts";
import type { NodeStatus } from "../../src/core/node.ts";
import type { Revision, SimCluster } from "../../src/sim/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";

const POD_AGAIN_MS = 60_000;
const FENCE_MS = 10_000;
/** From a question to a sidecar to the commit of what it showed, at most. */
const EVIDENCE_MS = 6_000;

/** A request about one node, as long as it counts as an await of what comes after. */
interface Asked {
  readonly group: FactGroup | null;
  readonly sent: number;
  readonly facts: Facts;
  /** Null while it is under way. */
  over: number | null;
}

interface Known {
  readonly uid: string;
  /** The volume that init completed on. */
  proven: string | null;
  wasUp: boolean;
  restart: string;
  readonly name: string;
  readonly namespace: string;
}

/** What is known of one cluster, for all lives in it. */
export class Truth {
  readonly #sim: SimCluster;
  readonly #mono: () => number;
  readonly #breach: (line: string) => void;
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
  #count = 0;
  /** Effects that were judged, by kind. */
  readonly judged = { post: 0, deletePod: 0, deleteData: 0 };

  constructor(options: {
    readonly sim: SimCluster;
    readonly mono: () => number;
    readonly breach: (line: string) => void;
  }) {
    this.#sim = options.sim;
    this.#mono = options.mono;
    this.#breach = options.breach;
    options.sim.control.follow((revision) => this.#commit(revision));
  }

  /** What one life can know. `lease`: the name of the Lease that lets it write about a node; null = there is no election. */
  view(identity: string, lease: ((key: string) => string) | null): View {
    return new View({ truth: this, identity, lease });
  }

  next(): number {
    this.#count += 1;
    return this.#count;
  }

  now(): number {
    return this.#mono();
  }

  facts(place: { readonly namespace: string; readonly name: string }): Facts {
    return factsOf(this.#sim, place);
  }

  /** The node whose Pod is at an address. */
  placeOf(host: string): { readonly namespace: string; readonly name: string } | null {
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
    const proven = this.#known.get(nodeUid)?.proven ?? null;
    const isOthers = placed.volumeUid !== proven && this.#filled.has(placed.volumeUid);
    if (isOthers) this.tell("init: a node has run on this volume", `${what} for ${name}`);
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
    if (last !== undefined && this.#mono() - last < POD_AGAIN_MS) {
      this.tell(`often: the last one was ${((this.#mono() - last) / 1000).toFixed(1)} s ago`, `Pod of ${name} deleted`);
    }
    this.#deletions.set(nodeUid, this.#mono());
  }

  #commit(revision: Revision): void {
    if (revision.resource.plural === "pods") this.#judgeSharing(revision);
    if (revision.resource.plural !== "seinodes" || revision.type === "DELETED") return;
    const { metadata, status = {} } = takenAs<NodeObject>(revision.object);
    const { uid, name, namespace, annotations = {} } = metadata;
    const known = this.#known.get(uid) ?? { uid, name, namespace, proven: null, wasUp: false, restart: "" };
    this.#known.set(uid, known);
    for (const { id } of status.plan?.tasks ?? []) if (status.plan?.phase === "Active") this.#tasks.set(id, uid);
    const before = revision.previous === null ? {} : (takenAs<NodeObject>(revision.previous).status ?? {});
    if (isToldShut(status) && !isToldShut(before)) this.#judgeEvidence(known);
    const restart = annotations["tidekeeper.sei.io/reinitialize"] ?? "";
    if (restart !== known.restart) Object.assign(known, { restart, wasUp: false, proven: null });
    const volume = status.dataVolume?.uid;
    if (volume !== undefined && volume !== known.proven) this.#volume(known, volume, annotations);
    if (status.phase !== "Running" || volume === undefined || known.proven === null) return;
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

interface ViewParts {
  readonly truth: Truth;
  readonly identity: string;
  readonly lease: ((key: string) => string) | null;
}

/** One life's part. */
export class View {
  readonly #truth: Truth;
  readonly #identity: string;
  readonly #lease: ((key: string) => string) | null;
  readonly #asked = new Map<string, Asked[]>();
  /** Nodes as watches and replies told of them, and when. */
  readonly #told = new Map<string, { readonly node: NodeObject; readonly at: number }>();
  /** When the last write of a Lease that succeeded was sent. */
  readonly #renewed = new Map<string, number>();

  constructor({ truth, identity, lease }: ViewParts) {
    this.#truth = truth;
    this.#identity = identity;
    this.#lease = lease;
  }

  /** Goes around each request of the life. */
  readonly around = async (sent: Sent, send: () => Promise<Reply>): Promise<Reply> => {
    const meant = meaningOf(sent);
    if (meant.kind === "lease") return this.#renew(meant.name, sent, send);
    if (meant.kind === "health") this.#truth.asked(meant.host);
    if (meant.kind === "other" || meant.kind === "health") return send();
    const place = meant.kind === "tasks" ? this.#placeAt(meant) : meant;
    if (place === null) return send();
    const effect = this.#effect(sent, meant, place);
    if (effect !== null) this.#judge(effect, place);
    else if (sent.method !== "GET") this.#fenced(place, `${sent.method} ${sent.path.split("?")[0]}`);
    const key = `${place.namespace}/${place.name}`;
    const asked: Asked = {
      group: sent.method === "GET" ? meant.group : null,
      sent: this.#truth.next(),
      facts: this.#truth.facts(place),
      over: null,
    };
    const all = this.#asked.get(key) ?? [];
    this.#asked.set(key, [...all.slice(-40), asked]);
    const reply = await send();
    asked.over = this.#truth.next();
    if (meant.group === "node" && reply.status === 200) this.#hear(takenAs<NodeObject>(jsonOf(reply)));
    // A failed read confirms nothing, and is an await all the same.
    if (reply.status >= 400 && reply.status !== 404) Object.assign(asked, { group: null });
    return reply;
  };

  /** Takes a line of a watch. */
  readonly told = (line: string): void => {
    if (!line.includes('"kind":"SeiNode"')) return;
    for (const one of line.trim().split("\n")) {
      const { type, object } = takenAs<{ type: string; object: NodeObject }>(JSON.parse(one));
      if (type === "ADDED" || type === "MODIFIED") this.#hear(object);
    }
  };

  #hear(node: NodeObject): void {
    const key = `${node.metadata.namespace}/${node.metadata.name}`;
    const before = this.#told.get(key);
    if (before !== undefined && isOlder(node, before.node)) return;
    this.#told.set(key, { node, at: this.#truth.now() });
  }

  #judge(effect: Effect, place: Place): void {
    const key = `${place.namespace}/${place.name}`;
    this.#fenced(place, `${effect.what} for ${place.name}`);
    const now = this.#truth.facts(place);
    // What the API server will refuse for its UID touches nobody.
    if (effect.kind === "deletePod" && now.pod?.metadata.uid !== effect.uid) return;
    const confirmed = confirmedOf(this.#asked.get(key) ?? []);
    this.#truth.judge(effect, now, (group) => {
      const facts = confirmed.get(group) ?? null;
      if (group !== "node" || facts === null) return facts;
      const told = this.#told.get(key);
      const isNews = told !== undefined && told.at < this.#truth.now() && !isOlder(told.node, facts.node);
      return isNews ? { ...facts, node: told.node } : facts;
    });
  }

  #effect(sent: Sent, meant: Meant, place: Place): Effect | null {
    const body = takenAs<{ id?: string; type?: string; preconditions?: { uid?: string } }>(
      JSON.parse(sent.body ?? "{}"),
    );
    if (meant.kind === "tasks" && sent.method === "POST") {
      const owner = this.#truth.ownerOf(body.id ?? "");
      if (owner === null) return null;
      const { uid, proven, wasUp } = owner;
      return {
        kind: "post",
        what: body.type ?? "",
        nodeUid: uid,
        taskId: body.id ?? "",
        host: meant.host,
        uid: "",
        proven,
        wasUp,
      };
    }
    if (sent.method !== "DELETE" || meant.kind !== "object") return null;
    const node = this.#truth.facts(place).node;
    if (node === null) return null;
    const known = this.#truth.known(node.metadata.uid);
    const base = { nodeUid: node.metadata.uid, taskId: null, host: null, uid: body.preconditions?.uid ?? "" };
    const proof = { proven: known?.proven ?? null, wasUp: known?.wasUp ?? false };
    if (meant.group === "pod") return { ...base, ...proof, kind: "deletePod", what: "deletion of the Pod" };
    // A bootstrap is taken down while its node lives on.
    const isData = meant.group === "claim" || meant.group === "set" || node.metadata.deletionTimestamp !== undefined;
    return isData ? { ...base, ...proof, kind: "deleteData", what: `deletion of ${meant.plural}` } : null;
  }

  /** A sidecar is named by its address; whoever was meant is told by the task, or by who was there. */
  #placeAt({ host, taskId }: Extract<Meant, { kind: "tasks" }>): Place | null {
    const owner = taskId === null ? null : this.#truth.ownerOf(taskId);
    if (owner !== null) return owner;
    return this.#truth.placeOf(host);
  }

  #fenced(place: Place, effect: string): void {
    if (this.#lease === null) return;
    const lease = this.#lease(`${place.namespace}/${place.name}`);
    const since = this.#truth.now() - (this.#renewed.get(lease) ?? Number.NEGATIVE_INFINITY);
    if (since > FENCE_MS) this.#truth.tell(`fence: ${(since / 1000).toFixed(2)} s after the last renewal`, effect);
  }

  async #renew(name: string, sent: Sent, send: () => Promise<Reply>): Promise<Reply> {
    const at = this.#truth.now();
    const reply = await send();
    if (sent.method !== "PATCH" || reply.status !== 200) return reply;
    const { spec } = takenAs<{ spec?: { holderIdentity?: string | null } }>(jsonOf(reply));
    if (spec?.holderIdentity === this.#identity) this.#renewed.set(name, at);
    return reply;
  }
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

type Meant =
  | { readonly kind: "health"; readonly group: null; readonly host: string }
  | { readonly kind: "lease"; readonly name: string; readonly group: null; readonly host: null }
  | { readonly kind: "other"; readonly group: null; readonly host: null }
  | ({
      readonly kind: "object";
      readonly group: FactGroup | null;
      readonly plural: string;
      readonly host: null;
    } & Place)
  | { readonly kind: "tasks"; readonly group: FactGroup | null; readonly host: string; readonly taskId: string | null };

const OTHER = { kind: "other", group: null, host: null } as const;
const PROXY = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/:]+):\d+\/proxy(\/v0\/[^?]*)/;
const OBJECT = /^\/apis?\/(?:[^/]+\/)?v[^/]+\/namespaces\/([^/]+)\/([a-z]+)\/([^/?]+)/;
const GROUPS: Readonly<Record<string, FactGroup>> = {
  seinodes: "node",
  pods: "pod",
  persistentvolumeclaims: "claim",
  statefulsets: "set",
};

/** Which node a request is about, and what it tells of it. */
function meaningOf({ method, path, host, body }: Sent): Meant {
  const proxied = PROXY.exec(path);
  if (host !== null || proxied !== null) {
    const [, namespace = "", pod = ""] = proxied ?? [];
    const at = host ?? `${pod}.x.${namespace}.svc.cluster.local`;
    return tasksOf({ method, path: proxied?.[3] ?? path, host: at, ...(body === undefined ? {} : { body }) }, at);
  }
  const [, namespace = "", plural = "", name = ""] = OBJECT.exec(path) ?? [];
  if (plural === "leases") return { kind: "lease", name, group: null, host: null };
  const group = GROUPS[plural] ?? null;
  if (group === null && plural !== "services" && plural !== "jobs") return OTHER;
  const node = nodeNameOf(plural, name);
  return { kind: "object", group, plural, namespace, name: node, host: null };
}

function tasksOf({ method, path, body }: Sent, host: string): Meant {
  const bare = path.split("?")[0] ?? "";
  if (bare === "/v0/healthz") return { kind: "health", group: null, host };
  if (!bare.startsWith("/v0/tasks")) return OTHER;
  const given = method === "POST" ? takenAs<{ id?: string }>(JSON.parse(body ?? "{}")).id : bare.split("/")[3];
  return { kind: "tasks", group: bare === "/v0/tasks" ? "tasks" : null, host, taskId: given ?? null };
}

function nodeNameOf(plural: string, name: string): string {
  if (plural === "pods") return name.replace(/-0$/, "");
  if (plural === "persistentvolumeclaims") return name.replace(/^data-/, "");
  return name.replace(/-bootstrap$/, "");
}

/** Facts by group, of the reads after which no other request about the node began and ended. */
function confirmedOf(asked: readonly Asked[]): ReadonlyMap<FactGroup, Facts> {
  const over = asked.filter((one): one is Asked & { over: number } => one.over !== null);
  const last = over.reduce<(Asked & { over: number }) | null>((a, b) => (a === null || b.over > a.over ? b : a), null);
  const together = over.filter((one) => last !== null && one.over >= last.sent);
  return new Map(together.flatMap(({ group, facts }) => (group === null ? [] : [[group, facts] as const])));
}

function isToldShut({ conditions = [] }: NodeStatus): boolean {
  return conditions.some(({ type, reason }) => type === "SidecarReady" && reason === "NotReady");
}

function isOlder(a: NodeObject, b: NodeObject | null): boolean {
  return b !== null && Number(a.metadata.resourceVersion) < Number(b.metadata.resourceVersion);
}

function jsonOf({ body }: Reply): unknown {
  return JSON.parse(new TextDecoder().decode(body));
}
