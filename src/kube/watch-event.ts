/** Reads a line of a watch and the refusals of an API server. */
import type { ParseJson } from "./lean-json.ts";

/** What the API server says instead of an answer: a `metav1.Status`, or an HTTP status without one. */
export interface Refusal {
  readonly status: number;
  /** `reason` of the Status, or of its first cause that tells more; empty when there is none. */
  readonly reason: string;
  /** One line, at most 200 characters, no control characters. */
  readonly message: string;
  readonly retryAfterMs: number | null;
}

/** One line of a watch, read. `version` is the resource version that the stream has reached with it. */
export type WatchEvent =
  | {
      readonly kind: "change";
      readonly type: "ADDED" | "MODIFIED" | "DELETED";
      readonly key: string;
      readonly version: string;
      readonly object: unknown;
    }
  /** `isInitialEnd`: all that existed when the stream began has been told. */
  | { readonly kind: "bookmark"; readonly version: string; readonly isInitialEnd: boolean }
  | { readonly kind: "error"; readonly refusal: Refusal }
  /** JSON, but no event that we know. */
  | { readonly kind: "odd"; readonly why: string }
  /** Not even JSON: the stream cannot be trusted further. */
  | { readonly kind: "broken"; readonly why: string };

const INITIAL_EVENTS_END = "k8s.io/initial-events-end";
const MESSAGE_CHARS = 200;
const RETRY_AFTER_CAP_MS = 10 * 60_000;

/** Reads one line of a watch. */
export function readWatchLine(line: string, parse: ParseJson = JSON.parse): WatchEvent {
  let event: unknown;
  try {
    event = parse(line);
  } catch {
    return { kind: "broken", why: `got a line of ${line.length} characters that is not JSON, want an event` };
  }
  const type = textAt(event, "type");
  const object = valueAt(event, "object");
  if (type === "ERROR") return { kind: "error", refusal: readRefusal(numberAt(object, "code") ?? 0, object, null) };
  const { version, key } = identityOf(object);
  if (version === "") return { kind: "odd", why: `event ${oneLine(type)} without metadata.resourceVersion` };
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { kind: "change", type, key, version, object };
    case "BOOKMARK": {
      const annotations = valueAt(valueAt(object, "metadata"), "annotations");
      return { kind: "bookmark", version, isInitialEnd: valueAt(annotations, INITIAL_EVENTS_END) === "true" };
    }
    default:
      return { kind: "odd", why: `event of unknown type ${oneLine(type)}` };
  }
}

/** Reads a refusal from an HTTP status and its body. `retryAfter` is the header's value. */
export function readRefusal(status: number, body: unknown, retryAfter: string | null): Refusal {
  const details = valueAt(body, "details");
  const causes = valueAt(details, "causes");
  const cause = Array.isArray(causes) ? causes.map((one) => textAt(one, "reason")).find((reason) => reason !== "") : "";
  const seconds = retryAfter === null ? numberAt(details, "retryAfterSeconds") : Number(retryAfter);
  const hasWait = seconds !== null && Number.isFinite(seconds) && seconds > 0;
  return {
    status,
    reason: cause === "ResourceVersionTooLarge" ? cause : textAt(body, "reason"),
    message: oneLine(textAt(body, "message")),
    retryAfterMs: hasWait ? Math.min(seconds * 1_000, RETRY_AFTER_CAP_MS) : null,
  };
}

/** `namespace/name` (the name alone when there is no namespace) and resource version; empty where missing. */
export function identityOf(object: unknown): { readonly key: string; readonly version: string } {
  const metadata = valueAt(object, "metadata");
  const namespace = textAt(metadata, "namespace");
  const name = textAt(metadata, "name");
  return { key: namespace === "" ? name : `${namespace}/${name}`, version: textAt(metadata, "resourceVersion") };
}

/** `value[name]` of an object's own property; `undefined` where there is none. */
export function valueAt(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The text at `name`; empty where there is none. */
export function textAt(value: unknown, name: string): string {
  const found = valueAt(value, name);
  return typeof found === "string" ? found : "";
}

function numberAt(value: unknown, name: string): number | null {
  const found = valueAt(value, name);
  return typeof found === "number" ? found : null;
}

/** Foreign text made fit for a log line: control and direction characters become spaces, and it is cut. */
export function oneLine(text: string): string {
  return text
    .slice(0, MESSAGE_CHARS)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
}
