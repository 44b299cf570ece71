/** Mirrors a collection into a store: the driver around reflector-step.ts. */
import { type ApiTransport, type Clock, messageOf, plainLine, type Random, type Timers } from "../../base/index.ts";
import type { ParseJson } from "../client/index.ts";
import { requestPage } from "./list-page.ts";
import { type AttemptEnd, type Problem, reflectorStart, type ReflectorState, reflectorStep } from "./reflector-step.ts";
import type { Staging, StoreWriter } from "../store/index.ts";
import { identityOf, type WatchEvent } from "./watch-event.ts";
import { runWatchStream, WATCH_SECONDS } from "./watch-stream.ts";

/** What a reflector has to tell. `resource` is as RBAC names it, `why` one line. */
export type ReflectorReport =
  /** The whole collection, as it was at `version`, is in the store. */
  | {
      readonly type: "synced";
      readonly resource: string;
      readonly how: "stream" | "list";
      readonly objects: number;
      readonly version: string;
    }
  /** After a problem: a watch is open again, or the whole collection came. */
  | { readonly type: "working"; readonly resource: string }
  | ({ readonly resource: string; readonly failures: number; readonly waitMs: number } & Problem)
  /** An object that could not be read, or a line that is no event we know: passed over, the watch goes on. */
  | { readonly type: "unreadable"; readonly resource: string; readonly key: string; readonly why: string };

/** How a reflector is doing, for readiness. */
export interface ReflectorHealth {
  /** The first whole list is in. */
  readonly synced: boolean;
  /** A watch is open, or the last one ended as it should. */
  readonly connected: boolean;
  /** Monotonic milliseconds of the last byte of news; `null` before the first. */
  readonly lastProgressMono: number | null;
  /**
   * Monotonic milliseconds of the last proof that what happens is told: an object, a bookmark, a whole list, or the end of a
   * watch by the other side. That a watch could be opened is none; `null` before the first.
   */
  readonly heardMono: number | null;
  /** `what failed: where: got X, want Y`; `null` when nothing is wrong. */
  readonly problem: string | null;
}

/** What to mirror and where to. */
export interface ReflectorOptions<T> {
  readonly transport: ApiTransport;
  /** The collection, such as `/api/v1/pods`, without a query. */
  readonly path: string;
  readonly query?: { readonly labelSelector?: string; readonly fieldSelector?: string };
  /** Reads one object from the wire and keeps what is needed; `null` or a throw reports it and passes it over. */
  readonly project: (raw: unknown) => T | null;
  /** Reads the wire itself; `JSON.parse` unless given. */
  readonly parse?: ParseJson;
  readonly store: { readonly writer: StoreWriter<T> };
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly report: (report: ReflectorReport) => void;
  /** Ends it for good. */
  readonly signal: AbortSignal;
}

/** A running mirror of one collection. */
export interface Reflector {
  /** What it mirrors, as its reports name it. */
  readonly resource: string;
  readonly health: ReflectorHealth;
  /** Settles when the signal has ended it; rejects only on a defect. */
  readonly stopped: Promise<void>;
}

/** Mirrors a collection into a store until `signal` aborts: WatchList where there is one, else pages and a watch. */
export function startReflector<T>(options: ReflectorOptions<T>): Reflector {
  const mirror = new Mirror(options);
  const stopped = mirror.run();
  return {
    resource: resourceOf(options.path),
    get health() {
      return mirror.health;
    },
    stopped,
  };
}

/** The resource that a collection's path names, as RBAC does: `pods`, `deployments.apps`. */
export function resourceOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  const group = parts[0] === "apis" ? `.${parts[1] ?? ""}` : "";
  return `${parts.at(-1) ?? ""}${group}`;
}

