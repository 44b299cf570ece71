/**
 * Finished plans as lines of `status.outcomes`: a full history as objects makes every patch of a node twice as dear for the
 * API server. This is the one writer and the one reader. Source: docs/design/0023-outcomes.md.
 *
 *     2026-01-02T03:04:05.678Z sidecar-ready SidecarNotReady Complete healed took=0.412s gen=3 id=1a2b3c4d
 *     2026-01-02T03:04:05.678Z image ImageChanged Failed took=900s gen=4 id=5e6f7a8b - task observe-image: DEADLINE_EXCEEDED: …
 *
 * The end, the detector, the reason and the outcome; then words in any order; then, after ` - `, a text for people. A reader
 * skips words it does not know, so later versions may add some.
 */
import { plainLine } from "../base/index.ts";
import type { Incarnation, PlanOutcome, PlanRecord } from "./plan.ts";

/** Longest text of a line for people: what an admission rule says comes last in its refusal. The whole of it is in the Event. */
const MAX_MESSAGE = 512;
/** Of the plan's id, what its jitter is made from and what people look for. */
const ID_LENGTH = 8;
/** No line of ours is longer, whatever its words are. */
const MAX_LINE = 4096;
const MAX_TOOK_MS = 1e10;
const OUTCOMES: readonly PlanOutcome[] = ["Complete", "Failed", "Superseded"];

/** The line of a record. Texts from elsewhere cannot break it: what is no word is made one. */
export function outcomeLine(record: PlanRecord): string {
  const at = timeOf(record.finishedAt);
  const message = shortMessage(record.message ?? "");
  const words = [
    at,
    word(record.detector),
    word(record.reason),
    record.outcome,
    ...(record.healed ? ["healed"] : []),
    ...tookWord(Date.parse(at) - Date.parse(timeOf(record.createdAt))),
    ...(record.generation === undefined ? [] : [`gen=${record.generation}`]),
    ...(record.id === "" ? [] : [`id=${word(shortId(record.id))}`]),
    ...(record.budget === undefined ? [] : [`budget=${word(record.budget)}`]),
    ...(record.incarnation === undefined ? [] : lifeWords(record.incarnation)),
    ...(message === "" ? [] : ["-", message]),
  ];
  return words.join(" ");
}

/** The record in a line; null when it is none. */
export function readOutcomeLine(line: string): PlanRecord | null {
  if (line.length > MAX_LINE) return null;
  const [head = "", ...texts] = line.split(" - ");
  const [at = "", detector = "", reason = "", end, ...words] = head.split(" ");
  const outcome = OUTCOMES.find((one) => one === end);
  if (outcome === undefined || !isTime(at) || !WORD.test(detector) || !WORD.test(reason)) return null;
  const said = new Map(words.map((text) => keyAndValue(text)));
  const createdAt = new Date(Date.parse(at) - tookMs(said.get("took"))).toISOString();
  const ended = { detector, reason, outcome, healed: said.has("healed"), createdAt, finishedAt: at };
  return { id: said.get("id") ?? "", ...ended, ...besides(said), ...textOf(texts.join(" - ")) };
}

function besides(said: ReadonlyMap<string, string>): Partial<PlanRecord> {
  const generation = integerOf(said.get("gen"));
  const budget = said.get("budget") ?? "";
  const incarnation = lifeOf(said);
  return {
    ...(generation === null ? {} : { generation }),
    ...(incarnation === null ? {} : { incarnation }),
    ...(budget === "" ? {} : { budget }),
  };
}

function textOf(message: string): Pick<PlanRecord, "message"> {
  return message === "" ? {} : { message };
}

function isTime(at: string): boolean {
  return TIME.test(at) && !Number.isNaN(Date.parse(at));
}

/** What is kept of a plan's id. */
export function shortId(id: string): string {
  return id.slice(0, ID_LENGTH);
}

/** What is kept of a text for people: one line, cut where it is long. */
export function shortMessage(text: string): string {
  const line = plainLine(text, Number.POSITIVE_INFINITY);
  return line.length <= MAX_MESSAGE
    ? line
    : `${line
        .slice(0, MAX_MESSAGE - 3)
        .toWellFormed()
        .trimEnd()}...`;
}

function word(text: string): string {
  if (WORD.test(text) && text !== "-") return text;
  return text === "-" ? "?" : text.slice(0, MAX_WORD).replaceAll(NOT_OF_WORD, "?") || "?";
}

function timeOf(at: string): string {
  const time = new Date(at);
  const text = Number.isNaN(time.getTime()) ? LONG_AGO : time.toISOString();
  return TIME.test(text) ? text : LONG_AGO;
}

function tookWord(ms: number): readonly string[] {
  return ms > 0 && ms < MAX_TOOK_MS ? [`took=${ms / 1000}s`] : [];
}

function tookMs(text: string | undefined): number {
  return text === undefined || !TOOK.test(text) ? 0 : Math.round(Number(text.slice(0, -1)) * 1000);
}

function lifeWords({ podUid, containerId, restartCount }: Incarnation): readonly string[] {
  return [
    `pod=${word(podUid)}`,
    `container=${containerId === "" ? "" : word(containerId)}`,
    `restarts=${restartCount}`,
  ];
}

function lifeOf(said: ReadonlyMap<string, string>): Incarnation | null {
  const podUid = said.get("pod");
  const containerId = said.get("container");
  const restartCount = integerOf(said.get("restarts"));
  if (podUid === undefined || podUid === "" || containerId === undefined) return null;
  return restartCount === null || restartCount < 0 ? null : { podUid, containerId, restartCount };
}

function integerOf(text: string | undefined): number | null {
  if (text === undefined || !INTEGER.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

function keyAndValue(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

const LONG_AGO = "1970-01-01T00:00:00.000Z";
const MAX_WORD = 512;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const WORD = /^[\x21-\x7e]{1,512}$/;
const NOT_OF_WORD = /[^\x21-\x7e]/g;
const INTEGER = /^(?:0|-?[1-9]\d{0,15})$/;
const TOOK = /^\d{1,8}(?:\.\d{1,3})?s$/;
