/** The sidecar's API over scripted transports. */
import { describe, expect, test } from "bun:test";
import { safeText } from "../../src/sidecar/reply-text.ts";
import { type Answer, direct, failure, json, never, proxied, reply } from "./scripted.ts";

const ID = "bfc1314a-0b03-5197-8db4-1b7f37264be3";
const OTHER = "00000000-0000-4000-8000-000000000000";
const denied = "sidecar refused our identity (403): check the seinodetasks create permission";
const rejected = (status: number, cause: string) => ({ kind: "rejected", status, cause });
const unconfirmed = (cause: string) => ({ kind: "unconfirmed", cause });

describe("submit", () => {
  test.each<[string, Answer, object]>([
    ["201 with the id", json(201, { id: ID }), { kind: "accepted" }],
    ["201 with the id in upper case", json(201, { id: ID.toUpperCase() }), { kind: "accepted" }],
    ["202 with the id", json(202, { id: ID }), { kind: "accepted" }],
    [
      "a charset is no other type",
      reply(201, `{"id":"${ID}"}`, { "content-type": "application/json; charset=utf-8" }),
      { kind: "accepted" },
    ],
    ["201 with another id", json(201, { id: OTHER }), unconfirmed(`sidecar acknowledged task ${ID} with id ${OTHER}`)],
    ["201 without an id", json(201, {}), unconfirmed(`sidecar acknowledged task ${ID} with no id`)],
    [
      "201 with an id that is a number",
      json(201, { id: 7 }),
      unconfirmed(`sidecar acknowledged task ${ID} with no id`),
    ],
    [
      "201 with half a body",
      reply(201, '{"id":"bfc', { "content-type": "application/json" }),
      unconfirmed(`sidecar acknowledged task ${ID} with no id`),
    ],
    [
      "201 of the wrong type",
      reply(201, `{"id":"${ID}"}`, { "content-type": "text/html" }),
      unconfirmed(`sidecar acknowledged task ${ID} with no id`),
    ],
    ["200", json(200, { id: ID }), unconfirmed("sidecar replied 200")],
    ["204", reply(204), unconfirmed("sidecar replied 204")],
    ["a redirect", reply(308), unconfirmed("sidecar replied 308; redirects are not followed")],
    ["429", reply(429), unconfirmed("sidecar replied 429")],
    ["500", reply(500), unconfirmed("sidecar replied 500")],
    [
      "400 of an unknown task",
      json(400, { error: "unknown task type: mark-ready" }),
      rejected(
        400,
        "sidecar rejected mark-ready (400): unknown task type: mark-ready. Is the sidecar older than this controller?",
      ),
    ],
    ["400 of text", reply(400, "bad\u001b[31m thing\n"), rejected(400, "sidecar rejected mark-ready (400): bad thing")],
    ["409 of nothing", reply(409), rejected(409, "sidecar rejected mark-ready (409)")],
    ["403", reply(403), rejected(403, denied)],
    ["silence", failure("DEADLINE"), { kind: "unreachable", cause: "the sidecar did not reply in time" }],
    ["a flood", failure("TOO_LARGE"), unconfirmed(`sidecar acknowledged task ${ID} with too large a body`)],
  ])("%s", async (_title, answer, want) => {
    expect<object>(await direct(answer).sidecar.submit({ id: ID, type: "mark-ready" }, never)).toEqual(want);
  });

  test("the body is the same every time and leaves empty params out", async () => {
    const { sidecar, sent } = direct(json(201, { id: ID }));
    await sidecar.submit({ id: ID, type: "mark-ready", params: {} }, never);
    await sidecar.submit({ id: ID, type: "mark-ready" }, never);
    await sidecar.submit({ id: ID, type: "config-apply", params: { mode: "full" } }, never);
    expect(sent.map(({ request }) => request.body)).toEqual([
      `{"id":"${ID}","type":"mark-ready"}`,
      `{"id":"${ID}","type":"mark-ready"}`,
      `{"id":"${ID}","type":"config-apply","params":{"mode":"full"}}`,
    ]);
  });

  test("the API server's own refusal is final and names our permission", async () => {
    const answer = json(403, { kind: "Status", apiVersion: "v1", reason: "Forbidden", message: "no" });
    expect<object>(await proxied(answer).sidecar.submit({ id: ID, type: "mark-ready" }, never)).toEqual(
      rejected(403, "API server refused the pod proxy (403): check the permissions get and create on pods/proxy"),
    );
  });
});

