/** A request written as text. */
import { expect, test } from "bun:test";
import { nodeHeaders, requestText, type WrittenRequest } from "../../src/http/request-text.ts";

const GET = { method: "GET", authority: "[::1]:6443", path: "/api?a=%20", headers: { a: "b c" }, body: undefined };

function textOf(changes: Partial<WrittenRequest>): string {
  return requestText({ ...GET, ...changes }, () => "GET /api");
}

test("a request is its line, its headers, and its body with the length it has in bytes", () => {
  expect(textOf({})).toBe("GET /api?a=%20 HTTP/1.1\r\nhost: [::1]:6443\r\na: b c\r\n\r\n");
  expect(textOf({ headers: {}, body: "ü€😀" })).toEndWith("\r\ncontent-length: 9\r\n\r\nü€😀");
  expect(textOf({ headers: {}, body: "" })).toEndWith("\r\ncontent-length: 0\r\n\r\n");
});

test.each<[string, Partial<WrittenRequest>]>([
  ["a line break in a header", { headers: { a: "s3cret\r\nb: c" } }],
  ["a bare line feed in a header", { headers: { a: "s3cret\n" } }],
  ["half a character in a header", { headers: { a: "s3cret\ud800" } }],
  ["a colon in the name of a header", { headers: { "a: s3cret": "b" } }],
  ["a header without a name", { headers: { "": "s3cret" } }],
  ["a line break in a path", { path: "/s3cret\r\nb: c" }],
  ["a space in a path", { path: "/s3cret HTTP/1.1" }],
  ["no path", { path: "" }],
])("%s is refused, unquoted", (_title, changes) => {
  expect(() => textOf(changes)).toThrow("GET /api: got a path or header that cannot be sent, want plain text");
});

test("several values are a line each, and what is beyond ASCII goes as UTF-8, of which no byte ends a line", () => {
  const headers = { "impersonate-group": ["dev", "Größe\u010d\u010a"] };
  expect(textOf({ headers })).toContain("impersonate-group: dev\r\nimpersonate-group: Größe\u010d\u010a\r\n");
  expect(nodeHeaders(headers)["impersonate-group"]).toEqual(["dev", "GrÃ¶Ã\u009fe\u00c4\u008d\u00c4\u008a"]);
});
