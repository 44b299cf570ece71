/** Kubernetes quantities, read and compared. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { compareQuantities } from "../../../src/seinode/spec/quantity.ts";

describe("quantities", () => {
  test.each([
    ["10Gi", "10Gi"],
    ["1Ki", "1024"],
    ["1Mi", "1024Ki"],
    ["1Gi", "1073741824"],
    ["1Ti", "1024Gi"],
    ["1Pi", "1024Ti"],
    ["1Ei", "1024Pi"],
    ["1k", "1000"],
    ["1M", "1000k"],
    ["1G", "1e9"],
    ["1E", "1e18"],
    ["1E3", "1000"],
    ["1e-3", "1m"],
    ["1000m", "1"],
    ["1000u", "1m"],
    ["1000n", "1u"],
    ["0.1", "100m"],
    ["1.5Gi", "1536Mi"],
    ["1.50", "1500m"],
    ["5.", "5"],
    [".5", "500m"],
    ["+3", "3"],
    ["-0", "0"],
    ["0Gi", "0"],
    ["107374182400", "100Gi"],
  ])("%s is %s", (a, b) => {
    expect([compareQuantities(a, b), compareQuantities(b, a)]).toEqual([0, 0]);
  });

  test.each([
    ["10G", "10Gi"],
    ["999m", "1"],
    ["1023", "1Ki"],
    ["9.999999999Gi", "10Gi"],
    // A double holds neither of them apart.
    ["9007199254740992", "9007199254740993"],
    ["0.3", "0.30000000000000000001"],
    ["-1", "0"],
    ["1E", "1Ei"],
    ["2000Gi", "25000Gi"],
    ["1m", "1M"],
  ])("%s is less than %s", (a, b) => {
    expect([compareQuantities(a, b), compareQuantities(b, a)]).toEqual([-1, 1]);
  });

  test.each([
    "",
    " ",
    "Gi",
    ".",
    "-",
    "1gi",
    "1 Gi",
    "1Gi ",
    "1KiB",
    "0x10",
    "1e",
    "1e9999",
    "1e3Gi",
    "NaN",
    "--1",
    "1,5",
  ])("%p is none", (text) => {
    expect(compareQuantities(text, "1")).toBeNull();
    expect(compareQuantities("1", text)).toBeNull();
  });

  test("agree with whole numbers of any size, in every binary notation", () => {
    const suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    const number = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.nat(suffixes.length - 1));
    fc.assert(
      fc.property(number, number, ([a, i], [b, j]) => {
        const [left, right] = [a * 1024n ** BigInt(i), b * 1024n ** BigInt(j)];
        const want = left < right ? -1 : left > right ? 1 : 0;
        expect(compareQuantities(`${a}${suffixes[i]}`, `${b}${suffixes[j]}`)).toBe(want);
      }),
    );
  });
});