const at = (submittedAt: string, id = ID, more: object = {}) => ({
  id,
  type: "mark-ready",
  status: "completed",
  submittedAt,
  ...more,
});
const found = (task: object) => ({
  kind: "found",
  task: { id: ID, type: "mark-ready", status: "running", error: null, submittedAt: null, run: null, ...task },
});

describe("task", () => {
  test.each<[string, Answer, object]>([
    ["running", json(200, { id: ID, type: "mark-ready", status: "running" }), found({})],
    [
      "completed",
      json(200, at("2026-01-02T03:04:05Z", ID, { run: 2 })),
      found({ status: "completed", submittedAt: "2026-01-02T03:04:05Z", run: 2 }),
    ],
    [
      "failed with a reason",
      json(200, { id: ID, type: "mark-ready", status: "failed", error: "no\u202e disk" }),
      found({ status: "failed", error: "no disk" }),
    ],
    ["a status of tomorrow is running", json(200, { id: ID, type: "mark-ready", status: "paused" }), found({})],
    [
      "an error that is an object becomes JSON",
      json(200, { id: ID, type: "mark-ready", status: "failed", error: { a: 1 } }),
      found({ status: "failed", error: '{"a":1}' }),
    ],
    ["a time that is none", json(200, at("yesterday", ID, { status: "running" })), found({})],
    ["404", json(404, { error: "task not found" }), { kind: "notFound" }],
    [
      "another task",
      json(200, at("", OTHER)),
      {
        kind: "unreachable",
        cause: "sidecar told of another task than it was asked for",
      },
    ],
    [
      "garbage",
      reply(200, "<html>"),
      {
        kind: "unreachable",
        cause: "sidecar replied with something that is no task",
      },
    ],
    ["500", reply(500), { kind: "unreachable", cause: "sidecar replied 500" }],
  ])("%s", async (_title, answer, want) => {
    expect<object>(await direct(answer).sidecar.task(ID, never)).toEqual(want);
  });

  test("a long error is cut", async () => {
    const answer = json(200, { id: ID, type: "mark-ready", status: "failed", error: "x".repeat(60_000) });
    const told = await direct(answer).sidecar.task(ID, never);
    expect(told.kind === "found" ? told.task.error?.length : null).toBe(1000);
  });

  test("an error nested deeper than anybody reads is told as unreadable, at once", async () => {
    const deep = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;
    const body = `{"id":"${ID}","type":"mark-ready","status":"failed","error":${deep}}`;
    const told = await direct(reply(200, body)).sidecar.task(ID, never);
    expect(told.kind === "found" ? told.task.error : null).toBe("unreadable error");
  });

  test("through the proxy, a Pod that is not there is not a task that is not there", async () => {
    const answer = json(404, { kind: "Status", apiVersion: "v1", reason: "NotFound", message: "pods" });
    expect((await proxied(answer).sidecar.task(ID, never)).kind).toBe("unreachable");
  });
});

describe("tasks", () => {
  test("are newest first, one without a time before all", async () => {
    const answer = json(200, [
      at("2026-01-01T00:00:00Z", "a"),
      at("2026-01-03T00:00:00Z", "b"),
      at("2026-01-02T00:00:00Z", "c"),
      at("never", "d"),
    ]);
    expect((await direct(answer).sidecar.tasks(never))?.map(({ id }) => id)).toEqual(["d", "b", "c", "a"]);
  });

  test.each<[string, Answer]>([
    ["an object", json(200, {})],
    ["a list with one that is none", json(200, [at(""), { id: ID }])],
    ["an error", reply(500)],
    ["silence", failure("DEADLINE")],
    ["a refusal", reply(403)],
  ])("%s is unknown", async (_title, answer) => {
    expect(await direct(answer).sidecar.tasks(never)).toBeNull();
  });

  test("none is none", async () => {
    expect(await direct(json(200, [])).sidecar.tasks(never)).toEqual([]);
  });
});

test.each([
  ["a newline becomes a space", "a\r\nb", "a b"],
  ["colour goes whole", "\u001b[1;31mred\u001b[0m", "red"],
  ["a terminal title goes whole", "\u001b]0;owned\u0007x", "x"],
  ["NUL, bell and backspace go", "a\u0000\u0007\u0008b", "ab"],
  ["bidi goes", "a\u202eb\u2066c", "abc"],
  ["lone surrogates go", "a\ud800b\udc00c", "abc"],
  ["whole pairs stay", "a\u{1f600}b", "a\u{1f600}b"],
])("text: %s", (_title, raw, want) => {
  expect(safeText(raw)).toBe(want);
});

test("text is cut between characters", () => {
  expect(safeText("\u{1f600}".repeat(300))).toBe("\u{1f600}".repeat(200));
});
