/** Lines cut from bytes. */
import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { Framer } from "../../../src/kube/watch/framer.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("framer", () => {
  test("gives the same lines however the bytes are sliced, and never the unfinished last one", () => {
    const aLine = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((text) => JSON.stringify(text));
    fc.assert(
      fc.property(
        fc.array(aLine),
        aLine,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (lines, cut, sizes) => {
          const whole = bytes(lines.map((line) => `${line}\n`).join("") + cut);
          const framer = new Framer();
          const got: string[] = [];
          for (let at = 0, i = 0; at < whole.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            got.push(...framer.push(whole.subarray(at, at + size)).lines);
            at += size;
          }
          expect(got).toEqual(lines);
          expect(framer.held).toBe(bytes(cut).length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("skips empty lines", () => {
    expect(new Framer().push(bytes("\n1\n \n2\n")).lines).toEqual(["1", "2"]);
  });

  test.each([
    ["a line that is too long", ["12345678", "9\n1\n"], "a line of more than 8 bytes"],
    ["a line that just fits", ["1234", "5678\n"], null],
  ] as const)("%s", (_title, chunks, broken) => {
    const framer = new Framer({ maxBytes: 8 });
    const all = chunks.map((chunk) => framer.push(bytes(chunk)));
    expect(all.at(-1)?.broken ?? null).toBe(broken);
  });

  test("half a character before a line feed breaks the stream, and nothing follows", () => {
    const framer = new Framer();
    expect(framer.push(new Uint8Array([0x31, 0x0a, 0xc3, 0x0a, 0x32, 0x0a]))).toEqual({
      lines: ["1"],
      broken: "bytes that are not UTF-8",
    });
    expect(framer.push(bytes("3\n")).lines).toEqual([]);
  });
});
