/** A spec that is too large is cut where it hurts least. */
import { expect, test } from "bun:test";
import { cutSpec, isLargerThan, MAX_SPEC_BYTES } from "../../../src/seinode/spec/cut-spec.ts";
import { readNode } from "../../../src/seinode/read/index.ts";

const nested = (depth: number): unknown => {
  let value: unknown = "x";
  for (let at = 0; at < depth; at += 1) value = [value];
  return value;
};

test.each<[string, unknown]>([
  ["texts", Array.from({ length: 300 }, () => "x".repeat(1000))],
  ["names", Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at}`.padEnd(1000, "."), 1]))],
  ["numbers", Array.from({ length: 100_000 }, () => 1)],
  ["empty lists", Array.from({ length: 140_000 }, () => [])],
  ["depth", nested(200_000)],
])("what is large by %s is larger than a spec may be", (_title, value) => {
  expect(isLargerThan(value, MAX_SPEC_BYTES)).toBe(true);
});

test("a size is that of the JSON, but for what is escaped", () => {
  const value = { a: "text", b: { c: ["x", "y"], d: "z" } };
  const size = JSON.stringify(value).length;
  expect([isLargerThan(value, size + 5), isLargerThan(value, size - 5)]).toEqual([false, true]);
});

test("a spec of any size that is served stays as it is", () => {
  const spec = { image: "sei:1", overrides: { x: "x".repeat(250_000) } };
  expect(cutSpec(spec)).toEqual({ spec, isCut: false });
});

test("of a larger one the small fields stay, so that its sidecar is found", () => {
  const small = {
    image: "sei:1",
    chainId: "a",
    fullNode: {},
    sidecar: { port: 9000 },
    dataVolume: { import: { pvcName: "x" } },
  };
  expect(cutSpec({ ...small, overrides: { x: "x".repeat(300_000) } })).toEqual({ spec: small, isCut: true });
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`f${at}`, "x".repeat(1000)]));
  expect(JSON.stringify(cutSpec(many).spec).length).toBeLessThan(MAX_SPEC_BYTES);
});

test("labels without end are none", () => {
  const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`label-${at}`, "x".repeat(60)]));
  const metadata = { namespace: "a", name: "b", uid: "c", labels };
  expect(readNode({ metadata })?.metadata).toMatchObject({ labels: {} });
});
