/** What one life does, and what it could know when it did it. */
import { takenAs } from "../cluster/harness/taken-as.ts";
import type { Effect, FactGroup, Facts, NodeObject, OwnedObject } from "./facts.ts";
import type { Reply, Sent } from "./life.ts";
import { type Meant, meaningOf, type Place } from "./meaning.ts";
import type { Truth } from "./truth.ts";

/** A request about one node, as long as it counts as an await of what comes after. */
interface Asked {
  readonly group: FactGroup | null;
  readonly sent: number;
  readonly facts: Facts;
  readonly sentMs: number;
  /** Null while it is under way. */
  over: number | null;
  overMs: number;
}

/** Reads that take 20 ms are slow (0020), by a clock that may run fast. */
const SLOW_MS = 17;

type ObjectMeant = Extract<Meant, { kind: "object" }>;

interface ViewParts {
  readonly truth: Truth;
  readonly identity: string;
  readonly lease: ((key: string) => string) | null;
  readonly fenceMs: number;
}

/** One life's part. */
export class View {
  readonly #truth: Truth;
  readonly #lease: ((key: string) => string) | null;
  readonly #fenceMs: number;
  readonly #asked = new Map<string, Asked[]>();
  /** Nodes as watches and replies told of them, and when. */
  readonly #told = new Map<string, { readonly node: NodeObject; readonly isGone: boolean; readonly at: number }>();
  /** When the newest write of a Lease was sent. */
  readonly #renewing = new Map<string, number>();
  /** When the last one that was committed was sent: the watch may tell of it before its reply does. */
  readonly #renewed = new Map<string, number>();

  constructor({ truth, identity, lease, fenceMs }: ViewParts) {
    this.#truth = truth;
    this.#lease = lease;
    this.#fenceMs = fenceMs;
    truth.followLeases((name, holder) => {
      const at = this.#renewing.get(name);
      if (holder === identity && at !== undefined) this.#renewed.set(name, at);
    });
  }

  /** Goes around each request of the life. */
  readonly owned = async (sent: Sent, send: () => Promise<Reply>): Promise<Reply> => {
    const meant = meaningOf(sent);
    if (meant.kind === "lease") return this.#renew(meant.name, sent, send);
    if (meant.kind === "health") this.#truth.asked(meant.host);
    if (meant.kind === "other" || meant.kind === "health") return send();
    const place = meant.kind === "tasks" ? this.#placeAt(meant) : meant;
    if (place === null) return send();
    const effect = this.#effect(sent, meant, place);
    if (effect !== null) this.#judge(effect, place);
    else if (sent.method !== "GET") this.#fenced(place, `${sent.method} ${sent.path.split("?")[0]}`);
    const asked = this.#ask(place, sent.method === "GET" ? meant.group : null);
    const reply = await send();
    if (effect?.kind === "deletePod" && reply.status >= 400) this.#truth.refused(effect);
    this.#answered(asked, meant, reply);
    return reply;
  };

