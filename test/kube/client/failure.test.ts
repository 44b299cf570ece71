/** How failed requests are told apart. */
import { describe, expect, test } from "bun:test";
import { failureOf, failureOfTransport, malformedReply } from "../../../src/kube/client/failure.ts";
import { TransportError } from "../../../src/base/index.ts";

function reply(status: number, headers: Readonly<Record<string, string>> = {}) {
  return { status, headers, body: new Uint8Array() };
}

test.each<[number, string, string]>([
  [400, "BadRequest", "refused"],
  [401, "Unauthorized", "unauthorized"],
  [403, "Forbidden", "forbidden"],
  [404, "NotFound", "notFound"],
  [409, "Conflict", "conflict"],
  [409, "AlreadyExists", "alreadyExists"],
  [410, "Expired", "gone"],
  [410, "Gone", "gone"],
  [422, "Invalid", "invalid"],
  [429, "TooManyRequests", "tooManyRequests"],
  [500, "InternalError", "serverError"],
  [503, "", "serverError"],
  [302, "", "refused"],
])("HTTP %d %s is %s", (status, reason, kind) => {
  expect<string>(failureOf(reply(status), { reason }).kind).toBe(kind);
});

test.each([
  [500, true],
  [504, true],
  [409, false],
  [422, false],
])("after HTTP %d it may have been done: %p", (status, maybeDone) => {
  expect(failureOf(reply(status), undefined).maybeDone).toBe(maybeDone);
});

test.each<[string, unknown, string]>([
  ["the server's words", { message: "no\nway\u001b[31m" }, "no way [31m"],
  ["the number where it gave none", { reason: "x" }, "got 500 x, want success"],
  ["the number where the reply is no object", "<html>", "got 500 without a message, want success"],
  ["the number where the message is no text", { message: 7 }, "got 500 without a message, want success"],
])("the message is %s", (_title, body, message) => {
  expect(failureOf(reply(500), body).message).toBe(message);
});

test.each([
  ["1", 1000],
  ["0", 0],
  ["86400", 300_000],
  ["-1", null],
  ["Wed, 21 Oct 2026 07:28:00 GMT", null],
])("Retry-After %s", (header, ms) => {
  expect(failureOf(reply(429, { "retry-after": header }), undefined).retryAfterMs).toBe(ms);
});

describe("without a reply", () => {
  test.each([
    ["UNREACHABLE", "unreachable"],
    ["TLS", "unreachable"],
    ["DEADLINE", "deadline"],
    ["TOO_LARGE", "tooLarge"],
    ["ABORTED", "aborted"],
  ] as const)("%s is %s", (code, kind) => {
    expect(failureOfTransport(new TransportError(code, "why"), false)).toMatchObject({ kind, status: null });
  });

  test("a write may have been done, a read changed nothing", () => {
    const error = new TransportError("DEADLINE", "why");
    expect([true, false].map((isMutation) => failureOfTransport(error, isMutation).maybeDone)).toEqual([true, false]);
    expect([true, false].map((isMutation) => malformedReply("why", isMutation).maybeDone)).toEqual([true, false]);
  });

  test("anything else that was thrown is unreachable, in one line", () => {
    expect(failureOfTransport("a\nb", false)).toMatchObject({ kind: "unreachable", message: "a b" });
  });
});

test("the message of a reply is one line of at most 1 KiB", () => {
  expect(failureOf(reply(500), { message: "a\u2028b\u0000c\r\n" }).message).toBe("a b c");
  expect(failureOf(reply(500), { message: "x".repeat(9000) }).message.length).toBe(1024);
});
