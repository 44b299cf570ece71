/** One seed: a fleet under work and a random subset of all faults, then healing, then what it owes when all is well. */
import { Care } from "../care.ts";
import { dice, type Dice } from "../dice.ts";
import type { Happening } from "../invariants/index.ts";
import { exams } from "./exams.ts";
import { AMID, drawFaults, type FaultContext, type FaultKind, faultKinds } from "./faults.ts";
import { Fleet, SPACE } from "./fleet.ts";
import { calm } from "./weather.ts";

/** What a seed is of: with these it runs the same way again. */
export interface SeedOptions {
  readonly seed: number;
  readonly nodes: number;
  /** Simulated minutes at least, of which so much is under faults. */
  readonly minutes: number;
  readonly faults: readonly string[];
}

/** How it went. */
export interface SeedVerdict {
  readonly options: SeedOptions;
  /** Each begins with the code of what it broke: those of invariants and of exams. */
  readonly breaches: readonly string[];
  /** Writes to the API server but Leases and Events, and what sidecars were told to do. */
  readonly effects: number;
  readonly simulatedMinutes: number;
  /** The same for every run of the same options. */
  readonly trace: string;
  readonly log: readonly string[];
}

const MINUTE_MS = 60_000;
/** Of the minutes, so much is under faults; the rest goes to healing, exams and quiet. */
const STORM_SHARE = 0.5;
const WORK_EVERY_MS = 5_000;
/** Every so many-th seed has exams that take a quarter of an hour more. */
const LONG_EVERY = 10;

/** What is switched on for a seed, unless somebody says otherwise. */
export function drawn(seed: number, nodes = 10, minutes = 10): SeedOptions {
  return { seed, nodes, minutes, faults: drawFaults(dice(seed ^ 0x5eed)) };
}

/** Runs it. `see`: told all that happens, besides the invariants. */
export function runSeed(options: SeedOptions, see?: (happening: Happening) => void): SeedVerdict {
  return new Seed(options, see).run();
}

class Seed {
  readonly #options: SeedOptions;
  readonly #dice: Dice;
  readonly #fleet: Fleet;
  readonly #care: Care;
  readonly #done: string[] = [];
  readonly #undo = new Set<() => unknown>();
  readonly #isOn = new Set<string>();
  #isStorm = true;

