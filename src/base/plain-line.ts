/** Foreign text made fit for one line of a log, an Event or a status. */

/** Control characters, format characters (direction marks among them), lone surrogates, line ends, and white space. */
const UNSAFE = /[\s\p{Cc}\p{Cf}\p{Cs}]+/gu;

/** `text` on one printable line of at most `limit` characters: each run of what is not printable becomes one space. */
export function plainLine(text: string, limit: number): string {
  // Cut first: cleaning a megabyte to keep 200 characters would be work for the sender to order.
  const line = text
    .slice(0, 4 * limit)
    .replaceAll(UNSAFE, " ")
    .trim();
  return line.length <= limit ? line : Array.from(line).slice(0, limit).join("");
}
