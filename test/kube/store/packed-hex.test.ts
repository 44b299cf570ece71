/** Hexadecimal texts as fewer characters. */
import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { packHex, unpackHex } from "../../../src/kube/store/packed-hex.ts";

const UID = "956726d7-a0b8-4ed5-bbd6-d3667f317c24";
const CONTAINER = "f2a42d44382dbc395fb783b8a08d2f6ac0eb0f46984a7d3ff7a975f8c9cb85b8";

describe("packHex", () => {
  test.each([
    ["a UID", UID, 24],
    ["a container id", `containerd://${CONTAINER}`, 13 + 45],
    ["a digest", "25ddb31f163696cc", 13],
    ["a short number", "6bff5876f9", 10],
    ["a UID in capitals", UID.toUpperCase(), 36],
    ["a number of 301 digits", "a".repeat(301), 2 + 170 + (2 + 31) + 1],
    ["nothing", "", 0],
    ["a mark", "\x7f", 2],
    ["a text of several", `${UID} x ${CONTAINER} ${UID}`, 24 + 3 + 45 + 1 + 24],
  ])("packs %s", (_what, text, length) => {
    expect(packHex(text)).toHaveLength(length);
    expect(unpackHex(`ab${packHex(text)}`, 2)).toBe(text);
  });

  test("whatever the text says, it comes back as it was", () => {
    const hex = fc.string({
      unit: fc.constantFrom("0", "1", "7", "9", "a", "b", "c", "d", "e", "f", "-"),
      maxLength: 300,
    });
    const odd = fc.string({ unit: fc.constantFrom("\x7f", "\0", "\x01", "\x10", "-", "a", "ü", "😀"), maxLength: 8 });
    const text = fc.array(fc.oneof(hex, odd, fc.uuid(), fc.string())).map((parts) => parts.join(""));
    fc.assert(fc.property(text, (one) => unpackHex(packHex(one), 0) === one));
  });
});
