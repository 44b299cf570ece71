/** Tasks that the sidecar runs: handed over once, asked after, failed by name. */
import { expect, test } from "bun:test";
import { Bench, known, submitted } from "./bench.ts";

const POST = submitted("config-apply");

test.each<[string, (bench: Bench) => void, object, readonly string[]]>([
  [
    "a quick task is over in the same reconcile",
    (bench) => void (bench.answers = [known("completed")]),
    { kind: "done" },
    [POST],
  ],
  [
    "a long one is handed over once, and asked after",
    (bench) => void (bench.answers = [known("running")]),
    { kind: "submitted", afterMs: 1000 },
    [POST],
  ],
  [
    "one that runs is not posted again",
    (bench) => {
      bench.task = { status: "Running" };
      bench.answers = [known("running")];
    },
    { kind: "submitted", afterMs: 1000 },
    [],
  ],
  [
    "one whose reply was lost is found by its id, not posted again",
    (bench) => {
      bench.fresh = false;
      bench.answers = [known("completed")];
    },
    { kind: "done" },
    [],
  ],
  [
    "one that failed is not posted again: the sidecar would run it",
    (bench) => {
      bench.fresh = false;
      bench.answers = [known("failed", "disk full")];
    },
    { kind: "failed", code: "SIDECAR_TASK_FAILED", why: "mark-ready: disk full" },
    [],
  ],
  [
    "one that the sidecar forgot is posted under its old id",
    (bench) => {
      bench.task = { status: "Running" };
      bench.answers = [{ kind: "notFound" }, known("completed")];
    },
    { kind: "done" },
    [POST],
  ],
  [
    "one that cannot be asked after is not posted",
    (bench) => {
      bench.fresh = false;
      bench.answers = [{ kind: "unreachable", cause: "refused" }];
    },
    { kind: "again", why: "refused" },
    [],
  ],
  [
    "a 4xx fails at once",
    (bench) => void (bench.submitReplies = [{ kind: "rejected", status: 400, cause: "unknown task type" }]),
    { kind: "failed", code: "SIDECAR_REJECTED", why: "unknown task type" },
    [POST],
  ],
  [
    "a POST without a reply is tried later",
    (bench) => void (bench.submitReplies = [{ kind: "unreachable", cause: "reset" }]),
    { kind: "again", why: "reset" },
    [POST],
  ],
  [
    "a sidecar that acknowledges another task is not believed",
    (bench) => void (bench.submitReplies = [{ kind: "unconfirmed", cause: "with id x" }]),
    { kind: "again", why: "with id x" },
    [POST],
  ],
  [
    "stored params that cannot be read fail it, and nothing is posted",
    (bench) => void (bench.task = { params: { mode: 7 } }),
    { kind: "failed", code: "BAD_PARAMS" },
    [],
  ],
  ["without the Lease nothing is posted", (bench) => void (bench.mayAct = false), { kind: "again" }, []],
  ["without a Pod nothing is posted", (bench) => void (bench.pod = null), { kind: "again" }, []],
])("%s", async (_title, change, outcome, effects) => {
  const bench = new Bench();
  change(bench);
  expect(await bench.run("config-apply", { mode: "full" })).toMatchObject(outcome);
  expect(bench.effects).toEqual([...effects]);
});

test("an endless upload is done once it runs", async () => {
  const bench = new Bench();
  bench.answers = [known("running")];
  expect(await bench.run("snapshot-upload")).toEqual({ kind: "done" });
});

test("a task type of another version fails by name", async () => {
  expect(await new Bench().run("reticulate")).toEqual({
    kind: "failed",
    code: "UNKNOWN_TASK",
    why: "task type reticulate is not known to this version",
  });
});
