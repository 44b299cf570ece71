import { expect, test } from "bun:test";
import { countPatches } from "../../bench/status-patches.ts";
import type { AuditEntry } from "../cluster/harness/audit-log.ts";

const none = { mean: 0, max: 0 };

function patches(...readiness: readonly (string | null)[]): readonly AuditEntry[] {
  return readiness.map((status, index) => ({
    verb: "patch",
    userAgent: "tidekeeper/0",
    user: "admin",
    uri: "",
    resource: "seinodes/status",
    namespace: "here",
    name: "a",
    code: 200,
    atMs: index,
    doneMs: index,
    requestObject: status === null ? {} : { status: { conditions: [{ type: "SidecarReady", status }] } },
    responseObject: null,
  }));
}

test.each([
  ["False, then True with the plan closed", patches("False", "True"), 1, { mean: 2, max: 2 }, none],
  [
    "a gap that was written is told apart",
    patches("Unknown", "False", "True"),
    1,
    { mean: 2, max: 2 },
    { mean: 1, max: 1 },
  ],
  [
    "a patch without conditions belongs to the healing it is in",
    patches("False", null, "True", "False", "True"),
    2,
    { mean: 2.5, max: 3 },
    none,
  ],
  ["a healing that did not end is not counted", patches("False"), 0, none, none],
  [
    "what was refused was not written",
    patches("False", "True").map((entry) => ({ ...entry, code: 409 })),
    0,
    none,
    none,
  ],
])("%s", (_title, entries, healings, remediation, unknown) => {
  expect(countPatches(entries, "here")).toEqual({ healings, remediation, unknown });
});

test("another namespace is not ours", () => {
  expect(countPatches(patches("False", "True"), "there").healings).toBe(0);
});
