/** Foreign text on one line. */
import { expect, test } from "bun:test";
import { plainLine } from "../../src/base/plain-line.ts";

test.each([
  ["line ends of every kind are one space", "a\u2028b\r\nc\u0085d", "a b c d"],
  ["so is what stands before and behind nothing", "\n a \t", "a"],
  ["NUL and other controls go", "a\u0000\u0007b", "a b"],
  ["marks that turn the direction of writing go", "a\u202eb\u2066c\u200fd", "a b c d"],
  ["half a character goes", "a\ud800b", "a b"],
  ["whole ones stay", "a\u{1f600}b\u00e9", "a\u{1f600}b\u00e9"],
])("%s", (_title, text, line) => {
  expect(plainLine(text, 100)).toBe(line);
});

test("it is cut at its limit, between characters", () => {
  expect(plainLine("x".repeat(9_000), 1_024)).toBe("x".repeat(1_024));
  expect(plainLine("\u{1f600}".repeat(300), 200)).toBe("\u{1f600}".repeat(200));
  expect(plainLine("x".repeat(9_000), Number.POSITIVE_INFINITY)).toHaveLength(9_000);
});
