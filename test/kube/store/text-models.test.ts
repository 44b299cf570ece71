/** Texts kept by their difference from a model. */
import { describe, expect, test } from "bun:test";
import { TextModels } from "../../../src/kube/store/text-models.ts";
import { numeral, readNumeral } from "../../../src/kube/store/numeral.ts";

const pod = (name: string, ip: string, phase = "Running"): string =>
  JSON.stringify({ namespace: "default", name, node: name, ip, phase, containers: [{ name: "seid", image: "sei:1" }] });

describe("text models", () => {
  test.each([
    ["an empty text", ""],
    ["a quote alone", '"'],
    ["many quotes", '""""'],
    ["no JSON at all", "\0\x01 \x7f"],
    ["escaped quotes", JSON.stringify({ a: 'he said "no\\"', b: "\\" })],
    ["other scripts", JSON.stringify({ a: "żółw 海龜 🐢", b: "\u007f\u0080\u00ff" })],
    ["a long text", JSON.stringify({ a: "x".repeat(300_000), b: '"'.repeat(500) })],
  ])("%s comes back as it was, whatever the model", (_title, text) => {
    const alone = new TextModels();
    expect(alone.decode(alone.encode(text))).toBe(text);
    const after = new TextModels();
    // A model of as many parts that shares nothing with it.
    const model = text.split('"').fill("model").join('"');
    after.encode(model);
    expect(after.decode(after.encode(text))).toBe(text);
    expect(after.decode(after.encode(model))).toBe(model);
  });

  test("a text like the model takes little more than what is its own, once", () => {
    const models = new TextModels();
    models.encode(pod("zz-template-zz", "10.0.0.1"));
    const [code, text] = [models.encode(pod("n00001-abcdef", "10.0.44.7")), pod("n00001-abcdef", "10.0.44.7")];
    expect(models.decode(code)).toBe(text);
    expect(code.length).toBeLessThan("n00001-abcdef".length + "10.0.44.7".length + 8);
  });

  test("what the model repeats and a text does not comes back as it was", () => {
    const models = new TextModels();
    models.encode(pod("zz-template-zz", "10.0.0.1"));
    const text = pod("n00001-abcdef", "10.0.0.1").replace('"node":"n00001-abcdef"', '"node":"zz-template-zz"');
    expect(models.decode(models.encode(text))).toBe(text);
  });

  test("the model itself comes back", () => {
    const models = new TextModels();
    expect(models.decode(models.encode(pod("a", "b")))).toBe(pod("a", "b"));
  });

  test("codes are equal exactly when texts are", () => {
    const models = new TextModels();
    const texts = [pod("a", "1"), pod("b", "1"), pod("a", "1", "Failed"), "", "{}"];
    const first = texts.map((text) => models.encode(text));
    expect(texts.map((text) => models.encode(text))).toEqual(first);
    expect(new Set(first).size).toBe(texts.length);
  });

  test("shapes without end are kept in full, and come back", () => {
    const models = new TextModels();
    const texts = Array.from({ length: 600 }, (_, quotes) => '"'.repeat(quotes));
    const codes = texts.map((text) => models.encode(text));
    expect(codes.map((code) => models.decode(code))).toEqual(texts);
  });

  test("models are bounded by their bytes: what comes past them is kept in full", () => {
    const models = new TextModels();
    const large = (quotes: number): string => `${'"'.repeat(quotes)}${"x".repeat(500_000)}`;
    const codes = Array.from({ length: 20 }, (_, quotes) => models.encode(large(quotes)));
    expect(codes.map((code) => models.decode(code).length)).toEqual(codes.map((_, quotes) => quotes + 500_000));
    // Told by a model, the same text once more is next to nothing.
    const told = codes.keys().filter((quotes) => models.encode(large(quotes)).length < 1000);
    expect([...told].length * 1_000_000).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  test.each([0, 1, 127, 128, 255, 16_383, 16_384, 5_000_000])("the numeral of %d reads as it", (value) => {
    const reader = { text: `${numeral(value)}x`, at: 0 };
    expect(readNumeral(reader)).toBe(value);
    expect(reader.text.slice(reader.at)).toBe("x");
  });
});
