/** Status and headers of a reply. */
export interface ReplyHead {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** The server keeps the connection, as HTTP/1.1 does where nobody says `close`. */
  readonly isKept: boolean;
}

const START = "HTTP/1.";
const FIELD = /([!#$%&'*+.^_`|~0-9a-zA-Z-]+):[ \t]*(.*?)[ \t]*(?:\r\n|$)/y;
const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;

/** Whether a reply may begin like this. */
export function isHeadStart(bytes: Buffer): boolean {
  const begin = bytes.toString("latin1", 0, START.length);
  return START.startsWith(begin);
}

/** The head in `text`, which ends before its empty line; null where it is none. */
export function parsedHead(text: string): ReplyHead | null {
  const [line = "", minor, digits] = /^HTTP\/1\.([01]) (\d{3})(?: .*)?(?:\r\n|$)/.exec(text) ?? [];
  const headers = parsedFields(text, line.length);
  if (digits === undefined || headers === null) return null;
  const status = Number(digits);
  const isKept = minor === "1" && status >= 200 && !CLOSE.test(headers["connection"] ?? "");
  return { status, headers, isKept };
}

/** Header lines of `text` from there on by name, those of one name joined; null where one is none. */
export function parsedFields(text: string, from = 0): Record<string, string> | null {
  const headers: Record<string, string> = Object.create(null);
  FIELD.lastIndex = from;
  while (FIELD.lastIndex < text.length) {
    const parts = FIELD.exec(text);
    if (parts === null) return null;
    const [, name = "", value = ""] = parts;
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return headers;
}
