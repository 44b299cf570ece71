/** The reader of the audit log tells before from after. */
import { expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditLog } from "./audit-log.ts";

const AT = "2026-01-01T00:00:00Z";
const line = (verb: string): string =>
  `${JSON.stringify({ verb, requestURI: "/", requestReceivedTimestamp: AT, stageTimestamp: AT })}\n`;

test("a line that was on its way when the offset was taken is of before; one that still is, of later", () => {
  const path = join(mkdtempSync(join(tmpdir(), "audit-")), "audit.log");
  writeFileSync(path, line("patch") + line("create").slice(0, 20));
  const log = auditLog(path);
  const offset = log.offset();
  const verbs = (since: number): readonly string[] => log.mutationsSince(since).map(({ verb }) => verb);
  expect(verbs(offset)).toEqual([]);
  appendFileSync(path, line("create").slice(20) + line("delete") + line("update").slice(0, 9));
  expect([verbs(offset), verbs(0)]).toEqual([["delete"], ["patch", "create", "delete"]]);
});