class Mirror<T> {
  health: ReflectorHealth = { synced: false, connected: false, lastProgressMono: null, heardMono: null, problem: null };
  readonly #options: ReflectorOptions<T>;
  readonly #resource: string;
  #isOpen = false;
  #state: ReflectorState = reflectorStart;
  /** A list that is still arriving. */
  #arriving: Staging<T>;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#arriving = options.store.writer.staging();
    this.#resource = resourceOf(options.path);
  }

  async run(): Promise<void> {
    const { signal, clock, random } = this.#options;
    while (!signal.aborted) {
      const ending = await this.#attempt();
      if (signal.aborted) return;
      // Whoever can end a watch has told what there was to tell; one that we had to cut is another matter.
      if (ending.kind === "closed" || (ending.kind === "unreachable" && this.#isOpen)) this.#heard();
      const next = reflectorStep(this.#state, ending, { now: clock.mono(), u32: random.u32() });
      this.#state = next.state;
      if (next.problem !== null) this.#tell(next.problem, next.waitMs);
      if (next.waitMs > 0) await this.#pause(next.waitMs);
    }
  }

  async #attempt(): Promise<AttemptEnd> {
    const { attempt } = this.#state;
    this.#isOpen = false;
    const cut = new AbortController();
    const abort = () => cut.abort();
    this.#options.signal.addEventListener("abort", abort, { once: true });
    try {
      switch (attempt.kind) {
        case "stream":
          return await this.#stream(null, cut.signal);
        case "watch":
          return await this.#stream(attempt.version, cut.signal);
        case "list":
          return await this.#page(attempt.continueToken, cut.signal);
      }
    } finally {
      this.#options.signal.removeEventListener("abort", abort);
    }
  }

  #stream(version: string | null, signal: AbortSignal): Promise<AttemptEnd> {
    const { transport, clock, timers, parse = JSON.parse } = this.#options;
    let isListing = version === null;
    if (isListing) this.#arriving = this.#options.store.writer.staging();
    return runWatchStream({
      transport,
      clock,
      timers,
      parse,
      version,
      signal,
      path: this.#path({
        watch: "true",
        allowWatchBookmarks: "true",
        timeoutSeconds: String(WATCH_SECONDS),
        ...(version === null
          ? { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" }
          : { resourceVersion: version }),
      }),
      onOpen: () => {
        if (isListing) return;
        this.#isOpen = true;
        this.#progress();
      },
      onEvent: (event) => {
        if (!isListing) return this.#live(event);
        isListing = !this.#listing(event);
      },
    });
  }

  /** Takes one event of a stream's list part; returns whether it was the last. */
  #listing(event: Extract<WatchEvent, { kind: "change" | "bookmark" | "odd" }>): boolean {
    switch (event.kind) {
      case "odd":
        this.#unreadable("", event.why);
        return false;
      case "bookmark":
        if (event.isInitialEnd) this.#swap("stream", event.version);
        return event.isInitialEnd;
      case "change": {
        const object = event.type === "DELETED" ? null : this.#read(event.key, event.object);
        if (object === null) this.#arriving.drop(event.key);
        else this.#arriving.put(object);
        return false;
      }
    }
  }

  #live(event: Extract<WatchEvent, { kind: "change" | "bookmark" | "odd" }>): void {
    const { writer } = this.#options.store;
    this.#progress();
    this.#heard();
    switch (event.kind) {
      case "odd":
        return this.#unreadable("", event.why);
      case "bookmark":
        return writer.advance(event.version);
      case "change": {
        // Most events only repeat our own writes: nothing in them is new.
        if (event.type !== "DELETED" && writer.takeOwnWriteEcho(event.key, event.version)) return;
        const object = this.#read(event.key, event.object);
        if (event.type === "DELETED") writer.remove(event.key, object);
        else if (object !== null) writer.upsert(object);
        else writer.advance(event.version);
      }
    }
  }

  async #page(continueToken: string | null, signal: AbortSignal): Promise<AttemptEnd> {
    if (continueToken === null) this.#arriving = this.#options.store.writer.staging();
    const { wholeList, pageObjects } = this.#state;
    const path = this.#path({
      ...(wholeList ? {} : { limit: String(pageObjects) }),
      ...(continueToken === null ? {} : { continue: continueToken }),
    });
    const { transport, parse = JSON.parse } = this.#options;
    const { ending, items } = await requestPage({ transport, path, parse, signal, isWhole: wholeList });
    for (const raw of items) {
      const { key } = identityOf(raw);
      const object = this.#read(key, raw);
      if (object !== null) this.#arriving.put(object);
    }
    if (ending.kind === "page" && ending.continueToken === null) this.#swap("list", ending.version);
    return ending;
  }

  #swap(how: "stream" | "list", version: string): void {
    const arrived = this.#arriving;
    const objects = arrived.size;
    this.#arriving = this.#options.store.writer.staging();
    this.#options.store.writer.swap(arrived, version);
    this.health = { ...this.health, synced: true };
    this.#progress();
    this.#heard();
    this.#options.report({ type: "synced", resource: this.#resource, how, objects, version });
  }

  #read(key: string, raw: unknown): T | null {
    try {
      const object = this.#options.project(raw);
      if (object === null) this.#unreadable(key, "not what it should be");
      return object;
    } catch (error) {
      this.#unreadable(key, plainLine(messageOf(error), 200));
      return null;
    }
  }

  #unreadable(key: string, why: string): void {
    this.#options.report({ type: "unreadable", resource: this.#resource, key, why });
  }

  #progress(): void {
    const isOver = this.health.problem !== null;
    this.health = { ...this.health, connected: true, lastProgressMono: this.#options.clock.mono(), problem: null };
    if (isOver) this.#options.report({ type: "working", resource: this.#resource });
  }

  #heard(): void {
    this.health = { ...this.health, heardMono: this.#options.clock.mono() };
  }

  #tell(problem: Problem, waitMs: number): void {
    const { verb, why, type } = problem;
    if (type !== "fallback") {
      const hint = type === "denied" ? hintOf(problem, this.#resource) : "";
      const text = `${verb} ${this.#resource}: ${this.#options.path}: ${why}${hint}`;
      this.health = { ...this.health, connected: false, problem: text };
    }
    this.#options.report({ ...problem, resource: this.#resource, failures: this.#state.failures, waitMs });
  }

  #pause(ms: number): Promise<void> {
    const { timers, signal } = this.#options;
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = timers.after(ms, end);
      signal.addEventListener("abort", end, { once: true });
    });
  }

  #path(parameters: Readonly<Record<string, string>>): string {
    const query = new URLSearchParams({ ...this.#options.query, ...parameters });
    return `${this.#options.path}?${query.toString()}`;
  }
}

function hintOf({ status, verb }: Problem, resource: string): string {
  return status === 401 ? ". Check the credentials" : `. Grant ${verb} on ${resource}`;
}
