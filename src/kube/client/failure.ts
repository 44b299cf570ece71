/** What a request to the API server came to, as a value. */
import { type HttpResponse, messageOf, plainLine, TransportError } from "../../base/index.ts";
import { MESSAGE_CHARS, readRefusal } from "./api-status.ts";

/** Why a request gave no value. */
export type FailureKind =
  | "notFound"
  | "alreadyExists"
  | "conflict"
  | "gone"
  | "invalid"
  | "forbidden"
  | "unauthorized"
  | "tooManyRequests"
  | "serverError"
  | "refused"
  | "unreachable"
  | "deadline"
  | "tooLarge"
  | "aborted"
  | "malformed"
  /** Its permit was refused right before it would have been sent. */
  | "withheld";

/** A request that failed. `message` is one line of at most 1 KiB without control characters. */
export interface ApiFailure {
  readonly kind: FailureKind;
  /** HTTP status; null when no reply came. */
  readonly status: number | null;
  /** `reason` of the server's Status object; empty when it gave none. */
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs: number | null;
  /** True for a mutation that may have been carried out although its reply is missing. */
  readonly maybeDone: boolean;
}

/** A value, or why there is none. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: ApiFailure };

const MAX_MESSAGE = 1024;
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Text of the server's in one printable line. */
export function printable(text: string): string {
  return text
    .slice(0, 4 * MAX_MESSAGE)
    .replaceAll(UNSAFE, " ")
    .trim()
    .slice(0, MAX_MESSAGE);
}

/** The failure in a reply whose status is not 2xx. `body` is the parsed reply, if it could be parsed. */
export function failureOf(response: HttpResponse, body: unknown): ApiFailure {
  const retryAfter = response.headers["retry-after"] ?? null;
  const { reason, message, retryAfterMs } = readRefusal(response.status, body, retryAfter);
  return {
    kind: kindOf(response.status, reason),
    status: response.status,
    reason,
    message: message === "" || message === reason ? bare(response.status, reason) : message,
    retryAfterMs,
    maybeDone: response.status >= 500,
  };
}

/** Of a reply that says no more than its reason. */
function bare(status: number, reason: string): string {
  const hint = status === 401 ? ". Check the credentials" : "";
  return plain(`got ${status} ${reason === "" ? "without a message" : reason}, want success${hint}`);
}

/** The failure of a request that got no reply. */
export function failureOfTransport(error: unknown, isMutation: boolean): ApiFailure {
  const kinds = {
    UNREACHABLE: "unreachable",
    TLS: "unreachable",
    DEADLINE: "deadline",
    TOO_LARGE: "tooLarge",
    ABORTED: "aborted",
    WITHHELD: "withheld",
  } as const;
  const kind = error instanceof TransportError ? kinds[error.code] : "unreachable";
  const message = plain(textOf(error));
  return { kind, status: null, reason: "", message, retryAfterMs: null, maybeDone: isMutation && kind !== "withheld" };
}

/** Without the call: whoever tells of the failure says what it was for. */
function textOf(error: unknown): string {
  if (error instanceof TransportError) return error.clause;
  return messageOf(error);
}

function plain(text: string): string {
  return plainLine(text, MESSAGE_CHARS);
}

/** A reply that is not what the API server sends. */
export function malformedReply(message: string, isMutation: boolean): ApiFailure {
  return { kind: "malformed", status: null, reason: "", message, retryAfterMs: null, maybeDone: isMutation };
}

const KINDS: ReadonlyMap<number, FailureKind> = new Map<number, FailureKind>([
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "notFound"],
  [409, "conflict"],
  [410, "gone"],
  [422, "invalid"],
  [429, "tooManyRequests"],
]);

function kindOf(status: number, reason: string): FailureKind {
  if (reason === "AlreadyExists") return "alreadyExists";
  if (reason === "Expired") return "gone";
  return KINDS.get(status) ?? (status >= 500 ? "serverError" : "refused");
}
