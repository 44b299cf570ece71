/** One seed of the days on which the wrong gate could be opened: a few deeds, at the worst moments, then all is well. */
import { shardOf } from "../../src/kube/lease/index.ts";
import { LEASE_NAME, REFERENCE_LEASE_NAME, shardLeaseName } from "../../src/seinode/crd/index.ts";
import type { SimCluster, WatchOf } from "../../src/sim/index.ts";
import { Care, uidOf } from "./care.ts";
import { type Deed, type DeedContext, deeds, GRAVE, MILD } from "./deeds.ts";
import { dice, type Dice } from "./dice.ts";
import { type Life, noFaults, type Reply, type Sent, startLife } from "./life.ts";
import { Operator } from "./operator.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { Truth } from "./truth.ts";
import { clusterOf } from "./weather.ts";

const SPACE = "sei";
const HEAL_MS = 12 * 60_000;
/** A refused roll-out must not keep a gate shut for longer. */
const GATE_MS = 5 * 60_000;

/** How a day went; each breach begins with the code of what it broke. */
export interface DayVerdict {
  readonly seed: number;
  readonly breaches: readonly string[];
  readonly log: readonly string[];
  /** What was done to the nodes. */
  readonly done: readonly string[];
}

/** Runs one. */
export function day(seed: number): DayVerdict {
  return new Day(seed).run();
}

class Day {
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #time = new SimulatedTime();
  readonly #sim: SimCluster;
  readonly #operator: Operator;
  readonly #truth: Truth;
  readonly #breaches = new Set<string>();
  readonly #log: string[] = [];
  readonly #done: string[] = [];
  readonly #nodes: readonly string[];
  readonly #isElected: boolean;
  readonly #shards: number;
  readonly #route: "direct" | "apiserver";
  readonly #undo = new Set<() => unknown>();
  /** Claims that orphaned nodes left, which must stay. */
  readonly #left = new Map<string, string>();
  /** Requests until a deed is done in the middle of one; null = none waits. */
  #fuse: { count: number; readonly isLate: boolean; readonly run: () => unknown } | null = null;
  #isSlow = false;
  #leasesHangUntil = 0;
  #births = 0;
  readonly #care: Care;
  #life: Life | null = null;

