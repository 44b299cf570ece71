/** One plain line out of any text. */
import { expect, test } from "bun:test";
import { oneLine } from "../../src/base/one-line.ts";

test.each<[string, unknown, string]>([
  ["an error is its message", new Error("gone"), "gone"],
  ["a kind of error is named", new TypeError("x is not a function"), "TypeError: x is not a function"],
  ["anything else is its text", 7, "7"],
  ["line ends, escapes and direction marks are taken out", new Error("a\nb\u001b[31mc\u202ed"), "a b [31mc d"],
])("%s", (_title, error, line) => {
  expect(oneLine(error)).toBe(line);
});

test("a long message is cut at 1 KiB", () => {
  expect(oneLine("x".repeat(5_000))).toHaveLength(1_024);
});
