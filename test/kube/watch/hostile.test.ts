/** Bytes of watches that mean no good. */
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Framer } from "../../../src/kube/watch/framer.ts";
import { readWatchLine } from "../../../src/kube/watch/watch-event.ts";
import { jsonWith, RUNS, text } from "../../fixtures/hostile.ts";

afterEach(() => expect("polluted" in {}).toBe(false));

const runs = { numRuns: RUNS };

describe("bytes of a watch", () => {
  test("are whole lines however they are cut, and each is an event, odd or broken", () => {
    const line = fc.oneof(
      text,
      jsonWith("type", "object", "metadata", "resourceVersion", "code").map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (lines, cuts) => {
        const bytes = new TextEncoder().encode(lines.join("\n"));
        const [cutUp, whole] = [linesOf(bytes, cuts), linesOf(bytes, [bytes.length || 1])];
        expect(cutUp).toEqual(whole);
        for (const one of whole)
          expect(["change", "bookmark", "error", "odd", "broken"]).toContain(readWatchLine(one).kind);
      }),
      runs,
    );
  });
});

function linesOf(bytes: Uint8Array, cuts: readonly number[]): readonly string[] {
  const framer = new Framer();
  const lines: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = cuts[turn % cuts.length] ?? 1;
    lines.push(...framer.push(bytes.subarray(at, at + size)).lines);
    at += size;
  }
  return lines;
}
