/** The head of a request to a port of ours: taken or refused. */
import { expect, test } from "bun:test";
import { readRequestHead } from "../../src/host/request-head.ts";

const end = "\r\n\r\n";

test.each([
  [
    "a plain question",
    "GET /metrics HTTP/1.1\r\nHost: x",
    { method: "GET", target: "/metrics", isKept: true, hasBody: false },
  ],
  ["a query stays", "GET /readyz?exclude=a HTTP/1.1\r\nHost: x", { target: "/readyz?exclude=a" }],
  ["an absolute form", "GET http://x:1/livez HTTP/1.1\r\nHost: x", { target: "/livez" }],
  ["who is to go", "GET / HTTP/1.1\r\nConnection: Close", { isKept: false }],
  ["HTTP/1.0 goes", "GET / HTTP/1.0\r\nHost: x", { isKept: false }],
  ["but for the one that says so", "GET / HTTP/1.0\r\nConnection: keep-alive", { isKept: true }],
  ["a body", "POST / HTTP/1.1\r\nContent-Length: 1", { hasBody: true }],
  ["a body without a length", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked", { hasBody: true }],
  ["none", "POST / HTTP/1.1\r\nContent-Length: 0", { hasBody: false }],
  ["no header at all", "GET / HTTP/1.1", { target: "/" }],
])("%s", (_title, text, want) => {
  const read = readRequestHead(`${text}${end}rest`);
  if (typeof read === "string") throw new Error(read);
  expect(read.head).toMatchObject(want);
  expect(read.end).toBe(text.length + end.length);
});

test.each([
  ["unfinished", "GET / HTTP/1.1\r\nHost: x\r\n"],
  ["unfinished", ""],
  ["tooLarge", `GET /${"x".repeat(9000)}`],
  ["tooLarge", `GET /${"x".repeat(9000)} HTTP/1.1${end}`],
  ["broken", `nonsense${end}`],
  ["broken", `GET metrics HTTP/1.1${end}`],
  ["broken", `GET / HTTP/2${end}`],
  ["broken", `GET / HTTP/1.1\r\nno field${end}`],
  ["broken", `GET / HTTP/1.1\r\na b: c${end}`],
] as const)("%s: %p", (want, text) => {
  expect(readRequestHead(text)).toBe(want);
});
