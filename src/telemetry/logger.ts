/**
 * Log records, one line each: JSON for machines, a console form for people. Everything a record is given is data;
 * no control character in it reaches the terminal, and no record is longer than a line should be.
 */
import { type Clock, keepNewest, type LogLevel } from "../base/index.ts";

/** What a record says besides its message. Of an `Error` its name and message are written, not its stack. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes records. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same logger with fields that stand in every record. */
  with(fields: LogFields): Logger;
  /** Says a thing about `key` only when it differs from what was said of it last. */
  change(key: string, level: LogLevel, message: string, fields?: LogFields): void;
}

/** Where records go and what they look like. */
export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: "json" | "console";
  /** Given one whole line with its newline. */
  readonly sink: (line: string) => void;
  readonly clock: Pick<Clock, "wall">;
}

const RANK = { debug: 0, info: 1, warn: 2, error: 3 } as const satisfies Record<LogLevel, number>;
const MAX_TEXT = 1_000;
const MAX_LINE = 8_000;
const MAX_CHANGES = 10_000;
const RESERVED: ReadonlySet<string> = new Set(["ts", "level", "msg"]);

/** A logger over `sink`. */
export function createLogger({ level, format, sink, clock }: LoggerOptions): Logger {
  const said = new Map<string, string>();
  const build = (base: LogFields): Logger => {
    const write = (at: LogLevel, message: string, fields: LogFields = {}): void => {
      if (RANK[at] < RANK[level]) return;
      const record: LogRecord = {
        at,
        time: new Date(clock.wall()).toISOString(),
        message,
        fields: { ...base, ...fields },
      };
      sink(`${format === "json" ? jsonLine(record) : consoleLine(record)}\n`);
    };
    return {
      debug: (message, fields) => write("debug", message, fields),
      info: (message, fields) => write("info", message, fields),
      warn: (message, fields) => write("warn", message, fields),
      error: (message, fields) => write("error", message, fields),
      with: (fields) => build({ ...base, ...fields }),
      change(key, at, message, fields = {}) {
        const now = `${at} ${message} ${printable(fields)}`;
        if (said.get(key) === now) return;
        keepNewest(said, [key, now], MAX_CHANGES);
        write(at, message, fields);
      },
    };
  };
  return build({});
}

interface LogRecord {
  readonly at: LogLevel;
  readonly time: string;
  readonly message: string;
  readonly fields: LogFields;
}

function jsonLine({ at, time, message, fields }: LogRecord): string {
  const head = { ts: time, level: at, msg: cut(message) };
  const tail = Object.entries(fields).map(([key, value]) => [RESERVED.has(key) ? `field.${key}` : key, plain(value)]);
  const line = JSON.stringify({ ...head, ...Object.fromEntries(tail) });
  return escapeControls(line.length <= MAX_LINE ? line : JSON.stringify({ ...head, truncated: true }));
}

function consoleLine({ at, time, message, fields }: LogRecord): string {
  const told = Object.entries(fields).map(([key, value]) => {
    const text = plain(value);
    return `${key}=${typeof text === "string" && /^[\w./:@-]+$/.test(text) ? text : JSON.stringify(text)}`;
  });
  const line = [time.slice(11, 23), at.toUpperCase().padEnd(5), cut(message), ...told].join(" ");
  return escapeControls(cut(line, MAX_LINE));
}

/** A value that JSON can carry: errors as text, long things cut. */
function plain(value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  if (value instanceof Error) return cut(`${value.name}: ${value.message}`);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  const text = printable(value);
  // Small plain data stays data, so that machines can look into it.
  return text.length <= MAX_TEXT && (text.startsWith("{") || text.startsWith("[")) ? JSON.parse(text) : cut(text);
}

function printable(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_key, inner: unknown) => {
        if (typeof inner === "bigint") return String(inner);
        return inner instanceof Error ? `${inner.name}: ${inner.message}` : inner;
      }) ?? String(value)
    );
  } catch {
    return "unprintable";
  }
}

function cut(text: string, limit = MAX_TEXT): string {
  return text.length <= limit ? text : `${text.slice(0, limit).toWellFormed()}…`;
}

/** Control and format characters (bidi overrides among them) written out as `\uXXXX`, which JSON reads back. */
export function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (found) =>
    Array.from(
      { length: found.length },
      (_none, index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
