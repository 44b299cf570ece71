/** The judge of the shards' tests judges: needs no cluster. */
import { expect, test } from "bun:test";
import { shardOf } from "../../src/kube/lease/index.ts";
import type { AuditEntry } from "./harness/audit-log.ts";
import { judgeWrites } from "./harness/shard-owners.ts";

const MAIN = "tidekeeper.sei.io";
const shard = `shard-${shardOf("ns/n1", 8)}.${MAIN}`;
const entry = (atMs: number, more: Partial<AuditEntry>): AuditEntry => ({
  verb: "patch",
  userAgent: "tidekeeper/1",
  user: "system:serviceaccount:ns:a",
  uri: "",
  resource: "seinodes/status",
  namespace: "ns",
  name: "n1",
  code: 200,
  atMs,
  doneMs: atMs,
  requestObject: null,
  responseObject: null,
  ...more,
});
const held = (atMs: number, name: string, holderIdentity: string | null): AuditEntry =>
  entry(atMs, { resource: "leases", name, responseObject: { spec: { holderIdentity } } });
const SHARED = [held(0, MAIN, "shards-8"), held(10, shard, "a"), held(100, shard, null), held(200, shard, "b")];
const by = (user: string): string => `system:serviceaccount:ns:${user}`;

test.each<[string, readonly AuditEntry[], AuditEntry, number]>([
  ["the holder may", SHARED, entry(50, {}), 0],
  ["another may not", SHARED, entry(50, { user: by("b") }), 1],
  ["not any more", SHARED, entry(150, {}), 1],
  ["not yet", SHARED, entry(150, { user: by("b") }), 1],
  ["the successor may", SHARED, entry(250, { user: by("b") }), 0],
  ["the same for a Pod of the node", SHARED, entry(250, { resource: "pods", name: "n1-0" }), 1],
  ["what was refused is nobody's", SHARED, entry(250, { code: 409 }), 0],
  ["with one shard the main Lease counts", [held(0, MAIN, "a")], entry(50, {}), 0],
  ["and keeps others out", [held(0, MAIN, "a")], entry(50, { user: by("b") }), 1],
])("%s", (_title, leases, write, strays) => {
  expect(judgeWrites([...leases, write], "ns").strays).toHaveLength(strays);
});
