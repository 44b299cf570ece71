/**
 * One line for one cause, however many nodes it befalls. The first node is logged at once. Those that follow within a minute
 * share a line at its end, and so on each minute for as long as it lasts.
 */
import { keepNewest, type LogLevel, type Timers } from "../base/index.ts";
import type { LogFields, Logger } from "./logger.ts";

/** What befell a node. */
export interface Befallen {
  readonly level: LogLevel;
  readonly message: string;
  /** `namespace/name`. */
  readonly node: string;
  /** What is the same for all nodes that it befalls; where a text names the node, it is one cause all the same. */
  readonly fields: LogFields;
  /** Fields that are written only where the record is about this node alone. */
  readonly own?: LogFields;
  /** Under this name it is logged once, until something else is logged under it or `forget` is called. */
  readonly once?: string;
}

/** Tells causes. */
export interface CauseLog {
  tell(befallen: Befallen): void;
  /** What was logged once under this name is over; `node`: whose it is, where the name is another. */
  forget(once: string, node?: string): void;
  /** Tells what was gathered, and ends. */
  stop(): void;
}

/** What it is built from. */
export interface CauseLogOptions {
  readonly log: Pick<Logger, LogLevel>;
  readonly timers: Timers;
}

const WINDOW_MS = 60_000;
/** Causes that are told apart at once; what comes after them is one cause, so that no flood of them fills the log. */
const MAX_CAUSES = 100;
/** Nodes that are counted in a minute. */
const MAX_NODES = 10_000;
const MAX_NAMES = 3;
const MAX_KEY = 600;

interface Cause {
  last: Befallen;
  /** It stands for many: there are more than are told apart. */
  readonly isMixed: boolean;
  /** Of this minute, without the one that was told at its beginning. */
  readonly nodes: Set<string>;
  cancel: () => void;
}

/** A log of causes over a log. */
export function causeLog({ log, timers }: CauseLogOptions): CauseLog {
  const causes = new Map<string, Cause>();
  const known = new Map<string, string>();
  const close = (key: string): void => {
    const cause = causes.get(key);
    if (cause === undefined) return;
    if (cause.nodes.size === 0) return void causes.delete(key);
    write(cause);
    cause.nodes.clear();
    cause.cancel = timers.after(WINDOW_MS, () => close(key));
  };
  const write = ({ last, nodes, isMixed }: Cause): void => {
    const { level, message } = last;
    const fields = isMixed ? { ...last.fields, note: "of many causes at once, the last" } : last.fields;
    if (nodes.size === 1) return log[level](message, { node: [...nodes][0], ...fields, ...last.own });
    const names = [...nodes].slice(0, MAX_NAMES);
    log[level](message, { nodes: nodes.size, names, ...fields });
  };
  const isKnown = (once: string, key: string): boolean => {
    if (known.get(once) === key) return true;
    keepNewest(known, [once, key], MAX_NODES);
    return false;
  };
  return {
    tell(befallen) {
      const { level, message, node, fields, own } = befallen;
      const exact = keyOf(befallen);
      if (befallen.once !== undefined && isKnown(befallen.once, exact)) return;
      const key = causes.has(exact) || causes.size < MAX_CAUSES ? exact : `${level} ${message}`;
      const cause = causes.get(key);
      if (cause !== undefined) {
        cause.last = befallen;
        if (cause.nodes.size < MAX_NODES) cause.nodes.add(node);
        return;
      }
      const cancel = timers.after(WINDOW_MS, () => close(key));
      causes.set(key, { last: befallen, nodes: new Set(), isMixed: key !== exact, cancel });
      log[level](message, { node, ...fields, ...own });
    },
    forget(once, node = once) {
      known.delete(once);
      // What is over is not told as if it still stood.
      for (const { nodes } of causes.values()) nodes.delete(node);
    },
    stop() {
      for (const cause of causes.values()) {
        cause.cancel();
        if (cause.nodes.size > 0) write(cause);
      }
      causes.clear();
    },
  };
}

/** UUIDs, addresses and numbers of some length: they tell one try from another, and nothing of its cause. */
const PARTICULAR = /[0-9a-f]{8}-[0-9a-f-]{27}|\d+(?:\.\d+){3}(?::\d+)?|\d{3,}/g;

/** The texts of the fields without what is particular to a node. */
function keyOf({ level, message, node, fields }: Befallen): string {
  const [namespace = "", name = ""] = node.split("/");
  const text = Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value.slice(0, MAX_KEY) : JSON.stringify(value)}`)
    .join(" ")
    .slice(0, MAX_KEY)
    .replaceAll(PARTICULAR, "#");
  return `${level} ${message} ${without(without(text, name, "NODE"), namespace, "NAMESPACE")}`;
}

/** A shorter name may be a word of the text. */
const LEAST_NAME = 3;

/** The text with a name written otherwise, where it stands alone or is part of the name of an object (`a-0`, `data-a`). */
function without(text: string, name: string, word: string): string {
  if (name.length < LEAST_NAME) return text;
  const pattern = `(?<![a-z0-9.])${name.replaceAll(/[^a-z0-9-]/g, ".")}(?![a-z0-9]|\\.[a-z0-9])`;
  return text.replaceAll(new RegExp(pattern, "g"), word);
}