  constructor(seed: number) {
    this.#seed = seed;
    const chance = dice(seed);
    this.#dice = chance;
    this.#nodes = chance.chance(0.35) ? ["n0"] : ["n0", "n1"];
    this.#isElected = chance.chance(0.4);
    this.#shards = this.#isElected && chance.chance(0.4) ? 2 : 1;
    this.#route = chance.chance(0.7) ? "direct" : "apiserver";
    this.#sim = clusterOf(chance, {
      time: this.#time,
      isSlow: () => this.#isSlow,
      hangsLeases: () => this.#time.clock.mono() < this.#leasesHangUntil,
    });
    this.#operator = new Operator(this.#sim);
    this.#care = new Care({
      sim: this.#sim,
      operator: this.#operator,
      tell: (done) => this.#tell(done),
      done: () => this.#done,
      word: () => `again ${Math.floor(this.#time.clock.mono() / 120_000)}`,
    });
    this.#truth = new Truth({
      sim: this.#sim,
      mono: () => this.#time.clock.mono(),
      breach: (line) => this.#breach(line),
    });
  }

  run(): DayVerdict {
    const { control } = this.#sim;
    this.#bear();
    for (const name of this.#nodes) this.#tell(control.createNode({ namespace: SPACE, name, image: "sei:1" }));
    // Some days begin before the nodes are up.
    const isEarly = this.#dice.chance(0.4);
    if (!isEarly) this.#time.run(15_000);
    this.#isSlow = true;
    if (isEarly) this.#mischief(NOTHING);
    for (let left = this.#dice.between(2, 5); left > 0; left -= 1) this.#mischief();
    this.#heal();
    this.#life?.kill();
    return { seed: this.#seed, breaches: [...this.#breaches], log: this.#log, done: this.#done };
  }

  #breach(line: string): void {
    if (!this.#breaches.has(line)) this.#say(`BREACH ${line}`);
    this.#breaches.add(line);
  }

  #say(line: string): void {
    this.#log.push(`${(this.#time.clock.mono() / 1_000).toFixed(3)} ${line.trimEnd()}`);
  }

  #tell(done: unknown): void {
    if (done instanceof Promise) done.catch((error: unknown) => this.#say(`operator: ${String(error)}`));
  }

  #bear(): void {
    this.#births += 1;
    const identity = `life-${this.#births}`;
    const lease = (key: string): string =>
      this.#shards === 1 ? LEASE_NAME : shardLeaseName(shardOf(key, this.#shards));
    const view = this.#truth.view(identity, this.#isElected ? lease : null);
    this.#life = startLife({
      time: this.#time,
      sim: this.#sim,
      dice: this.#dice.fork(),
      identity: this.#isElected ? identity : null,
      shards: this.#shards,
      route: this.#route,
      faults: () => noFaults,
      sent: () => undefined,
      owned: (sent, send) => view.owned(sent, () => this.#fused(sent, send)),
      told: view.told,
      log: (line) => this.#say(`${identity} ${line}`),
      ended: () => {
        this.#say(`${identity} is dead`);
        this.#time.timers.after(this.#dice.between(100, 5_000), () => this.#bear());
      },
    });
  }

  /** Does what waits for this request, before it is carried out or before its reply arrives. */
  async #fused(sent: Sent, send: () => Promise<Reply>): Promise<Reply> {
    const fuse = this.#fuse;
    const counts = fuse !== null && !sent.path.includes("/leases/") && !sent.path.includes("/events");
    if (!counts || (fuse.count -= 1) > 0) return send();
    this.#fuse = null;
    this.#say(`in the middle of ${sent.method} ${sent.path.split("?")[0]}`);
    if (!fuse.isLate) await fuse.run();
    const reply = await send();
    if (fuse.isLate) await fuse.run();
    return reply;
  }

  /** `mild`: something harmless that a graver deed falls into; one of many unless given. */
  #mischief(mild?: Deed): void {
    const chance = this.#dice;
    const isAmid = mild !== undefined || chance.chance(0.5);
    const deed = chance.pick(isAmid ? deeds.filter(({ title }) => GRAVE.has(title)) : deeds);
    const name = chance.pick(this.#nodes);
    if (chance.chance(0.1)) this.#life?.[chance.pick(["kill", "stop"] as const)]();
    if (chance.chance(0.5)) this.#silence(deed);
    const act = (): unknown => this.#do(deed, name);
    if (isAmid) {
      this.#fuse = { count: chance.between(1, chance.pick([8, 30])), isLate: chance.chance(0.5), run: act };
      this.#do(mild ?? chance.pick(deeds.filter(({ title }) => MILD.has(title))), name);
    } else act();
    this.#time.run(chance.between(0, chance.pick([200, 3_000, 30_000])));
    if (this.#fuse !== null) {
      this.#fuse = null;
      act();
      this.#time.run(1_000);
    }
  }

  #do(deed: Deed, name: string): unknown {
    const { timers, clock } = this.#time;
    this.#say(`deed: ${deed.title} ${name}`);
    this.#done.push(deed.title);
    if (deed.title === "orphan") {
      const claim = this.#sim.control.object("persistentvolumeclaims", SPACE, `data-${name}`);
      this.#left.set(name, uidOf(claim));
    }
    const context: DeedContext = {
      now: () => new Date(clock.wall()).toISOString().replace("Z", "456789Z"),
      hangLeases: (ms) => void (this.#leasesHangUntil = clock.mono() + ms),
      sim: this.#sim,
      operator: this.#operator,
      dice: this.#dice.fork(),
      name,
      other: this.#nodes.find((one) => one !== name) ?? name,
      later: (ms, run) => void timers.after(ms, () => this.#tell(run())),
      last: (ms, run) => {
        if (Number.isFinite(ms)) return void timers.after(ms, () => this.#tell(run()));
        this.#undo.add(run);
      },
    };
    const done = deed.run(context);
    this.#tell(done);
    return done instanceof Promise ? done.catch(() => undefined) : undefined;
  }

  #silence({ changes }: Deed): void {
    const chance = this.#dice;
    const others: readonly WatchOf[] = [
      { plural: "leases", name: LEASE_NAME },
      { plural: "leases", name: REFERENCE_LEASE_NAME },
    ];
    const plural = chance.pick(changes.length > 0 ? changes : ["pods", "jobs", "services"]);
    const of = chance.chance(0.1) ? chance.pick(others) : { plural };
    this.#say(`silence: ${of.plural} ${of.name ?? ""}`);
    const graceMs = chance.pick([0, 0, 1_000, 25_000]);
    this.#sim.control.silence(of, chance.between(5_000, chance.pick([20_000, 120_000])), graceMs);
  }

  /** Nothing is broken any more but what a policy refuses; then that goes too. */
  #heal(): void {
    const { control } = this.#sim;
    this.#isSlow = false;
    this.#say("from now on all is well");
    const lasting = this.#done.includes("refused image");
    if (lasting) {
      this.#wait(GATE_MS, "refused", (name) => this.#care.gateUnrest(name));
      control.admission(null);
    }
    for (const undo of this.#undo) this.#tell(undo());
    this.#wait(HEAL_MS, "rest", (name) => this.#care.unrest(name));
    for (const [name, uid] of this.#left) {
      const claim = control.object("persistentvolumeclaims", SPACE, `data-${name}`);
      const isReplaced = this.#done.some((title) => title.startsWith("claim") || title === "delete");
      if (!isReplaced && uid !== "" && uidOf(claim) !== uid) this.#breach(`orphan: the claim of ${name} is gone`);
    }
  }

  #wait(ms: number, code: "refused" | "rest", unrest: (name: string) => string | null): void {
    const end = this.#time.clock.mono() + ms;
    let left: readonly string[] = this.#nodes;
    while (left.length > 0 && this.#time.clock.mono() < end) {
      this.#time.run(5_000);
      for (const name of left) this.#care.mend(name);
      left = this.#nodes.filter((name) => unrest(name) !== null);
    }
    for (const name of left) {
      const why = this.#care.node(name)?.status?.phase === undefined ? "unseen" : this.#likely(code);
      this.#breach(`${why}: ${name} is not at rest: ${unrest(name)} [${this.#done.join(", ")}]`);
    }
  }

  /** A code that tells what is the likely cause, where there is one. */
  #likely(code: "refused" | "rest"): string {
    if (code === "refused") return code;
    return ["mirror", "orphan"].find((title) => this.#done.includes(title)) ?? code;
  }
}

const NOTHING: Deed = { title: "early", changes: [], run: () => undefined };
