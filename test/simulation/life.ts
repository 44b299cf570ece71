/** One life of the controller on the simulated cluster: the session that `run` starts, behind doors that lie and break. */
import { registry, startSession } from "../../src/controller/index.ts";
import { TransportError } from "../../src/base/index.ts";
import { readPlatform } from "../../src/seinode/platform/index.ts";
import type { SimCluster } from "../../src/sim/index.ts";
import { createInstruments, createLogger } from "../../src/telemetry/index.ts";
import type { Dice } from "./dice.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** What can befall a request, as shares of one; they add up to less than one. */
export interface FaultShares {
  /** Never arrives. */
  readonly refuse: number;
  /** Carried out, its reply lost. */
  readonly lose: number;
  /** 429, 500 or 503 in place of an answer. */
  readonly status: number;
  /** No answer until the deadline. */
  readonly hang: number;
  /** The process is killed before it is sent or right after it was carried out. */
  readonly crash: number;
}

/** No faults. */
export const noFaults: FaultShares = { refuse: 0, lose: 0, status: 0, hang: 0, crash: 0 };

/** What to start. */
export interface LifeOptions {
  readonly time: SimulatedTime;
  /** By how much somebody has set the wall clock of its machine. */
  readonly wallSetBy?: () => number;
  readonly sim: SimCluster;
  readonly dice: Dice;
  /** Null = no election. */
  readonly identity: string | null;
  /** Parts that the lives share the nodes out in. */
  readonly shards: number;
  readonly route: "direct" | "apiserver";
  /** Read for each request. */
  readonly faults: () => FaultShares;
  /** Told every mutating request to the API server that was sent. */
  readonly sent: (request: { readonly method: string; readonly path: string; readonly body?: string }) => void;
  /** Wraps each request that leaves the life; nothing but `send` is done unless given. */
  readonly owned?: (sent: Sent, send: () => Promise<Reply>) => Promise<Reply>;
  /** Told each line of a watch that was read. */
  readonly told?: (line: string) => void;
  readonly log: (line: string) => void;
  /** Called once when it has ended by itself or was killed by a fault. */
  readonly ended: () => void;
}

/** A life under way. */
export interface Life {
  readonly isAlive: () => boolean;
  /** As SIGKILL: nothing of it runs on; what is on the wire may still be carried out. */
  readonly kill: () => void;
  /** As SIGTERM. */
  readonly stop: () => void;
}

/** A request as it leaves a life. */
export interface Sent {
  readonly method: string;
  /** Of the API server, or of the sidecar at `host`. */
  readonly path: string;
  /** Null = the API server. */
  readonly host: string | null;
  readonly body?: string;
}

/** What comes back. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Starts one. */
export function startLife(options: LifeOptions): Life {
  const { time, sim, dice } = options;
  const dying = new AbortController();
  const isAlive = (): boolean => !dying.signal.aborted;
  // The dead are silent: what their promises still come to is nobody's business.
  const log = (line: string): void => void (isAlive() && options.log(line));
  const kill = (): void => {
    if (!isAlive()) return;
    dying.abort();
    options.ended();
  };
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
  /** Lets one request through, or not. A dead process hears nothing any more. */
  const door = async (sent: Sent, deadlineMs: number, bare: () => Promise<Reply>): Promise<Reply> => {
    if (!isAlive()) return never();
    const send = (): Promise<Reply> => options.owned?.(sent, bare) ?? bare();
    const share = dice.u32() / 2 ** 32;
    const faults = options.faults();
    let above = 0;
    const falls = (name: keyof FaultShares): boolean => share >= above && share < (above += faults[name]);
    if (falls("refuse")) throw new TransportError("UNREACHABLE", "a fault: refused");
    if (falls("lose")) {
      await send();
      throw new TransportError("UNREACHABLE", "a fault: the reply was lost");
    }
    if (falls("status")) return refusal(dice);
    if (falls("hang")) {
      await new Promise<void>((resolve) => void time.timers.after(deadlineMs, resolve));
      if (!isAlive()) return never();
      throw new TransportError("DEADLINE", "a fault: no answer");
    }
    if (falls("crash")) {
      if (dice.chance(0.5)) await send();
      log("fault: killed at a request");
      kill();
      return never();
    }
    const reply = await send();
    return isAlive() ? reply : never();
  };
  const platform = readPlatform({});
  const list = registry([], null);
  if (!platform.ok || !list.ok) throw new Error("the plainest configuration is refused");
  const session = startSession({
    clock: { mono: () => time.clock.mono(), wall: () => time.clock.wall() + (options.wallSetBy?.() ?? 0) },
    timers: { after: (ms, run) => time.timers.after(ms, () => void (isAlive() && run())) },
    random: dice.fork(),
    api: {
      request: (request, limits) =>
        door({ ...request, host: null }, limits.deadlineMs, () => {
          if (request.method !== "GET") options.sent(request);
          return sim.api.request(request, limits);
        }),
      async stream(request, limits) {
        if (!isAlive()) return never();
        if (dice.chance(options.faults().refuse)) throw new TransportError("UNREACHABLE", "a fault: no watch");
        const signals = [dying.signal, ...(limits.signal === undefined ? [] : [limits.signal])];
        const stream = await sim.api.stream(request, { ...limits, signal: AbortSignal.any(signals) });
        return options.told === undefined ? stream : { ...stream, body: overheard(stream.body, options.told) };
      },
    },
    direct: {
      request: (target, request, limits) =>
        door({ ...request, host: target.host }, limits.deadlineMs, () => sim.sidecars.request(target, request, limits)),
    },
    route: options.route,
    platform: platform.platform,
    detectors: list.detectors,
    mode: "act",
    namespace: null,
    selector: null,
    probeIntervalMs: 10_000,
    concurrency: 8,
    maxUnavailable: { value: 1, isPercent: true },
    lease: options.identity === null ? null : { namespace: "tide", identity: options.identity, shards: options.shards },
    instance: options.identity ?? "alone",
    instruments: createInstruments(),
    log: createLogger({ level: "info", format: "json", sink: log, clock: time.clock }),
    onOver: (why) => {
      log(`over: ${why}\n`);
      // As `run` does: what is under way may still end.
      void session.stop().then(kill);
    },
  });
  return {
    isAlive,
    kill,
    stop: () => void session.stop().then(kill),
  };
}

async function* overheard(body: AsyncIterable<Uint8Array>, told: (line: string) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    told(new TextDecoder().decode(chunk));
    yield chunk;
  }
}

function refusal(dice: Dice): Reply {
  const status = dice.pick([429, 500, 503]);
  const body = {
    kind: "Status",
    status: "Failure",
    reason: "InternalError",
    message: "a fault was asked for",
    code: status,
  };
  const headers: Readonly<Record<string, string>> =
    status === 429 && dice.chance(0.5)
      ? { "content-type": "application/json", "retry-after": "1" }
      : { "content-type": "application/json" };
  return { status, headers, body: new TextEncoder().encode(JSON.stringify(body)) };
}
