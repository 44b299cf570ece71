/** A fleet with its replicas, all that happens to it held against what must hold, and the trace of it. */
import { shardOf } from "../../../src/kube/lease/index.ts";
import { LEASE_NAME, shardLeaseName } from "../../../src/seinode/crd/index.ts";
import type { Policy, SimCluster } from "../../../src/sim/index.ts";
import type { Dice } from "../dice.ts";
import { type Happening, type Invariant, safetyInvariants } from "../invariants/index.ts";
import { type Life, type Reply, type Sent, startLife } from "../life.ts";
import { Operator } from "../operator.ts";
import { SimulatedTime } from "../simulated-time.ts";
import { Truth } from "../truth.ts";
import { Moods } from "./moods.ts";
import { calm, swarmCluster, type Weather } from "./weather.ts";

/** The namespace of its nodes. */
export const SPACE = "sei";
const FENCE_MS = 10_000;
/** The minute counts from when it was stored, and what lies between that and the deletion may be slow. */
const POD_AGAIN_MS = 45_000;

/** What is done in the middle of a request. */
export interface Fuse {
  count: number;
  readonly isLate: boolean;
  readonly run: () => unknown;
}

/** One place for a process: who is there now. */
export interface Replica {
  life: Life | null;
  identity: string;
  /** How fast its clocks run. */
  rate: number;
}

/** What to make. */
export interface FleetOptions {
  readonly dice: Dice;
  readonly nodes: readonly string[];
  readonly replicas: number;
  readonly shards: number;
  readonly route: "direct" | "apiserver";
  /** A detector of somebody else's runs beside ours. */
  readonly hasPlugin: boolean;
}

/** See above. */
export class Fleet {
  readonly time = new SimulatedTime();
  readonly weather: Weather = calm();
  readonly sim: SimCluster;
  readonly policies: Set<Policy>;
  readonly operator: Operator;
  readonly truth: Truth;
  readonly nodes: readonly string[];
  readonly replicas: readonly Replica[];
  readonly moods = new Moods();
  readonly breaches: string[] = [];
  readonly log: string[] = [];
  /** Listeners beside the invariants. */
  readonly listeners = new Set<(happening: Happening) => void>();
  /** Writes to the API server but Leases and Events, and tasks and deletions at sidecars. */
  effects = 0;
  fuse: Fuse | null = null;
  /** Goes around each effect; null = nothing does. */
  meddle: ((sent: Sent, send: () => Promise<Reply>) => Promise<Reply>) | null = null;
  wallSetBy = 0;
  /** Nobody is born while it is set. */
  isAway = false;
  readonly #options: FleetOptions;
  readonly #dice: Dice;
  readonly #invariants: readonly Invariant[];
  #births = 0;
  #count = 0;
  #trace = 0n;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#dice = options.dice;
    this.nodes = options.nodes;
    const { sim, policies } = swarmCluster(this.time, this.#dice.fork(), this.weather);
    this.sim = sim;
    this.policies = policies;
    this.operator = new Operator(sim);
    this.#invariants = safetyInvariants((node) => this.leaseOf(node));
    this.truth = new Truth({
      sim,
      mono: () => this.time.clock.mono(),
      podAgainMs: POD_AGAIN_MS,
      areTasksLast: true,
      // A minute between two deletions of a Pod is told by times in status: a clock that is set, or fast, shortens it.
      breach: (line) => {
        const isByClock = this.wallSetBy !== 0 || this.replicas.some(({ rate }) => rate !== 1);
        if (!line.startsWith("often:") || !isByClock) this.breach(`${codeOfTruth(line)} ${line}`);
      },
    });
    sim.control.follow((revision) => this.happen({ kind: "committed", at: this.now, revision }));
    this.replicas = Array.from({ length: options.replicas }, () => ({ life: null, identity: "", rate: 1 }));
  }

  get now(): number {
    return this.time.clock.mono();
  }

  /** A hash of all that happened and was said so far. */
  get trace(): string {
    return this.#trace.toString(16).padStart(16, "0");
  }

  leaseOf(node: string): string {
    const { shards } = this.#options;
    return shards === 1 ? LEASE_NAME : shardLeaseName(shardOf(`${SPACE}/${node}`, shards));
  }

  say(line: string): void {
    const told = `${(this.now / 1_000).toFixed(3)} ${line.trimEnd()}`;
    this.log.push(told);
    this.#trace = Bun.hash.wyhash(told, this.#trace);
  }

  breach(line: string): void {
    if (this.breaches.includes(line)) return;
    this.say(`BREACH ${line}`);
    this.breaches.push(line);
  }

