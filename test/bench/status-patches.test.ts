/** Status patches counted from an audit log. */
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
  [
    "False, then True with the plan closed",
    patches("False", "True"),
    { healings: 1, patches: 2, remediation: { mean: 2, max: 2 }, unknown: none },
  ],
  [
    "a gap that was written is told apart",
    patches("Unknown", "False", "True"),
    { healings: 1, patches: 3, remediation: { mean: 2, max: 2 }, unknown: { mean: 1, max: 1 } },
  ],
  [
    "a patch without conditions belongs to the healing it is in",
    patches("False", null, "True", "False", "True"),
    { healings: 2, patches: 5, remediation: { mean: 2.5, max: 3 }, unknown: none },
  ],
  [
    "a healing that did not end is not counted",
    patches("False"),
    { healings: 0, patches: 1, remediation: none, unknown: none },
  ],
  [
    "what was refused was not written",
    patches("False", "True").map((entry) => ({ ...entry, code: 409 })),
    { healings: 0, patches: 0, remediation: none, unknown: none },
  ],
])("%s", (_title, entries, want) => {
  expect(countPatches(entries, "here")).toEqual(want);
});

test("another namespace is not ours", () => {
  expect(countPatches(patches("False", "True"), "there").healings).toBe(0);
});
