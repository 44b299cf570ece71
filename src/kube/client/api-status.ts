/** What the API server says instead of an answer: a `metav1.Status`. */
import { arrayAt, field, numberAt, plainLine, textAt } from "../../base/index.ts";

/** A request that the API server did not grant: its Status, or its HTTP status where it sent none. */
export interface Refusal {
  readonly status: number;
  /** `reason` of the Status, or of its first cause that tells more; empty when there is none. */
  readonly reason: string;
  /** One line, at most 1 KiB, no control characters. */
  readonly message: string;
  /** How long it wants to be left alone; null when it does not say. */
  readonly retryAfterMs: number | null;
}

/** Longest message that is kept. */
export const MESSAGE_CHARS = 1024;
/** Nobody is put off for longer by what a server says. */
const RETRY_AFTER_CAP_SECONDS = 300;

/** Reads a refusal from an HTTP status and its body. `retryAfter` is the header's value. */
export function readRefusal(status: number, body: unknown, retryAfter: string | null): Refusal {
  const details = field(body, "details");
  const cause = arrayAt(details, "causes")
    .map((one) => textAt(one, "reason"))
    .find((reason) => reason !== "");
  return {
    status,
    reason: cause === "ResourceVersionTooLarge" ? cause : textAt(body, "reason"),
    message: plainLine(textAt(body, "message"), MESSAGE_CHARS),
    retryAfterMs: waitMs(retryAfter === null ? numberAt(details, "retryAfterSeconds") : Number(retryAfter)),
  };
}

function waitMs(seconds: number | null): number | null {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) return null;
  return Math.min(seconds, RETRY_AFTER_CAP_SECONDS) * 1_000;
}
