/** Writes an HTTP/1.1 request as text. */
import { errorOfCode, transportFault } from "./transport-fault.ts";

/** Headers by name; several values are a line each. */
export type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

/** One request as it is to be written. */
export interface WrittenRequest {
  readonly method: string;
  /** `host` or `host:port`, an IPv6 address in brackets. */
  readonly authority: string;
  readonly path: string;
  readonly headers: HeaderValues;
  readonly body: string | undefined;
}

const LINE_START = /^[A-Z]+ [\x21-\x7e]+ HTTP\/1\.1$/;
const NAME = /^[!#$%&'*+.^_`|~0-9a-zA-Z-]+$/;
const ASCII = /^[\x20-\x7e]*$/;
/** Beyond ASCII it goes as UTF-8, of which no byte ends a line. Twice as slow to look for, so only where it must be. */
const VALUE = /^[^\p{Cc}\p{Cs}]*$/u;

/**
 * An HTTP/1.1 request to be sent as UTF-8, with the length of its body.
 *
 * Throws a `TransportError` without a quotation where a header or path would begin a line of its own, such as a token
 * with a line break in it; `what` names the call.
 */
export function requestText(request: WrittenRequest, what: () => string): string {
  const { method, authority, path, headers, body } = request;
  const start = `${method} ${path} HTTP/1.1`;
  let isSound = LINE_START.test(start);
  let text = `${start}\r\nhost: ${authority}\r\n`;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of typeof values === "string" ? [values] : values) {
      isSound &&= NAME.test(name) && (ASCII.test(value) || VALUE.test(value));
      text += `${name}: ${value}\r\n`;
    }
  }
  if (!isSound) throw transportFault(errorOfCode("ERR_INVALID_CHAR"), what());
  return body === undefined ? `${text}\r\n` : `${text}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** The same headers for `node:http`, which sends a character a byte. */
export function nodeHeaders(headers: HeaderValues): Record<string, string | string[]> {
  const bytes = (text: string): string => Buffer.from(text, "utf8").toString("latin1");
  const entries = Object.entries(headers).map(
    ([name, values]) => [name, typeof values === "string" ? bytes(values) : values.map(bytes)] as const,
  );
  return Object.fromEntries(entries);
}
