/** HTTP replies read from bytes in pieces of any size. */
import { describe, expect, test } from "bun:test";
import { type Reading, ReplyReader } from "../../src/http/reply-reader.ts";

/** What reading `text` comes to when it arrives in pieces of this size and then the connection ends. */
function readingOf(text: string, size: number, truncate = false): unknown {
  const reader = new ReplyReader({ maxBytes: 16, truncate });
  const bytes = Buffer.from(text, "latin1");
  let reading: Reading = null;
  for (let at = 0; at < bytes.length && reading === null; at += size)
    reading = reader.push(bytes.subarray(at, at + size));
  reading ??= reader.end();
  if (reading === null) return null;
  return "fault" in reading
    ? reading.fault
    : [reading.reply.status, Buffer.from(reading.reply.body).toString("latin1")];
}

const OK = "HTTP/1.1 200 OK\r\n";

describe.each([1, 2, 7, 4096])("in pieces of %d bytes", (size) => {
  test.each<[string, string, unknown]>([
    ["a length", `${OK}Content-Length: 4\r\n\r\nbody`, [200, "body"]],
    ["what follows a body is not its", `${OK}Content-Length: 4\r\n\r\nbodyHTTP/1.1 503 X\r\n\r\n`, [200, "body"]],
    ["no length: until the end", `${OK}\r\nbody`, [200, "body"]],
    ["no length and no body", `${OK}\r\n`, [200, ""]],
    ["a length of nothing", `${OK}content-length: 0\r\n\r\n`, [200, ""]],
    ["chunks", `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2;x=y\r\ndy\r\n0\r\n\r\n`, [200, "body"]],
    ["trailers", `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\na: b\r\nc: d\r\n\r\n`, [200, "body"]],
    ["a status without a body", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", [204, ""]],
    ["no reason", "HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", [503, ""]],
    ["an old server", "HTTP/1.0 200 OK\r\n\r\nbody", [200, "body"]],
    ["interim replies", `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\na: b\r\n\r\n${OK}\r\nbody`, [200, "body"]],
    ["nothing at all", "", "ECONNRESET"],
    ["a head that was cut", `${OK}Content-Le`, "ECONNRESET"],
    ["a body that was cut", `${OK}Content-Length: 5\r\n\r\nbody`, "ECONNRESET"],
    ["chunks that were cut", `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n`, "ECONNRESET"],
    ["trailers that were cut", `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\na: b\r\n`, "ECONNRESET"],
    ["no line behind the last chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`, "ECONNRESET"],
    ["trailers that are none", `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n`, "HPE_INVALID"],
    [
      "trailers past the limit",
      `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\na: ${"b".repeat(17_000)}\r\n\r\n`,
      "HPE_HEADER_OVERFLOW",
    ],
    ["an interim reply alone", "HTTP/1.1 100 Continue\r\n\r\n", "ECONNRESET"],
    ["another protocol", "SSH-2.0-OpenSSH_9.9\r\n\r\n", "HPE_INVALID"],
    ["a status that is none", "HTTP/1.1 2x0 OK\r\n\r\n", "HPE_INVALID"],
    ["a folded header", `${OK}a: b\r\n c\r\n\r\n`, "HPE_INVALID"],
    ["a header without a name", `${OK}: b\r\n\r\n`, "HPE_INVALID"],
    ["a space before the colon", `${OK}Content-Length : 4\r\n\r\nbody`, "HPE_INVALID"],
    ["a length that is none", `${OK}Content-Length: -4\r\n\r\nbody`, "HPE_INVALID"],
    ["two lengths", `${OK}Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody!`, "HPE_INVALID"],
    ["a length beside chunks", `${OK}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, "HPE_INVALID"],
    ["another coding", `${OK}Transfer-Encoding: gzip\r\n\r\nbody`, "HPE_INVALID"],
    ["a chunk of no size", `${OK}Transfer-Encoding: chunked\r\n\r\nx\r\nbody\r\n0\r\n\r\n`, "HPE_INVALID"],
    ["a chunk longer than it says", `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nbody\r\n0\r\n\r\n`, "HPE_INVALID"],
    ["a size without end", `${OK}Transfer-Encoding: chunked\r\n\r\n${"0".repeat(200)}`, "HPE_INVALID"],
    ["a body past the cap", `${OK}\r\n${"b".repeat(17)}`, "TOO_LARGE"],
    ["an announced one", `${OK}Content-Length: 17\r\n\r\n`, "TOO_LARGE"],
    ["a chunk past the cap", `${OK}Transfer-Encoding: chunked\r\n\r\nffffffff\r\nb`, "TOO_LARGE"],
    ["a head past the limit", `${OK}a: ${"b".repeat(17_000)}\r\n\r\n`, "HPE_HEADER_OVERFLOW"],
  ])("%s", (_title, text, want) => {
    expect(readingOf(text, size)).toEqual(want);
  });

  test.each<[string, string]>([
    ["of a length", `${OK}Content-Length: 99\r\n\r\n${"b".repeat(17)}`],
    ["without one", `${OK}\r\n${"b".repeat(17)}`],
    ["in chunks", `${OK}Transfer-Encoding: chunked\r\n\r\n63\r\n${"b".repeat(17)}`],
  ])("a body past the cap is cut where that is wanted: %s", (_title, text) => {
    expect(readingOf(text, size, true)).toEqual([200, "b".repeat(16)]);
  });
});

test("headers come in lower case, twice named ones joined, and none reaches a prototype", () => {
  const reader = new ReplyReader({ maxBytes: 16, truncate: false });
  const reading = reader.push(Buffer.from(`${OK}A-b: 1\r\na-B:\t2 \r\n__proto__: x\r\ncontent-length: 0\r\n\r\n`));
  const headers = reading !== null && "reply" in reading ? reading.reply.headers : {};
  expect(Object.entries(headers)).toEqual([
    ["a-b", "1, 2"],
    ["__proto__", "x"],
    ["content-length", "0"],
  ]);
});

test("a long chunk is read in time that grows with it alone: a list of a large fleet comes in one", () => {
  const piece = Buffer.alloc(16_384, "b");
  const pieces = 2048;
  const reader = new ReplyReader({ maxBytes: piece.length * pieces, truncate: false });
  const size = (piece.length * pieces).toString(16);
  expect(reader.push(Buffer.from(`${OK}Transfer-Encoding: chunked\r\n\r\n${size}\r\n`))).toBeNull();
  // A copy of what is there for each piece would move 34 GB, which does not end before the test is given up.
  for (let count = 0; count < pieces; count += 1) reader.push(piece);
  const reading = reader.push(Buffer.from("\r\n0\r\n\r\n"));
  expect(reading).toMatchObject({ isReusable: true });
});
