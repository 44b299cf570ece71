/** Sends Events, behind everything else and never twice. */
import { backOffMs, type Clock, jitter, plainLine, type Random, type Timers } from "../../base/index.ts";
import type { ApiFailure, FailureKind, KubeClient } from "../client/index.ts";
import { createQueue, type Queue, type RunAgain } from "../queue/index.ts";

/** The object an Event is about. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** One thing that happened. */
export interface RecordedEvent {
  /** Derived from what happened, so that sending it again after a crash meets the Event that is already there. */
  readonly name: string;
  readonly type: "Normal" | "Warning";
  /** CamelCase, 1 to 128 characters; so is `action`. */
  readonly reason: string;
  readonly action: string;
  /** For people; cut to 1 kB. */
  readonly note: string;
  readonly regarding: Regarding;
}

/** An Event that will not be seen, and why. */
export interface LostEvent {
  readonly type: "dropped";
  readonly event: RecordedEvent;
  readonly why: string;
}

/** Where Events go and how many may wait. */
export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Who sends them: a name such as `example.com/controller`. */
  readonly reportingController: string;
  /** Which process of it: the name of the Pod. */
  readonly reportingInstance: string;
  readonly report: (lost: LostEvent) => void;
  /** Events that wait at once, at most; past that the oldest is dropped. */
  readonly capacity?: number;
}

/** Sends Events after all other work, never before or instead of it. */
export interface EventRecorder {
  /** Queues an Event; never waits and never throws. */
  readonly record: (event: RecordedEvent) => void;
  /** Takes no more and resolves when all are sent, or after `deadlineMs` with the rest dropped. */
  readonly flush: (deadlineMs: number) => Promise<void>;
  /** Events that are not sent yet. */
  readonly waiting: number;
}

/** A fleet of ten thousand that loses its gates and gets them back has two Events a node. */
const CAPACITY = 32_768;
const CONCURRENCY = 2;
const TRIES = 8;
const BACK_OFF = { firstMs: 1_000, capMs: 60_000 };
const MAX_NOTE_BYTES = 1_024;
const MAX_WORD = 128;
const MAX_WHY = 200;
/** No repeat makes these succeed: bad content, or a namespace that is going away. */
const FINAL: ReadonlySet<FailureKind> = new Set(["invalid", "refused", "notFound", "gone"]);

/** A recorder of `events.k8s.io/v1` Events: at least once under a given name, so that each is seen once. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options);
}

interface Waiting {
  readonly event: RecordedEvent;
  /** When it happened, not when it is sent. */
  readonly wallMs: number;
  tries: number;
}

class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  /** In order of arrival. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #queue: Queue;
  #isClosed = false;
  #emptied: () => void = () => {};

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    const { clock, timers, random } = options;
    this.#queue = createQueue({ clock, timers, random, concurrency: CONCURRENCY, run: (key) => this.#tell(key) });
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  readonly record = (event: RecordedEvent): void => {
    const key = `${event.regarding.namespace}/${event.name}`;
    if (this.#waiting.has(key)) return;
    const fault = this.#isClosed ? "the recorder is closed" : faultOf(event);
    if (fault !== null) return this.#options.report({ type: "dropped", event, why: fault });
    if (this.#waiting.size >= (this.#options.capacity ?? CAPACITY)) this.#dropOldest();
    this.#waiting.set(key, { event, wallMs: this.#options.clock.wall(), tries: 0 });
    this.#queue.add(key);
  };

  readonly flush = async (deadlineMs: number): Promise<void> => {
    this.#isClosed = true;
    if (this.#waiting.size > 0) {
      // What waits for its next try has no time left to wait.
      for (const key of this.#waiting.keys()) this.#queue.add(key);
      await new Promise<void>((resolve) => {
        const cancel = this.#options.timers.after(deadlineMs, resolve);
        this.#emptied = () => {
          cancel();
          resolve();
        };
      });
    }
    for (const key of this.#waiting.keys()) this.#drop(key, "no time was left to tell it");
    // Not awaited: a request that hangs ends by its own deadline.
    void this.#queue.shutdown();
  };

  async #tell(key: string): Promise<RunAgain | void> {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    waiting.tries += 1;
    const { namespace } = waiting.event.regarding;
    const ref = { group: "events.k8s.io", version: "v1", plural: "events", namespace };
    const reply = await this.#options.client.create(ref, this.#body(waiting));
    if (reply.ok || reply.failure.kind === "alreadyExists") return this.#done(key);
    const { failure } = reply;
    if (FINAL.has(failure.kind) || waiting.tries >= TRIES)
      return this.#drop(key, `${failure.kind}: ${failure.message}`);
    return { afterMs: this.#waitMs(waiting.tries, failure) };
  }

  #waitMs(tries: number, { retryAfterMs }: ApiFailure): number {
    const waitMs = retryAfterMs ?? backOffMs(BACK_OFF, tries);
    return jitter(waitMs, this.#options.random.u32(), { from: 1, to: 1.1 });
  }

  #body({ event, wallMs }: Waiting): Readonly<Record<string, unknown>> {
    const { name, type, reason, action, note, regarding } = event;
    return {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name, namespace: regarding.namespace },
      eventTime: new Date(wallMs).toISOString().replace("Z", "000Z"),
      type,
      reason,
      action,
      note: cutBytes(note, MAX_NOTE_BYTES),
      regarding,
      reportingController: this.#options.reportingController,
      reportingInstance: this.#options.reportingInstance.slice(0, MAX_WORD),
    };
  }

  #dropOldest(): void {
    const oldest = this.#waiting.keys().next();
    if (oldest.done !== true) this.#drop(oldest.value, "too many Events wait");
  }

  #drop(key: string, why: string): void {
    const event = this.#waiting.get(key)?.event;
    if (event !== undefined) this.#options.report({ type: "dropped", event, why: plainLine(why, MAX_WHY) });
    this.#done(key);
  }

  #done(key: string): void {
    this.#waiting.delete(key);
    this.#queue.remove(key);
    if (this.#waiting.size === 0) this.#emptied();
  }
}

function faultOf({ reason, action, name }: RecordedEvent): string | null {
  const isWord = (text: string) => text !== "" && text.length <= MAX_WORD;
  if (name === "") return "its name is empty";
  if (!isWord(reason)) return `reason: got ${reason.length} characters, want 1 to ${MAX_WORD}`;
  return isWord(action) ? null : `action: got ${action.length} characters, want 1 to ${MAX_WORD}`;
}

/** The longest beginning of `text` that fits into `max` bytes of UTF-8. */
function cutBytes(text: string, max: number): string {
  const room = new Uint8Array(max);
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read);
}
