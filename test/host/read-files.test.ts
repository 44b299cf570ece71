/** Files are read up to a limit, and every failure is a value. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { files } from "../../src/host/read-files.ts";

const folder = mkdtempSync(join(tmpdir(), "tidekeeper-files-"));
writeFileSync(join(folder, "token"), "grüße");
symlinkSync("token", join(folder, "link"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[string, string, number, object]>([
  ["a file's text", "token", 7, { ok: true, text: "grüße" }],
  ["a link is followed", "link", 100, { ok: true, text: "grüße" }],
  ["a file past the limit", "token", 6, { ok: false, code: "TOO_LARGE" }],
  ["no file", "absent", 100, { ok: false, code: "MISSING" }],
  ["a path through a file", "token/x", 100, { ok: false, code: "MISSING" }],
  ["a directory", ".", 100, { ok: false, code: "UNREADABLE" }],
])("%s", async (_title, name, maxBytes, want) => {
  expect(await files.readText(join(folder, name), { maxBytes })).toMatchObject(want);
});

test("a file without an end is not read for ever", async () => {
  expect(await files.readText("/dev/zero", { maxBytes: 1000 })).toMatchObject({ ok: false, code: "TOO_LARGE" });
});

test("what is there can be told", async () => {
  expect(await files.stat(join(folder, "link"))).toMatchObject({ kind: "file", bytes: 7 });
  expect(await files.stat(folder)).toMatchObject({ kind: "directory" });
  expect(await files.stat("/dev/null")).toMatchObject({ kind: "other" });
  expect(await files.stat(join(folder, "absent"))).toBeNull();
  expect(await files.exists(join(folder, "token"))).toBe(true);
  expect(await files.exists(join(folder, "absent"))).toBe(false);
});
