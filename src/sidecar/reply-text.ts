/** Text that came from a sidecar, made fit for logs, Events and status. */

/** Control and format characters (bidi overrides among them), lone surrogates, line and paragraph separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** A whole terminal sequence goes, not its ESC alone, or `[31m` would stay behind. */
// oxlint-disable-next-line no-control-regex -- the control character is what is looked for
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const BLANK = /[\t\n\r\v\f\u2028\u2029]+/g;

/** One line of at most `limit` characters without anything a terminal or a log reader would act on. */
export function safeText(raw: string, limit = 200): string {
  // The input is capped first: cleaning a megabyte to keep 200 characters would be work for the sender to order.
  const head = raw.slice(0, limit * 8);
  const clean = head.replace(ANSI, "").replace(BLANK, " ").replace(UNSAFE, "").trim();
  const characters = Array.from(clean);
  return characters.length <= limit ? clean : characters.slice(0, limit).join("");
}
