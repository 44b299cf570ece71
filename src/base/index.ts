/**
 * What every room would otherwise write again: clock, timers and chance as types, HTTP as requests, replies and limits, the
 * reading of unknown JSON, one plain line of text, back-off with jitter, hashes. No domain, and nothing is done here.
 *
 * Invariants:
 * - no reader of unknown JSON throws or reaches a prototype (test/seinode/read/readers.test.ts).
 */
export { backOffMs, jitter } from "./back-off.ts";
export type { Clock, Random, Timers } from "./clock.ts";
export { Fifo, type FifoMember } from "./fifo.ts";
export { folded } from "./fold.ts";
export { fnv1a, hash32 } from "./hash.ts";
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
export { isObject, type Json, type JsonObject, valueAt } from "./json.ts";
export { keepNewest } from "./keep-newest.ts";
export type { Fits, Nothing, Unkept } from "./kept.ts";
export type { LogLevel } from "./log-level.ts";
export { messageOf } from "./message-of.ts";
export { oneLine } from "./one-line.ts";
export { parseJson } from "./parse-json.ts";
export { PlainError } from "./plain-error.ts";
export { plainLine } from "./plain-line.ts";
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
  numberAt,
  objectAt,
  present,
  stringAt,
  stringMap,
  textAt,
  timeAt,
  wordAt,
} from "./read-json.ts";
