/** The work queue: one entry a key, urgent keys first, a key never run twice at once. */
import { DueHeap } from "./due-heap.ts";
import { type Entry, newEntry, type Priority, queueBackoffMs } from "./queue-entry.ts";
import { type Clock, Fifo, type Random, type Timers } from "../../base/index.ts";

export type { Priority } from "./queue-entry.ts";

/** When the key is to run again, in milliseconds from now; nothing means only when somebody adds it. */
export interface RunAgain {
  readonly afterMs: number;
  readonly priority?: Priority;
}

/** Called for one key at a time, never twice at once for the same. A rejection means: again, after a back-off. */
export type Run = (key: string) => Promise<RunAgain | void>;

/** Where a queue gets its time from and what it runs. */
export interface QueueOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Keys that run at once, at most. */
  readonly concurrency: number;
  /** What it runs from the beginning; absent = nothing before `start` says what. */
  readonly run?: Run;
  /** Called after a run was rejected. `failures` counts them in a row; `retryMs` is the wait. */
  readonly report?: (failure: { key: string; error: unknown; failures: number; retryMs: number }) => void;
  /** Called when a key begins to wait for its turn; one that waits already is not told again. */
  readonly onAdd?: () => void;
  /** Called when a key has its turn, with how long it waited for it. */
  readonly onTurn?: (waitedMs: number) => void;
  /** Called when a run has ended, with how long it took. */
  readonly onDone?: (tookMs: number) => void;
}

/** Keys that wait for their turn, one entry each. */
export interface Queue {
  /** Says what is run, for a queue that was built without: who runs may then be built with the queue. */
  start(run: Run): void;
  /** Runs `key` as soon as there is room; while it runs, makes it run again afterwards. */
  add(key: string, priority?: Priority): void;
  /** Runs `key` in `ms`, or earlier if it is already due earlier. */
  addAfter(key: string, ms: number, priority?: Priority): void;
  /** For a run that has to wait for long: while `wait` lasts it takes no place, so others may start. */
  aside<T>(wait: Promise<T>): Promise<T>;
  /** Drops what waits for `key`, and its failures. A run under way ends undisturbed. */
  remove(key: string): void;
  /** Starts nothing more; resolves when no run is under way. */
  shutdown(): Promise<void>;
  /** Keys that could run now if there were room. */
  readonly depth: number;
  readonly delayed: number;
  readonly inFlight: number;
  /** How long the key that could have run for longest has waited; 0 when none waits. */
  readonly oldestWaitMs: number;
  /** Of the runs under way: how long they have run, all together and the longest of them. */
  readonly unfinished: { readonly totalMs: number; readonly longestMs: number };
}

/** One turn in this many is kept for routine keys, so that no stream of urgent ones starves them. */
const ROUTINE_SHARE = 16;
/** Runs without I/O follow one another at once, and would hold up Lease renewals and probes for longer than this. */
const SLICE_MS = 10;

/** An empty queue; it needs no start where `run` is given. */
export function createQueue(options: QueueOptions): Queue {
  return new KeyQueue(options);
}

