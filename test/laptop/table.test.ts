/** Tables, for people and for programs. */
import { expect, test } from "bun:test";
import { ageText } from "../../src/laptop/age.ts";
import { clipped, table } from "../../src/laptop/table.ts";

interface Row {
  readonly name: string;
  readonly why: string;
}

const COLUMNS = [
  { title: "NAME", cell: ({ name }: Row) => name },
  { title: "WHY", cell: ({ why }: Row) => why, paint: (_row: Row, text: string) => `<${text}>` },
];
const ROWS = [
  { name: "a", why: "it is well" },
  { name: "long-name", why: "" },
];

test("columns are as wide as their widest cell, and no line ends in spaces", () => {
  expect(table(COLUMNS, ROWS)).toBe("NAME        WHY\na           it is well\nlong-name\n");
});

test("nothing is cut for a program, and everything at the edge of a terminal", () => {
  expect(table(COLUMNS, ROWS, { columns: 16, color: false })).toBe("NAME        WHY\na           it …\nlong-name\n");
});

test("a colour has no width: cells are cut first", () => {
  expect(table(COLUMNS, ROWS, { columns: 16, color: true })).toBe("NAME        WHY\na           <it …>\nlong-name\n");
});

test("no rows are no table", () => {
  expect(table(COLUMNS, [])).toBe("");
});

test.each([
  ["fits", 4, "fits"],
  ["too long", 4, "too…"],
  ["日本語", 4, "日…"],
  ["x", 0, ""],
])("%p in %d columns is %p", (text, columns, cut) => {
  expect(clipped(text, columns)).toBe(cut);
});

test.each([
  [0, "0s"],
  [119_000, "119s"],
  [200_000, "3m20s"],
  [600_000, "10m"],
  [3 * 3_600_000 + 60_000, "3h1m"],
  [30 * 3_600_000, "30h"],
  [3 * 86_400_000, "3d"],
  [100 * 86_400_000, "100d"],
  [800 * 86_400_000, "2y"],
  [-5, "0s"],
  [Number.NaN, "<unknown>"],
])("%d ms ago is %s", (ms, text) => {
  expect(ageText(ms)).toBe(text);
});