  constructor(options: SeedOptions, see?: (happening: Happening) => void) {
    this.#options = options;
    this.#dice = dice(options.seed);
    for (const name of options.faults) this.#isOn.add(name);
    const chance = this.#dice;
    this.#fleet = new Fleet({
      dice: chance.fork(),
      nodes: Array.from({ length: options.nodes }, (_, index) => `n${index}`),
      replicas: 2,
      shards: chance.chance(0.25) ? 2 : 1,
      route: chance.chance(0.7) ? "direct" : "apiserver",
      hasPlugin: this.#isOn.has("a plugin with moods"),
    });
    const fleet = this.#fleet;
    if (see !== undefined) fleet.listeners.add(see);
    this.#care = new Care({
      sim: fleet.sim,
      operator: fleet.operator,
      tell: (done) => fleet.tell(done),
      done: () => this.#done,
      word: () => `again ${Math.floor(fleet.now / 120_000)}`,
    });
  }

  run(): SeedVerdict {
    const fleet = this.#fleet;
    const chance = this.#dice.fork();
    for (const kind of faultKinds)
      if (kind.everyMs === null && this.#isOn.has(kind.name)) this.#do(kind, this.#fork(kind));
    fleet.start();
    for (const name of fleet.nodes)
      fleet.tell(fleet.sim.control.createNode({ namespace: SPACE, name, image: "sei:1" }));
    fleet.time.run(chance.pick([100, 2_000, 20_000, 30_000]));
    this.#work(chance.fork());
    for (const kind of faultKinds) {
      if (kind.everyMs !== null && this.#isOn.has(kind.name)) this.#again(kind, this.#fork(kind));
    }
    fleet.time.run(this.#options.minutes * MINUTE_MS * STORM_SHARE);
    this.#heal();
    exams(fleet, this.#care, {
      untilMs: this.#options.minutes * MINUTE_MS,
      isLong: this.#options.seed % LONG_EVERY === 0,
    });
    for (const { life } of fleet.replicas) life?.kill();
    return {
      options: this.#options,
      breaches: fleet.breaches,
      effects: fleet.effects,
      simulatedMinutes: fleet.now / MINUTE_MS,
      trace: fleet.trace,
      log: fleet.log,
    };
  }

  /** Dice of its own, so that one kind's throws do not shift another's. */
  #fork({ name }: FaultKind): Dice {
    return dice(this.#options.seed ^ Number(Bun.hash.wyhash(name) & 0xffff_ffffn));
  }

  /** What happens to any fleet: Pods are replaced, sidecars restart, images are new. */
  #work(chance: Dice): void {
    const { fleet } = { fleet: this.#fleet };
    const { sim, operator, time } = fleet;
    const next = (): void => {
      if (!this.#isStorm) return;
      time.timers.after(chance.between(0, 2 * WORK_EVERY_MS), next);
      const name = chance.pick(fleet.nodes);
      const [title, run] = chance.pick([
        ["pod", () => sim.control.replacePod(SPACE, name)],
        ["kill", () => operator.killPod(name)],
        ["sidecar", () => sim.control.restartSidecar(SPACE, name)],
        ["image", () => sim.control.setImage(SPACE, name, `sei:${chance.between(1, 4)}`)],
      ] as const);
      fleet.say(`work: ${title} ${name}`);
      fleet.tell(run());
    };
    next();
  }

  #again(kind: FaultKind, chance: Dice): void {
    const { timers } = this.#fleet.time;
    const next = (): void => {
      timers.after(chance.between(1_000, 2 * (kind.everyMs ?? 0)), () => {
        if (!this.#isStorm) return;
        this.#do(kind, chance);
        next();
      });
    };
    next();
  }

  #do(kind: FaultKind, chance: Dice): void {
    const fleet = this.#fleet;
    const context = this.#contextOf(chance);
    const isUp = fleet.nodes.every((name) => this.#care.node(name)?.status?.phase === "Running");
    if (kind.isForRunning === true && !isUp) return;
    const act = (): unknown => {
      fleet.say(`fault: ${kind.name} ${context.name}`);
      this.#done.push(kind.name);
      const done = kind.run(context);
      fleet.tell(done);
      return done instanceof Promise ? done.catch(() => undefined) : undefined;
    };
    const isAmid = kind.mayBeAmid === true && this.#isOn.has(AMID) && fleet.fuse === null;
    if (!isAmid) return void act();
    fleet.fuse = { count: chance.between(1, chance.pick([8, 60])), isLate: chance.chance(0.5), run: act };
  }

  #contextOf(chance: Dice): FaultContext {
    const fleet = this.#fleet;
    const { timers, clock } = fleet.time;
    const name = chance.pick(fleet.nodes);
    const tell = (done: unknown): void => fleet.tell(done);
    return {
      fleet,
      tell,
      now: () => new Date(clock.wall()).toISOString().replace("Z", "456789Z"),
      hangLeases: (ms) => void (fleet.weather.leasesHangUntil = clock.mono() + ms),
      sim: fleet.sim,
      operator: fleet.operator,
      dice: chance.fork(),
      name,
      other: fleet.nodes.find((one) => one !== name) ?? name,
      later: (ms, run) => void timers.after(ms, () => tell(run())),
      last: (ms, run) => {
        this.#undo.add(run);
        if (Number.isFinite(ms)) timers.after(ms, () => this.#undone(run));
      },
    };
  }

  #undone(run: () => unknown): void {
    if (this.#undo.delete(run)) this.#fleet.tell(run());
  }

  /** From now on nothing is wrong any more. */
  #heal(): void {
    const fleet = this.#fleet;
    this.#isStorm = false;
    Object.assign(fleet.weather, calm());
    fleet.fuse = null;
    fleet.isAway = false;
    fleet.moods.mood = "well";
    fleet.sim.control.failNextTask("mark-ready", null);
    fleet.policies.clear();
    for (const { life } of fleet.replicas) life?.thaw();
    for (const undo of Array.from(this.#undo)) this.#undone(undo);
    fleet.say("from now on all is well");
  }
}
