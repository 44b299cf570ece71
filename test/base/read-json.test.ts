/** Reading of unknown JSON: what is not as it should be is as good as absent. */
import { expect, test } from "bun:test";
import { valueAt } from "../../src/base/json.ts";
import { parseJson } from "../../src/base/parse-json.ts";
import { field, numberAt, stringMap, textAt } from "../../src/base/read-json.ts";

test.each([
  ["a text", { x: "a" }, "a", null],
  ["a number", { x: 1.5 }, "", 1.5],
  ["another type", { x: [] }, "", null],
  ["no such field", {}, "", null],
  ["null", null, "", null],
  ["a list", ["a"], "", null],
])("of %s", (_title, of, text, number) => {
  expect(textAt(of, "x")).toBe(text);
  expect(numberAt(of, "x")).toBe(number);
});

test("an inherited field is none", () => {
  expect(field({}, "toString")).toBeUndefined();
  expect(valueAt({ a: {} }, ["a", "constructor"])).toBeUndefined();
});

test("a path leads through objects alone", () => {
  expect(valueAt({ a: { b: [1] } }, ["a", "b"])).toEqual([1]);
  expect(valueAt({ a: "text" }, ["a", "length"])).toBeUndefined();
  expect(valueAt({ a: 1 }, [])).toEqual({ a: 1 });
});

test("of a map only texts are kept, each as the caller keeps them", () => {
  expect(stringMap({ a: "x", b: 1, constructor: "y" }, (text) => text.toUpperCase())).toEqual({ A: "X" });
});

test("a body that is no JSON is undefined, and JSON is read as the caller reads it", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect(parseJson(bytes('{"a":'))).toBeUndefined();
  expect(parseJson(bytes("null"))).toBeNull();
  expect(parseJson(bytes("[1]"), (text) => text.length)).toBe(3);
});
