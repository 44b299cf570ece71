/** One seed: a fleet under random edits, faults and crashes, then a time in which all is well, then quiet. */
import type { NodeStatus } from "../../src/model/index.ts";
import { createSimCluster, type SimCluster } from "../../src/sim/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";
import { dice, type Dice } from "./dice.ts";
import { Laws } from "./laws.ts";
import { type FaultShares, type Life, noFaults, startLife } from "./life.ts";
import { SimulatedTime } from "./simulated-time.ts";

const SPACE = "sei";
const HEAL_LIMIT_MS = 40 * 60_000;
const QUIET_MS = 120_000;
const DAY_MS = 86_400_000;

/** How a trial went; well when nothing is in `breaches`. */
export interface Verdict {
  readonly seed: number;
  readonly breaches: readonly string[];
  /** What the controllers said and what was done to them, oldest first. */
  readonly log: readonly string[];
  readonly crashes: number;
  readonly plans: number;
  readonly healedAfterMs: number;
}

/** Runs one seed. The same seed gives the same verdict, log and all. */
export function trial(seed: number): Verdict {
  return new Trial(seed).run();
}

interface SeenNode {
  readonly spec: { readonly image: string };
  readonly status?: NodeStatus;
}

class Trial {
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #time = new SimulatedTime();
  readonly #laws = new Laws();
  readonly #sim: SimCluster;
  readonly #log: string[] = [];
  readonly #nodes: readonly string[];
  readonly #lives: (Life | null)[];
  readonly #storm: FaultShares;
  readonly #isElected: boolean;
  readonly #shards: number;
  readonly #route: "direct" | "apiserver";
  #faults: FaultShares = noFaults;
  #lagMs: number;
  #crashes = 0;
  #wallSetBy = 0;
  /** Places that are born again only when somebody is back. */
  #absent: number[] | null = null;
  #awayMs = 0;
  #births = 0;
  #seenRv = 0;
  #statusWrites = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#dice = dice(seed);
    const chance = this.#dice;
    const share = (most: number): number => (chance.chance(0.6) ? (chance.u32() / 2 ** 32) * most : 0);
    this.#storm = { refuse: share(0.1), lose: share(0.1), status: share(0.15), hang: share(0.03), crash: share(0.02) };
    this.#lagMs = chance.chance(0.5) ? chance.between(1, 5_000) : 0;
    this.#nodes = Array.from({ length: chance.between(1, 3) }, (_, index) => `n${index}`);
    // Every third seed has replicas that share the nodes out; the others draw as if there were none.
    this.#shards = seed % 3 === 0 ? 2 + (seed % 4) : 1;
    this.#isElected = chance.chance(0.4) || this.#shards > 1;
    this.#route = chance.chance(0.5) ? "direct" : "apiserver";
    const lives = this.#isElected ? chance.between(1, 2) : 1;
    this.#lives = Array.from({ length: this.#shards > 1 ? lives + 1 + (seed % 2) : lives }, () => null);
    const lag = chance.fork();
    const slow = chance.chance(0.3) ? 2_000 : 50;
    this.#sim = createSimCluster({
      clock: this.#time.clock,
      timers: this.#time.timers,
      random: chance.fork(),
      options: {
        apiLatencyMs: () => lag.between(1, 30),
        sidecarLatencyMs: () => lag.between(1, 30),
        controllerLagMs: () => lag.between(1, slow),
        podStartMs: () => lag.between(10, slow),
        sidecarStartMs: () => lag.between(10, slow),
        readyMs: () => lag.between(1, slow),
        terminateMs: () => lag.between(1, slow),
        flipMs: () => lag.pick([0, 2, 20, 1_000]),
        watchDelayMs: () => (this.#lagMs === 0 ? 0 : lag.between(0, this.#lagMs)),
      },
    });
  }

  run(): Verdict {
    for (const name of this.#nodes)
      this.#tell(this.#sim.control.createNode({ namespace: SPACE, name, image: "sei:1" }));
    this.#lives.forEach((_, place) => this.#bear(place));
    // Some storms find the nodes still being brought up.
    this.#advance(this.#dice.pick([100, 500, 2000, 60_000]));
    this.#storming(this.#dice.between(60, 300) * 1_000);
    const healedAfterMs = this.#heal();
    this.#quiet();
    this.#judge();
    const verdict = {
      seed: this.#seed,
      breaches: this.#laws.breaches,
      log: this.#log,
      crashes: this.#crashes,
      plans: this.#plans,
      healedAfterMs,
    };
    this.#lives.forEach((life) => life?.kill());
    return verdict;
  }

  get #plans(): number {
    return new Set(this.#sim.control.submissions().map(({ body }) => body)).size;
  }

  #say(line: string): void {
    this.#log.push(`${(this.#time.clock.mono() / 1_000).toFixed(3)} ${line.trimEnd()}`);
  }

  #tell(done: Promise<void>): void {
    done.catch((error: unknown) => this.#say(`operator: ${String(error)}`));
  }

  #bear(place: number): void {
    this.#births += 1;
    const identity = `life-${this.#births}`;
    this.#say(`${identity} begins`);
    this.#lives[place] = startLife({
      time: this.#time,
      wallSetBy: () => this.#wallSetBy,
      sim: this.#sim,
      dice: this.#dice.fork(),
      identity: this.#isElected ? identity : null,
      shards: this.#shards,
      route: this.#route,
      faults: () => this.#faults,
      sent: (request) => {
        if (request.path.includes("/seinodes/")) this.#statusWrites += 1;
        this.#laws.sent(request);
        const name = /\/seinodes\/([\w-]+)/.exec(request.path)?.[1];
        if (name === undefined || !this.#isElected) return;
        this.#collect();
        this.#laws.begun({ identity, key: `${SPACE}/${name}`, shards: this.#shards });
      },
      log: (line) => this.#say(`${identity} ${line}`),
      ended: () => {
        this.#crashes += 1;
        this.#say(`${identity} is dead`);
        this.#time.timers.after(this.#dice.between(100, 5_000), () => this.#bearOrWait(place));
      },
    });
  }

  #bearOrWait(place: number): void {
    if (this.#absent === null) this.#bear(place);
    else this.#absent.push(place);
  }

  /** Nobody is there for a long time. */
  #away(): void {
    this.#absent = [];
    for (const life of this.#lives) life?.kill();
    const awayMs = this.#dice.pick([10, 60, 24 * 60]) * 60_000;
    this.#advance(awayMs);
    this.#awayMs += awayMs;
    const places = this.#absent;
    this.#absent = null;
    for (const place of places) this.#bear(place);
  }

  /** Lets time pass and holds what was committed against the laws. */
  #advance(ms: number): void {
    this.#time.run(ms);
    this.#collect();
  }

  #collect(): void {
    for (const revision of this.#sim.control.history()) {
      if (revision.rv <= this.#seenRv) continue;
      this.#seenRv = revision.rv;
      this.#laws.take(revision);
    }
  }

  #storming(ms: number): void {
    this.#faults = this.#storm;
    const end = this.#time.clock.mono() + ms;
    while (this.#time.clock.mono() - this.#awayMs < end) {
      this.#advance(this.#dice.between(0, this.#dice.pick([50, 1_000, 20_000])));
      this.#mischief();
    }
    this.#faults = noFaults;
  }

  #mischief(): void {
    const { control } = this.#sim;
    const name = this.#dice.pick(this.#nodes);
    const deeds: readonly (readonly [string, () => void])[] = [
      ["pod", () => this.#tell(control.replacePod(SPACE, name))],
      ["sidecar", () => control.restartSidecar(SPACE, name)],
      ["image", () => this.#newImage(name)],
      ["hang", () => this.#hang(name)],
      // An init plan that fails has failed for good, by design.
      [
        "fail",
        () =>
          this.#nodes.every((one) => this.#isRunning(one)) &&
          control.failNextTask("mark-ready", "a fault was asked for"),
      ],
      ["cut", () => control.cutWatches()],
      ["compact", () => this.#compact()],
      ["touch", () => this.#touch(name)],
      ["kill", () => this.#dice.pick(this.#lives)?.kill()],
      ["stop", () => this.#dice.pick(this.#lives)?.stop()],
      ["away", () => this.#away()],
      ["clock", () => void (this.#wallSetBy += this.#dice.pick([-DAY_MS, DAY_MS]))],
    ];
    const [deed, run] = this.#dice.pick(deeds);
    this.#say(`deed: ${deed} ${name}`);
    run();
  }

  #hang(name: string): void {
    const { control } = this.#sim;
    control.hangSidecar(SPACE, name, true);
    this.#time.timers.after(this.#dice.between(100, 30_000), () => control.hangSidecar(SPACE, name, false));
  }

  #compact(): void {
    this.#collect();
    this.#sim.control.compact();
  }

  #isRunning(name: string): boolean {
    return this.#seen(name)?.status?.phase === "Running";
  }

  /** Sometimes an image that cannot be pulled for a while. */
  #newImage(name: string): void {
    const image = `sei:${this.#dice.between(1, 4)}`;
    if (this.#dice.chance(0.3)) {
      this.#sim.control.setImageBad(image, true);
      this.#time.timers.after(this.#dice.between(1_000, 60_000), () => this.#sim.control.setImageBad(image, false));
    }
    this.#tell(this.#sim.control.setImage(SPACE, name, image));
  }

  /** Another writer, so that our next patch meets a 409. */
  #touch(name: string): void {
    const body = JSON.stringify({ metadata: { annotations: { touched: String(this.#time.clock.mono()) } } });
    const path = `/apis/sei.io/v1alpha1/namespaces/${SPACE}/seinodes/${name}`;
    const headers = { "content-type": "application/merge-patch+json", "user-agent": "operator" };
    const limits = { deadlineMs: 10_000, maxBytes: 1 << 20 };
    this.#tell(this.#sim.api.request({ method: "PATCH", path, headers, body }, limits).then(() => undefined));
  }

  /** Nothing is broken any more: returns how long it took until every node was at rest. */
  #heal(): number {
    this.#lagMs = 0;
    const began = this.#time.clock.mono();
    this.#say("from now on all is well");
    // Whatever was still to come of the storm is over within a minute.
    this.#advance(65_000);
    while (this.#time.clock.mono() - began < HEAL_LIMIT_MS) {
      if (this.#nodes.every((name) => this.#unrest(name) === null)) return this.#time.clock.mono() - began;
      this.#advance(5_000);
    }
    for (const name of this.#nodes) {
      const why = this.#unrest(name);
      if (why !== null) this.#laws.breaches.push(`rest: ${name} is not at rest: ${why}`);
    }
    return HEAL_LIMIT_MS;
  }

  /** A fleet at rest costs no write. */
  #quiet(): void {
    this.#advance(40_000);
    const before = this.#statusWrites;
    this.#advance(QUIET_MS);
    if (this.#statusWrites > before) {
      this.#laws.breaches.push(`quiet: ${this.#statusWrites - before} status writes while nothing happened`);
    }
  }

  #judge(): void {
    this.#laws.submissions(this.#sim.control.submissions());
    for (const name of this.#nodes) {
      const { lost, restored } = this.#laws.turns.get(name) ?? { lost: 0, restored: 0 };
      const told = [this.#laws.told(name, "SidecarReadinessLost"), this.#laws.told(name, "SidecarReadinessRestored")];
      if ((told[0] ?? 0) > lost || (told[1] ?? 0) > restored) {
        this.#laws.breaches.push(
          `events: ${name}: ${told.join(" and ")} Events for ${lost} losses and ${restored} returns`,
        );
      }
    }
  }

  #seen(name: string): SeenNode | null {
    return this.#laws.newest.get(name) === undefined ? null : takenAs<SeenNode>(this.#laws.newest.get(name));
  }

  #unrest(name: string): string | null {
    const node = this.#seen(name);
    const status = node?.status;
    const ready = status?.conditions?.find(({ type }) => type === "SidecarReady")?.status;
    const isAtRest =
      status?.phase === "Running" &&
      ready === "True" &&
      (status.plan ?? null) === null &&
      status.currentImage === node?.spec.image &&
      this.#sim.control.isGateOpen(SPACE, name);
    return isAtRest ? null : `gate ${this.#sim.control.isGateOpen(SPACE, name)}: ${JSON.stringify(node)}`;
  }
}
