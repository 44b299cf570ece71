/** Bytes of replies that mean no good. */
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ReplyReader } from "../../src/http/reply-reader.ts";
import { CORPUS, RUNS, text } from "../fixtures/hostile.ts";

afterEach(() => expect("polluted" in {}).toBe(false));

const runs = { numRuns: RUNS };

describe("bytes of a reply", () => {
  const head = fc.constantFrom("HTTP/1.1 200 OK\r\n", "HTTP/1.0 503 \r\n", "HTTP/1.1 99 X\r\n", "HTTP/2 200\r\n", "");
  const header = fc.oneof(
    fc.constantFrom(
      "content-length: 5\r\n",
      "content-length: -1\r\n",
      "content-length: 5\r\ncontent-length: 6\r\n",
      "transfer-encoding: chunked\r\n",
      "content-encoding: gzip\r\n",
    ),
    text,
  );
  const body = fc.oneof(
    fc.constantFrom("hello", "5\r\nhello\r\n0\r\n\r\n", "ffffffffffffffff\r\n", "5;x\r\nhel"),
    text,
  );
  const whole = fc.tuple(head, header, body).map(([a, b, c]) => Buffer.from(`${a}${b}\r\n${c}`));

  test("come to the same however they are cut: a reply, a fault or more to come", () => {
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: 7 }), (bytes, size) => {
        const once = read([bytes]);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        expect(read(pieces)).toEqual(once);
      }),
      runs,
    );
  });
});

/** What the pieces come to, the end of the connection last. What comes behind a whole reply is not read. */
function read(pieces: readonly Buffer[]): string {
  const reader = new ReplyReader({ maxBytes: 1_000, truncate: false });
  for (const piece of pieces) {
    const reading = reader.push(piece);
    if (reading !== null) return told(reading);
  }
  return told(reader.end());
}

function told(reading: ReturnType<ReplyReader["end"]>): string {
  if (reading === null) return "more";
  if ("fault" in reading) return reading.fault;
  return `${reading.reply.status} ${Buffer.from(reading.reply.body).toString("hex")}`;
}

test("the corpus has what has hurt before, once each", () => {
  expect(new Set(CORPUS).size).toBe(CORPUS.length);
});
