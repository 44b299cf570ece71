/** Reads a line of a watch and the refusals of an API server. */
import { field, numberAt, plainLine, textAt } from "../../base/index.ts";
import { type ParseJson, readRefusal, type Refusal } from "../client/index.ts";

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
/** Longest unknown type that is told. */
const TYPE_CHARS = 200;

/** Reads one line of a watch. */
export function readWatchLine(line: string, parse: ParseJson = JSON.parse): WatchEvent {
  let event: unknown;
  try {
    event = parse(line);
  } catch {
    return { kind: "broken", why: `got a line of ${line.length} characters that is not JSON, want an event` };
  }
  const type = textAt(event, "type");
  const object = field(event, "object");
  if (type === "ERROR") return { kind: "error", refusal: readRefusal(numberAt(object, "code") ?? 0, object, null) };
  const { version, key } = identityOf(object);
  if (version === "")
    return { kind: "odd", why: `event ${plainLine(type, TYPE_CHARS)} without metadata.resourceVersion` };
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { kind: "change", type, key, version, object };
    case "BOOKMARK": {
      const annotations = field(field(object, "metadata"), "annotations");
      return { kind: "bookmark", version, isInitialEnd: field(annotations, INITIAL_EVENTS_END) === "true" };
    }
    default:
      return { kind: "odd", why: `event of unknown type ${plainLine(type, TYPE_CHARS)}` };
  }
}

/** `namespace/name` (the name alone when there is no namespace) and resource version; empty where missing. */
export function identityOf(object: unknown): { readonly key: string; readonly version: string } {
  const metadata = field(object, "metadata");
  const namespace = textAt(metadata, "namespace");
  const name = textAt(metadata, "name");
  return { key: namespace === "" ? name : `${namespace}/${name}`, version: textAt(metadata, "resourceVersion") };
}
