/** Longest line we print about an error, in characters. */
const LIMIT = 1_024;

/** An error as one line without its stack: control characters out, cut at 1 KiB. */
export function oneLine(error: unknown): string {
  const text =
    error instanceof Error ? `${error.name === "Error" ? "" : `${error.name}: `}${error.message}` : String(error);
  // oxlint-disable-next-line no-control-regex -- taking them out is the point
  const flat = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, " ").trim();
  return flat.length > LIMIT ? `${flat.slice(0, LIMIT - 1)}…` : flat;
}
