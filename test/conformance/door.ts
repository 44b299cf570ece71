/** Runs the table against one API server, simulated or real. */
import { expect } from "bun:test";
import type { ConformanceCase, WatchCase } from "./requests.ts";

/** How a server is asked. */
export interface ConformanceDoor {
  readonly namespace: string;
  /** The words with which the policy of removal-requests.ts denies. */
  readonly denials: { readonly denial403: string; readonly denial422: string };
  readonly ask: (one: ConformanceCase) => Promise<{ readonly status: number; readonly json: unknown }>;
  /** The first `count` events of a watch. */
  readonly frames: (path: string, count: number) => Promise<readonly unknown[]>;
  /** Lets a moment pass. */
  readonly wait: () => Promise<void>;
}

const TRIES = 200;

/** A runner that remembers from case to case. */
export function conformanceRun(door: () => ConformanceDoor): (one: ConformanceCase | WatchCase) => Promise<void> {
  const known = new Map<string, unknown>();
  return async (one) => {
    const { namespace, denials, ask, frames, wait } = door();
    known.set("ns", namespace);
    for (const [name, words] of Object.entries(denials)) known.set(name, words);
    if ("watch" in one) {
      const seen = await frames(String(filled(one.watch, known)), one.frames.length);
      expect(seen).toMatchObject([...one.frames].map((frame) => Object(filled(frame, known))));
      return;
    }
    const asked: ConformanceCase = { ...one, path: String(filled(one.path, known)), ...bodyOf(one, known) };
    for (let tries = one.eventually === true ? TRIES : 1; tries > 0; tries -= 1) {
      const { status, json } = await ask(asked);
      try {
        expect(json).toMatchObject(Object(filled(one.reply, known)));
        expect(status).toBe(one.status);
        for (const path of one.absent ?? []) expect([path, at(json, path)]).toEqual([path, undefined]);
      } catch (error) {
        if (tries === 1) throw error;
        await wait();
        continue;
      }
      for (const [name, path] of Object.entries(one.remember ?? {})) known.set(name, at(json, path));
      return;
    }
  };
}

function bodyOf({ body }: ConformanceCase, known: ReadonlyMap<string, unknown>): { readonly body?: object } {
  return body === undefined ? {} : { body: Object(filled(body, known)) };
}

/** `value` with what is remembered in the place of `{name}`. */
function filled(value: unknown, known: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === "string") {
    const whole = /^\{(\w+)\}$/.exec(value)?.[1];
    if (whole !== undefined && known.has(whole)) return known.get(whole);
    return value.replace(/\{(\w+)\}/g, (text, name: string) => {
      const found = known.get(name);
      return typeof found === "string" || typeof found === "number" ? String(found) : text;
    });
  }
  if (Array.isArray(value)) return value.map((item: unknown) => filled(item, known));
  // Matchers are taken as they are.
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, known)]));
}

function at(value: unknown, path: string): unknown {
  let found = value;
  for (const step of path.split(".")) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Reflect.get(found, step);
  }
  return found;
}