class KeyQueue implements Queue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #lists = { urgent: new Fifo<Entry>(), routine: new Fifo<Entry>() };
  readonly #due = new DueHeap<Entry>();
  readonly #running = new Set<Entry>();
  readonly #drained = Promise.withResolvers<void>();
  #alarm: { at: number; cancel: () => void } | null = null;
  #inFlight = 0;
  /** Runs that are under way and take no place. */
  #aside = 0;
  #turns = 0;
  #pumping = false;
  #closed = false;
  #sliceStart = 0;
  #work: Run | null;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#work = options.run ?? null;
  }

  start(run: Run): void {
    this.#work = run;
    this.#schedule();
  }

  get depth(): number {
    return this.#lists.urgent.size + this.#lists.routine.size;
  }
  get delayed(): number {
    return this.#due.size;
  }
  get inFlight(): number {
    return this.#inFlight;
  }
  get oldestWaitMs(): number {
    const now = this.#options.clock.mono();
    const since = Math.min(this.#lists.urgent.first?.readyAt ?? now, this.#lists.routine.first?.readyAt ?? now);
    return now - since;
  }

  get unfinished(): { readonly totalMs: number; readonly longestMs: number } {
    const now = this.#options.clock.mono();
    let [totalMs, longestMs] = [0, 0];
    for (const { startedAt } of this.#running) {
      totalMs += now - startedAt;
      longestMs = Math.max(longestMs, now - startedAt);
    }
    return { totalMs, longestMs };
  }

  add(key: string, priority: Priority = "routine"): void {
    if (this.#closed) return;
    this.#makeReady(this.#entry(key), priority);
    this.#schedule();
  }

  addAfter(key: string, ms: number, priority: Priority = "routine"): void {
    if (!(ms > 0)) return this.add(key, priority);
    if (this.#closed) return;
    this.#delay(this.#entry(key), ms, priority);
    this.#setAlarm();
  }

  async aside<T>(wait: Promise<T>): Promise<T> {
    this.#aside += 1;
    this.#schedule();
    try {
      return await wait;
    } finally {
      this.#aside -= 1;
    }
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    if (entry.ready !== null && !entry.running) this.#lists[entry.ready].remove(entry);
    entry.ready = null;
    entry.failures = 0;
    this.#due.delete(entry);
    this.#dropIfIdle(entry);
    this.#setAlarm();
  }

  shutdown(): Promise<void> {
    this.#closed = true;
    for (const key of this.#entries.keys()) this.remove(key);
    this.#settle();
    return this.#drained.promise;
  }

  #entry(key: string): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = newEntry(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #makeReady(entry: Entry, priority: Priority): void {
    if (entry.ready === priority || entry.ready === "urgent") return;
    const stood = entry.ready;
    if (stood !== null && !entry.running) this.#lists[stood].remove(entry);
    if (stood === null) {
      entry.readyAt = this.#options.clock.mono();
      this.#options.onAdd?.();
    }
    entry.ready = priority;
    if (!entry.running) this.#lists[priority].push(entry);
  }

  #delay(entry: Entry, ms: number, priority: Priority): void {
    const dueAt = this.#options.clock.mono() + ms;
    if (entry.slot < 0) entry.duePriority = priority;
    else if (priority === "urgent") entry.duePriority = "urgent";
    if (entry.slot < 0 || dueAt < entry.dueAt) this.#due.set(entry, dueAt);
  }

  /** One timer for all delayed keys, set anew only when the earliest one is another. */
  #setAlarm(): void {
    const at = this.#due.first()?.dueAt ?? null;
    if (at === null || (this.#alarm !== null && this.#alarm.at !== at)) {
      this.#alarm?.cancel();
      this.#alarm = null;
    }
    if (at === null || this.#alarm !== null) return;
    const wait = Math.max(0, at - this.#options.clock.mono());
    this.#alarm = { at, cancel: this.#options.timers.after(wait, () => this.#ring()) };
  }

  #ring(): void {
    this.#alarm = null;
    const now = this.#options.clock.mono();
    for (let entry = this.#due.first(); entry !== null && entry.dueAt <= now; entry = this.#due.first()) {
      this.#due.delete(entry);
      this.#makeReady(entry, entry.duePriority);
    }
    this.#setAlarm();
    this.#schedule();
  }

  /** Runs start in a turn of their own, never inside the caller's. */
  #schedule(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    if (this.#inFlight === 0) this.#sliceStart = this.#options.clock.mono();
    if (this.#options.clock.mono() - this.#sliceStart > SLICE_MS) {
      this.#options.timers.after(0, () => {
        this.#sliceStart = this.#options.clock.mono();
        this.#pump();
      });
    } else void Promise.resolve().then(() => this.#pump());
  }

  #pump(): void {
    this.#pumping = false;
    if (this.#work === null) return;
    while (this.#inFlight - this.#aside < this.#options.concurrency) {
      const entry = this.#take();
      if (entry === null) return;
      void this.#run(entry, this.#work);
    }
  }

  #take(): Entry | null {
    const { urgent, routine } = this.#lists;
    const routineFirst = this.#turns % ROUTINE_SHARE === ROUTINE_SHARE - 1;
    const list = (routineFirst || urgent.size === 0) && routine.size > 0 ? routine : urgent;
    const entry = list.first;
    if (entry === null) return null;
    this.#turns += 1;
    list.remove(entry);
    entry.ready = null;
    this.#options.onTurn?.(this.#options.clock.mono() - entry.readyAt);
    return entry;
  }

  async #run(entry: Entry, work: Run): Promise<void> {
    entry.running = true;
    entry.startedAt = this.#options.clock.mono();
    this.#running.add(entry);
    this.#inFlight += 1;
    try {
      const again = await work(entry.key);
      entry.failures = 0;
      if (again !== undefined && !this.#closed) this.#again(entry, again);
    } catch (error) {
      this.#failed(entry, error);
    }
    entry.running = false;
    this.#running.delete(entry);
    this.#options.onDone?.(this.#options.clock.mono() - entry.startedAt);
    this.#inFlight -= 1;
    if (entry.ready !== null) this.#lists[entry.ready].push(entry);
    this.#dropIfIdle(entry);
    this.#setAlarm();
    this.#schedule();
    this.#settle();
  }

  #again(entry: Entry, { afterMs, priority = "routine" }: RunAgain): void {
    if (afterMs > 0) this.#delay(entry, afterMs, priority);
    else this.#makeReady(entry, priority);
  }

  #failed(entry: Entry, error: unknown): void {
    entry.failures += 1;
    const retryMs = queueBackoffMs(entry.failures, this.#options.random.u32());
    if (!this.#closed) this.#delay(entry, retryMs, "routine");
    this.#options.report?.({ key: entry.key, error, failures: entry.failures, retryMs });
  }

  #dropIfIdle(entry: Entry): void {
    if (entry.ready === null && !entry.running && entry.slot < 0) this.#entries.delete(entry.key);
  }

  #settle(): void {
    if (this.#closed && this.#inFlight === 0) this.#drained.resolve();
  }
}
