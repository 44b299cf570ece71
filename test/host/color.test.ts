/** When output is coloured. */
import { expect, test } from "bun:test";
import { wantsColor } from "../../src/host/color.ts";

test.each<[string, Record<string, string>, boolean, boolean]>([
  ["a terminal is coloured", {}, true, true],
  ["a pipe is not", {}, false, false],
  ["NO_COLOR wins over a terminal", { NO_COLOR: "1" }, true, false],
  ["NO_COLOR wins over FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  ["an empty NO_COLOR says nothing", { NO_COLOR: "" }, true, true],
  ["FORCE_COLOR colours a pipe", { FORCE_COLOR: "1" }, false, true],
  ["FORCE_COLOR=0 is a no", { FORCE_COLOR: "0" }, true, false],
  ["a dumb terminal is not coloured", { TERM: "dumb" }, true, false],
  ["CI is not coloured", { CI: "true" }, true, false],
])("%s", (_title, env, isTerminal, wanted) => {
  expect(wantsColor(env, isTerminal)).toBe(wanted);
});
