/**
 * What every room would otherwise write again: clock, timers and chance as types, HTTP as requests, replies and limits, the
 * reading of unknown JSON, one plain line of text. No domain, and nothing is done here.
 *
 * Invariants:
 * - no reader of unknown JSON throws or reaches a prototype (test/seinode/read/readers.test.ts).
 */
export type { Clock, Random, Timers } from "./clock.ts";
export { folded } from "./fold.ts";
export {
  type ApiTransport,
  callError,
  type CallLimits,
  type DirectTransport,
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  type Permit,
  TransportError,
} from "./http.ts";
export type { ImportReply, PathFacts, PluginFiles } from "./import-file.ts";
export type { AsJson } from "./as-json.ts";
export { isObject, type Json, type JsonObject } from "./json.ts";
export type { Fits, Nothing, Unkept } from "./kept.ts";
export { oneLine } from "./one-line.ts";
export { PlainError } from "./plain-error.ts";
export {
  arrayAt,
  countAt,
  field,
  integerAt,
  intern,
  internOrNull,
  isDeeperThan,
  listAt,
  LONG_AGO,
  messageAt,
  objectAt,
  present,
  stringAt,
  stringMap,
  timeAt,
  wordAt,
} from "./read-json.ts";
