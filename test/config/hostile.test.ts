/** Command lines that nobody means well with. */
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readConfig } from "../../src/config/index.ts";
import { ONE_LINE, RUNS, text } from "../fixtures/hostile.ts";

afterEach(() => expect("polluted" in {}).toBe(false));

const runs = { numRuns: RUNS };

describe("the command line", () => {
  const flags = [
    "--mode",
    "--shards",
    "--probe-interval",
    "--plugin",
    "-n",
    "--selector",
    "-A",
    "--detectors",
    "--log-level",
    "--",
    "--=",
    "-",
  ];
  const word = fc.oneof(
    fc.constantFrom("run", "demo", "drift", "explain", "manifests", ...flags, "act", "30", "-1s", "25d"),
    text,
  );

  test("is a configuration or mistakes, each a line", () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.dictionary(word, text), (argv, env) => {
        const read = readConfig(argv, env);
        if (!read.ok) for (const problem of read.problems) expect(problem).toMatch(ONE_LINE);
        if (!read.ok) expect(read.problems.length).toBeGreaterThan(0);
      }),
      runs,
    );
  });
});
