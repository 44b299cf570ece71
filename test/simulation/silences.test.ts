/** The watch of one kind goes silent while its object changes. */
import { expect, test } from "bun:test";
import { runSilence, silences } from "./silences.ts";
import { codeOf, isUnmended, unmended } from "./unmended.ts";

const found = new Set<string>();

test.each(Object.keys(silences))(
  "the watch of %s is silent for 300 s while what it tells of is replaced: no effect on what was not proven",
  (kind) => {
    const { breaches, effects } = runSilence(kind);
    for (const breach of breaches) found.add(codeOf(breach));
    expect(breaches.filter((breach) => !isUnmended("silences", codeOf(breach)))).toEqual([]);
    // Of a volume that is lost, and beside another manager, nothing is healed.
    const isIdle = kind === "claims" || silences[kind]?.isRival === true;
    if (!isIdle) expect(effects).toBeGreaterThan(0);
    if (silences[kind]?.isRival === true) expect(effects).toBe(0);
  },
);

test("what is said to be unmended is found", () => {
  expect(unmended.silences.filter((code) => !found.has(code))).toEqual([]);
});