  #ask(place: Place, group: FactGroup | null): Asked {
    const key = `${place.namespace}/${place.name}`;
    const [sent, sentMs] = [this.#truth.next(), this.#truth.now()];
    const asked: Asked = { group, sent, sentMs, facts: this.#truth.facts(place), over: null, overMs: 0 };
    this.#asked.set(key, [...(this.#asked.get(key) ?? []).slice(-40), asked]);
    return asked;
  }

  #answered(asked: Asked, meant: Meant, reply: Reply): void {
    Object.assign(asked, { over: this.#truth.next(), overMs: this.#truth.now() });
    if (meant.group === "node" && reply.status === 200) this.#hear(takenAs<NodeObject>(jsonOf(reply)));
    // A failed read confirms nothing, and is an await all the same.
    if (reply.status >= 400 && reply.status !== 404) Object.assign(asked, { group: null });
  }

  /** Takes a line of a watch. */
  readonly told = (line: string): void => {
    if (!line.includes('"kind":"SeiNode"')) return;
    for (const one of line.trim().split("\n")) {
      const { type, object } = takenAs<{ type: string; object: NodeObject }>(JSON.parse(one));
      if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") this.#hear(object, type === "DELETED");
    }
  };

  #hear(node: NodeObject, isGone = false): void {
    const key = `${node.metadata.namespace}/${node.metadata.name}`;
    const before = this.#told.get(key);
    if (before !== undefined && isOlder(node, before.node)) return;
    this.#told.set(key, { node, isGone, at: this.#truth.now() });
  }

  #judge(effect: Effect, place: Place): void {
    const key = `${place.namespace}/${place.name}`;
    this.#fenced(place, `${effect.what} for ${place.name}`);
    const now = this.#truth.facts(place);
    const confirmed = confirmedOf(this.#asked.get(key) ?? [], this.#truth.areTasksLast);
    this.#truth.judge(effect, now, (group) => {
      const facts = confirmed.get(group) ?? null;
      if (group !== "node" || facts === null) return facts;
      const told = this.#told.get(key);
      const isNews = told !== undefined && told.at < this.#truth.now() && !isOlder(told.node, facts.node);
      return isNews ? { ...facts, node: told.isGone ? null : told.node } : facts;
    });
  }

  #effect(sent: Sent, meant: Meant, place: Place): Effect | null {
    if (meant.kind === "tasks") return sent.method === "POST" ? this.#post(sent, meant.host) : null;
    return sent.method === "DELETE" && meant.kind === "object" ? this.#deletion(sent, meant, place) : null;
  }

  #post({ body = "{}" }: Sent, host: string): Effect | null {
    const { id = "", type = "" } = takenAs<{ id?: string; type?: string }>(JSON.parse(body));
    const owner = this.#truth.ownerOf(id);
    if (owner === null) return null;
    const { uid: nodeUid, proven, wasUp } = owner;
    return { kind: "post", what: type, nodeUid, taskId: id, host, uid: "", proven, wasUp };
  }

  #deletion({ body = "{}" }: Sent, meant: ObjectMeant, place: Place): Effect | null {
    const { preconditions } = takenAs<{ preconditions?: { uid?: string } }>(JSON.parse(body));
    const facts = this.#truth.facts(place);
    const uid = preconditions?.uid ?? "";
    // What the API server will refuse for its UID touches nobody.
    if (facts.node === null || isAnother(thereOf(meant, facts), uid)) return null;
    const nodeUid = facts.node.metadata.uid;
    const { proven = null, wasUp = false } = this.#truth.known(nodeUid) ?? {};
    const base = { nodeUid, taskId: null, host: null, uid, proven, wasUp };
    if (meant.group === "pod") return { ...base, kind: "deletePod", what: "deletion of the Pod" };
    // A bootstrap is taken down while its node lives on.
    const isData = meant.group !== null || facts.node.metadata.deletionTimestamp !== undefined;
    return isData ? { ...base, kind: "deleteData", what: `deletion of ${meant.plural}` } : null;
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
    if (since > this.#fenceMs) this.#truth.tell(`fence: ${(since / 1000).toFixed(2)} s after the last renewal`, effect);
  }

  async #renew(name: string, sent: Sent, send: () => Promise<Reply>): Promise<Reply> {
    if (sent.method === "PATCH") this.#renewing.set(name, this.#truth.now());
    return send();
  }
}

type Over = Asked & { over: number };

/**
 * Facts by group, of the reads after which no other request about the node began and ended. `areTasksLast`: the sidecar's
 * tasks may have been read alone after reads that were slow, and then the node counts as of those.
 */
function confirmedOf(asked: readonly Asked[], areTasksLast: boolean): ReadonlyMap<FactGroup, Facts> {
  const over = asked.filter((one): one is Over => one.over !== null);
  const last = togetherOf(over);
  const confirmed = new Map(last.flatMap(({ group, facts }) => (group === null ? [] : [[group, facts] as const])));
  if (!areTasksLast || last.some(({ group }) => group !== "tasks")) return confirmed;
  const began = Math.min(...last.map(({ sent }) => sent));
  const before = togetherOf(over.filter((one) => one.over < began));
  const tookMs = Math.max(...before.map(({ overMs }) => overMs)) - Math.min(...before.map(({ sentMs }) => sentMs));
  const node = before.find(({ group }) => group === "node");
  if (node !== undefined && tookMs >= SLOW_MS) confirmed.set("node", node.facts);
  return confirmed;
}

/** Those that were over last, with no other begun and ended since. */
function togetherOf(over: readonly Over[]): readonly Over[] {
  const last = over.reduce<Over | null>((a, b) => (a === null || b.over > a.over ? b : a), null);
  return last === null ? [] : over.filter((one) => one.over >= last.sent);
}

/** The object that is meant; undefined when its kind is not looked at. */
function thereOf({ group }: ObjectMeant, facts: Facts): OwnedObject | null | undefined {
  return group === "pod" || group === "claim" || group === "set" ? facts[group] : undefined;
}

function isAnother(there: OwnedObject | null | undefined, uid: string): boolean {
  return there !== undefined && there?.metadata.uid !== uid;
}

function isOlder(a: NodeObject, b: NodeObject | null): boolean {
  return b !== null && Number(a.metadata.resourceVersion) < Number(b.metadata.resourceVersion);
}

function jsonOf({ body }: Reply): unknown {
  return JSON.parse(new TextDecoder().decode(body));
}
