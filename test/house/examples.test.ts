/** The additions that CONTRIBUTING.md shows fit the code of today, and each touches two files of src. */
import { expect, test } from "bun:test";
import { ROOT, textOf } from "./sources.ts";

const page = await textOf("CONTRIBUTING.md");
const examples = [...page.matchAll(/^([^\n]+)\n\n```diff\n([\s\S]*?)^```$/gm)].map(
  ([, title = "", diff = ""]) => [/\*\*(\w+)\*\*/.exec(title)?.[1] ?? title.slice(0, 40), diff] as const,
);

test("a detector, a flag, a metric and a task are shown", () => {
  expect(examples.map(([what]) => what)).toEqual(["detector", "flag", "metric", "task"]);
});

test.each(examples)("the %s touches two files of src", (_what, diff) => {
  expect([...diff.matchAll(/^\+\+\+ b\/src\//gm)]).toHaveLength(2);
});

test.each(examples)("the %s can be applied to the code of today", (_what, diff) => {
  expect(problemOf(diff), "make the addition anew, and put `git diff -U1 -- src` in its place").toBe("");
});

test("one that does not fit is seen", () => {
  const [, diff = ""] = examples[1] ?? [];
  expect(problemOf(diff.replace(/^-.*stderr.*$/m, "-  never stood there"))).toContain("patch does not apply");
});

/** What git has to say against a patch; empty when it fits. Nothing is written. */
function problemOf(diff: string): string {
  const { stderr } = Bun.spawnSync(["git", "apply", "--check", "-"], { cwd: ROOT, stdin: Buffer.from(diff) });
  return stderr.toString();
}
