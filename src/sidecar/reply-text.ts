/** Text that came from a sidecar, made fit for logs, Events and status. */
import { plainLine } from "../base/index.ts";

/** A whole terminal sequence goes, not its ESC alone, or `[31m` would stay behind. */
// oxlint-disable-next-line no-control-regex -- the control character is what is looked for
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
/** What takes no room on a page leaves none behind: controls but white space, direction marks, lone surrogates. */
const UNSEEN = /(?!\s)[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** One line of at most `limit` characters without anything a terminal or a log reader would act on. */
export function safeText(raw: string, limit = 200): string {
  // The input is capped first: cleaning a megabyte to keep 200 characters would be work for the sender to order.
  return plainLine(
    raw
      .slice(0, limit * 8)
      .replaceAll(ANSI, "")
      .replaceAll(UNSEEN, ""),
    limit,
  );
}
