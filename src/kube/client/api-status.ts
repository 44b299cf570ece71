/** What the API server says instead of an answer: `metav1.Status`. */

/** What the API server says instead of an answer: a `metav1.Status`, or an HTTP status without one. */
export interface Refusal {
  readonly status: number;
  /** `reason` of the Status, or of its first cause that tells more; empty when there is none. */
  readonly reason: string;
  /** One line, at most 200 characters, no control characters. */
  readonly message: string;
  readonly retryAfterMs: number | null;
}

/** Reads a refusal from an HTTP status and its body. `retryAfter` is the header's value. */
export function readRefusal(status: number, body: unknown, retryAfter: string | null): Refusal {
  const details = valueAt(body, "details");
  const causes = valueAt(details, "causes");
  const cause = Array.isArray(causes) ? causes.map((one) => textAt(one, "reason")).find((reason) => reason !== "") : "";
  const seconds = retryAfter === null ? numberAt(details, "retryAfterSeconds") : Number(retryAfter);
  const hasWait = seconds !== null && Number.isFinite(seconds) && seconds > 0;
  return {
    status,
    reason: cause === "ResourceVersionTooLarge" ? cause : textAt(body, "reason"),
    message: oneLine(textAt(body, "message")),
    retryAfterMs: hasWait ? Math.min(seconds * 1_000, RETRY_AFTER_CAP_MS) : null,
  };
}

/** Foreign text made fit for a log line: control and direction characters become spaces, and it is cut. */
export function oneLine(text: string): string {
  return text
    .slice(0, MESSAGE_CHARS)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
}

/** `value[name]` of an object's own property; `undefined` where there is none. */
export function valueAt(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The text at `name`; empty where there is none. */
export function textAt(value: unknown, name: string): string {
  const found = valueAt(value, name);
  return typeof found === "string" ? found : "";
}

export function numberAt(value: unknown, name: string): number | null {
  const found = valueAt(value, name);
  return typeof found === "number" ? found : null;
}

export const MESSAGE_CHARS = 200;

export const RETRY_AFTER_CAP_MS = 10 * 60_000;
