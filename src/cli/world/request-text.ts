import { coded, transportFault } from "./transport-fault.ts";

/** One request as it is to be written. */
export interface WrittenRequest {
  readonly method: string;
  /** `host` or `host:port`, an IPv6 address in brackets. */
  readonly authority: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const LINE_START = /^[A-Z]+ [\x21-\x7e]+ HTTP\/1\.1$/;
const NAME = /^[!#$%&'*+.^_`|~0-9a-zA-Z-]+$/;
const VALUE = /^[\x20-\x7e]*$/;

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
  for (const [name, value] of Object.entries(headers)) {
    isSound &&= NAME.test(name) && VALUE.test(value);
    text += `${name}: ${value}\r\n`;
  }
  if (!isSound) throw transportFault(coded("ERR_INVALID_CHAR"), what());
  return body === undefined ? `${text}\r\n` : `${text}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
