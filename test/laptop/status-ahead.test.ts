/** A node with the status that a controller would write next. */
import { expect, test } from "bun:test";
import { conditionOf } from "../../src/model/index.ts";
import { statusPatchIn, withStatusPatch } from "../../src/laptop/status-ahead.ts";
import { condition, nodeWith } from "./judged.ts";

const PATH = "/apis/sei.io/v1alpha1/namespaces/sei/seinodes/rpc-0/status";

test.each([
  [
    "a patch of status",
    { method: "PATCH", path: PATH, body: '{"metadata":{},"status":{"phase":"Failed"}}' },
    { key: "sei/rpc-0", status: { phase: "Failed" } },
  ],
  [
    "one with a query",
    { method: "PATCH", path: `${PATH}?x=y`, body: '{"status":{}}' },
    { key: "sei/rpc-0", status: {} },
  ],
  ["a read of it", { method: "GET", path: PATH }, null],
  ["a patch of the node", { method: "PATCH", path: PATH.replace("/status", ""), body: '{"status":{}}' }, null],
  [
    "a patch of something else",
    { method: "PATCH", path: "/api/v1/namespaces/sei/pods/a/status", body: '{"status":{}}' },
    null,
  ],
  ["one without a status", { method: "PATCH", path: PATH, body: "{}" }, null],
])("%s", (_title, request, found) => {
  expect(statusPatchIn(request)).toEqual(found);
});

test("fields are set, replaced and taken out, and the rest stays", () => {
  const node = nodeWith({
    currentImage: "sei:1",
    conditions: [condition("Ready", "True", "Ready")],
    reservedVolume: { claimName: "c", uid: "u" },
  });
  const ahead = withStatusPatch(node, { currentImage: "sei:2", reservedVolume: null });
  expect(ahead.status).toMatchObject({ phase: "Running", currentImage: "sei:2" });
  expect(ahead.status.reservedVolume).toBeUndefined();
  expect(conditionOf(ahead.status.conditions, "Ready")?.status).toBe("True");
  expect(withStatusPatch(node, null)).toBe(node);
});

test.each([
  ["PodNotRunning", "Ready", "PodNotRunning"],
  ["Paused", "Ready", "NotReady"],
])("%s that was told: a look that finds otherwise leaves %s at %s", (reason, type, wanted) => {
  const node = nodeWith({ conditions: [condition("Ready", "False", reason)] });
  const ahead = withStatusPatch(node, { conditions: [{ ...condition("Ready", "False", "NotReady") }] });
  expect(conditionOf(ahead.status.conditions, type)?.reason).toBe(wanted);
});

test("past plans come back as they were", () => {
  const record = {
    id: "1a2b3c4d",
    detector: "image",
    reason: "ImageChanged",
    outcome: "Complete",
    healed: true,
    createdAt: "2026-01-02T03:04:00.000Z",
    finishedAt: "2026-01-02T03:04:05.000Z",
  } as const;
  expect(withStatusPatch(nodeWith({ history: [record] }), { phase: "Running" }).status.history).toEqual([record]);
});
