/** The beginning of a request to a port of ours. */
import { parsedFields } from "../http/index.ts";

/** What was asked for. */
export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly hasBody: boolean;
  /** The client keeps the connection, as HTTP/1.1 does where nobody says `close`. */
  readonly isKept: boolean;
}

/** Bytes of a head, its empty line included. */
export const MAX_HEAD_BYTES = 8 * 1024;

const END = "\r\n\r\n";
const LINE = /^([A-Z]{1,16}) (?:https?:\/\/[^/ ]*)?(\/[\x21-\x7e]*) HTTP\/1\.([01])\r\n/;
const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;
const KEEP = /(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/i;

/** A head at the start of `text` and where it ends, or why there is none: more is to come, or it is no request of ours. */
export function readRequestHead(
  text: string,
): { readonly head: RequestHead; readonly end: number } | "unfinished" | "tooLarge" | "broken" {
  const at = text.indexOf(END);
  if (at < 0) return text.length < MAX_HEAD_BYTES ? "unfinished" : "tooLarge";
  const end = at + END.length;
  if (end > MAX_HEAD_BYTES) return "tooLarge";
  const [line = "", method, target, minor] = LINE.exec(text.slice(0, at + 2)) ?? [];
  const headers = parsedFields(text.slice(0, at), Math.min(line.length, at));
  if (method === undefined || target === undefined || headers === null) return "broken";
  const hasBody = headers["transfer-encoding"] !== undefined || !/^0*$/.test(headers["content-length"] ?? "");
  const connection = headers["connection"] ?? "";
  const isKept = minor === "1" ? !CLOSE.test(connection) : KEEP.test(connection);
  return { head: { method, target, headers, hasBody, isKept }, end };
}
