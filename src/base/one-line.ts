/** Anything that was thrown, as one line of text. */
import { messageOf } from "./message-of.ts";
import { plainLine } from "./plain-line.ts";

/** Longest line we print about an error, in characters. */
const LIMIT = 1_024;

/** An error as one line without its stack: control characters out, cut at 1 KiB. */
export function oneLine(error: unknown): string {
  const kind = error instanceof Error && error.name !== "Error" ? `${error.name}: ` : "";
  const line = plainLine(kind + messageOf(error), LIMIT + 1);
  return line.length > LIMIT ? `${line.slice(0, LIMIT - 1)}…` : line;
}
