/** Status and headers of a reply. */
export interface ReplyHead {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** The server keeps the connection, as HTTP/1.1 does where nobody says `close`. */
  readonly isKept: boolean;
}

const START = "HTTP/1.";
const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;

/** Whether a reply may begin like this. */
export function isHeadStart(bytes: Buffer): boolean {
  const begin = bytes.toString("latin1", 0, START.length);
  return START.startsWith(begin);
}

/** The head in `text`, which ends before its empty line; null where it is none. */
export function parsedHead(text: string): ReplyHead | null {
  const [line = "", ...fields] = text.split("\r\n");
  const [, minor, digits] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(line) ?? [];
  const headers = parsedFields(fields);
  if (digits === undefined || headers === null) return null;
  const status = Number(digits);
  const isKept = minor === "1" && status >= 200 && !CLOSE.test(headers["connection"] ?? "");
  return { status, headers, isKept };
}

/** Header lines by name, those of one name joined; null where one is none. */
export function parsedFields(lines: readonly string[]): Record<string, string> | null {
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const parts = /^([!#$%&'*+.^_`|~0-9a-zA-Z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (parts === null) return null;
    const [, name = "", value = ""] = parts;
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return headers;
}