  tell(done: unknown): void {
    if (done instanceof Promise) done.catch((error: unknown) => this.say(`operator: ${String(error)}`));
  }

  happen(happening: Happening): void {
    this.#trace = Bun.hash.wyhash(toldOf(happening), this.#trace);
    for (const invariant of this.#invariants) {
      const why = invariant.see(happening);
      if (why !== null) this.breach(`${invariant.code} ${why}`);
    }
    for (const listener of this.listeners) listener(happening);
  }

  /** Starts a process at each place. */
  start(): void {
    for (const replica of this.replicas) this.bear(replica);
  }

  /** Starts one. `rebornAfterMs`: asked when it has ended; null = it is not born again. */
  bear(replica: Replica): void {
    if (this.isAway) return void this.time.timers.after(1_000, () => this.bear(replica));
    this.#births += 1;
    const identity = `life-${this.#births}`;
    const { shards, route, hasPlugin } = this.#options;
    const view = this.truth.view(identity, (key) => this.leaseOf(key.split("/")[1] ?? ""), FENCE_MS / replica.rate);
    this.say(`${identity} begins`);
    replica.identity = identity;
    replica.life = startLife({
      time: this.time,
      rate: replica.rate,
      wallSetBy: () => this.wallSetBy,
      sim: this.sim,
      dice: this.#dice.fork(),
      identity,
      shards,
      route,
      plugins: hasPlugin ? [this.moods.plugin(this.time.timers)] : [],
      faults: () => this.weather.shares,
      sent: () => undefined,
      watching: (path) => this.happen({ kind: "watching", at: this.now, by: identity, path }),
      owned: (sent, send) => view.owned(sent, () => this.#carry(identity, sent, send)),
      told: (line) => {
        view.told(line);
        this.happen({ kind: "told", at: this.now, by: identity, line });
      },
      log: (line) => this.say(`${identity} ${line}`),
      ended: () => {
        this.say(`${identity} is dead`);
        replica.life = null;
        this.time.timers.after(this.#dice.between(100, 5_000), () => this.bear(replica));
      },
    });
  }

  async #carry(by: string, sent: Sent, send: () => Promise<Reply>): Promise<Reply> {
    this.#count += 1;
    const number = this.#count;
    const isEffect = sent.method !== "GET" && !/\/(leases|events)(\/|$|\?)/.test(sent.path);
    if (isEffect) this.effects += 1;
    this.happen({ kind: "sent", at: this.now, by, sent, number });
    try {
      const meddle = isEffect ? this.meddle : null;
      const reply = await (meddle === null ? this.#fused(sent, send) : meddle(sent, send));
      this.happen({ kind: "answered", at: this.now, by, sent, number, reply });
      return reply;
    } catch (error) {
      this.happen({ kind: "answered", at: this.now, by, sent, number, reply: null });
      throw error;
    }
  }

  /** Does what waits for this request, before it is carried out or before its reply arrives. */
  async #fused(sent: Sent, send: () => Promise<Reply>): Promise<Reply> {
    const { fuse } = this;
    const counts = fuse !== null && !sent.path.includes("/leases/") && !sent.path.includes("/events");
    if (!counts || (fuse.count -= 1) > 0) return send();
    this.fuse = null;
    this.say(`in the middle of ${sent.method} ${sent.path.split("?")[0]}`);
    if (!fuse.isLate) await fuse.run();
    const reply = await send();
    if (fuse.isLate) await fuse.run();
    return reply;
  }
}

/** Which invariant a breach of truth.ts is of. */
function codeOfTruth(line: string): "evidence" | "fence" | "owned" {
  if (line.startsWith("fence:")) return "fence";
  return line.startsWith("evidence:") ? "evidence" : "owned";
}

/** What goes into the trace: enough to tell two runs apart, cheap to make. */
function toldOf(happening: Happening): string {
  const { kind, at } = happening;
  switch (happening.kind) {
    case "committed": {
      const { rv, type, resource } = happening.revision;
      return `${at} ${kind} ${rv} ${type} ${resource.plural}`;
    }
    case "sent":
      return `${at} ${kind} ${happening.by} ${happening.sent.method} ${happening.sent.host} ${happening.sent.path} ${happening.sent.body ?? ""}`;
    case "answered":
      return `${at} ${kind} ${happening.by} ${happening.number} ${happening.reply?.status ?? 0}`;
    case "told":
      return `${at} ${kind} ${happening.by} ${happening.line.length}`;
    case "watching":
      return `${at} ${kind} ${happening.by} ${happening.path}`;
  }
}
