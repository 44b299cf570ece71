/** Text folded between words. */
import { expect, test } from "bun:test";
import { folded } from "../../src/base/fold.ts";

test.each([
  ["one two three", 7, "", "one two\nthree"],
  ["  one two three", 9, "    ", "  one two\n    three"],
  ["unbreakable", 3, "", "unbreakable"],
  ["one two", Number.POSITIVE_INFINITY, "", "one two"],
])("%p within %d, indented %p", (text, columns, indent, lines) => {
  expect(folded(text, columns, indent)).toBe(lines);
});
