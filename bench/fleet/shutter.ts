/** Shuts gates of a big fleet by chance, one after the other, and keeps a book of what came of each. */
import type { Player } from "./player-process.ts";

/** One gate that was shut. */
export interface Drift {
  readonly ip: string;
  /** Until its sidecar accepted a task; null = it never did. Milliseconds. */
  healedMs: number | null;
  /** Tasks that the sidecar was given for it. */
  ids: number;
}

/** A shutter at work. */
export interface Shutter {
  /** Gates that are shut now. */
  readonly open: number;
  /** Shuts no more, waits for those that are shut, and tells of all. */
  end(): Promise<readonly Drift[]>;
}

const SHUT_EVERY_MS = 400;
/** A sidecar gets no other plan for 10 s after it accepted a task, so its gate is left alone for longer. */
const LEFT_ALONE_MS = 12_000;
const LAST_HEAL_MS = 60_000;

interface Entry {
  readonly drift: Drift;
  readonly idsBefore: number;
  readonly freeAt: number;
}

/** Begins to shut gates. */
export function startShutter(player: Player, ips: readonly string[]): Shutter {
  const book: Drift[] = [];
  const shut = new Map<string, Entry>();
  /** Healed, and watched on for a second task. */
  const rested = new Map<string, Entry>();
  const ending = new AbortController();
  const look = async (all: Map<string, Entry>, take: (entry: Entry, life: Life) => void): Promise<void> => {
    const asked = [...all.keys()];
    const lives = await player.tell(asked);
    for (const [index, ip] of asked.entries()) {
      const [entry, life] = [all.get(ip), lives[index] ?? null];
      if (entry !== undefined && life !== null) take(entry, life);
    }
  };
  const noteHealed = (): Promise<void> =>
    look(shut, (entry, { markedAt, shutAt }) => {
      if (markedAt === null || shutAt === null) return;
      entry.drift.healedMs = markedAt - shutAt;
      shut.delete(entry.drift.ip);
      rested.set(entry.drift.ip, { ...entry, freeAt: performance.now() + LEFT_ALONE_MS });
    });
  const noteIds = async (isOver: (entry: Entry) => boolean): Promise<void> => {
    const over = new Map([...rested].filter(([, entry]) => isOver(entry)));
    for (const ip of over.keys()) rested.delete(ip);
    await look(over, (entry, { tasks }) => void (entry.drift.ids = tasks.length - entry.idsBefore));
  };
  const shutOne = async (): Promise<void> => {
    const ip = ips[Math.floor(Math.random() * ips.length)] ?? "";
    if (shut.has(ip) || rested.has(ip)) return;
    const [life] = await player.tell([ip]);
    const drift: Drift = { ip, healedMs: null, ids: 0 };
    book.push(drift);
    shut.set(ip, { drift, idsBefore: life?.tasks.length ?? 0, freeAt: 0 });
    await player.shut([ip]);
  };
  const work = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await shutOne();
      await noteHealed();
      await noteIds(({ freeAt }) => freeAt < performance.now());
      await Bun.sleep(SHUT_EVERY_MS * (0.5 + Math.random()));
    }
  };
  const working = work();
  return {
    get open() {
      return shut.size;
    },
    async end() {
      ending.abort();
      await working;
      const until = performance.now() + LAST_HEAL_MS;
      while (shut.size > 0 && performance.now() < until) {
        await noteHealed();
        await Bun.sleep(200);
      }
      await Bun.sleep(LEFT_ALONE_MS);
      await noteIds(() => true);
      return book;
    },
  };
}

type Life = NonNullable<Awaited<ReturnType<Player["tell"]>>[number]>;
