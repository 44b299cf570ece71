/** A law that nothing breaks proves nothing: each is shown its breach. */
import { expect, test } from "bun:test";
import { shardOf } from "../../src/kube/lease/index.ts";
import { LEASE_NAME, shardLeaseName } from "../../src/seinode/crd/index.ts";
import type { Revision } from "../../src/sim/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";
import { Laws } from "./laws.ts";

const NAMESPACE = "b7e89c3a-4f12-4d8b-9a6e-1c2d3e4f5a6b";
const idOf = (plan: string): string => Bun.randomUUIDv5(`${plan}/mark-ready/0`, NAMESPACE);

function planned(plan: string, status = "Pending", id = idOf(plan)) {
  return { plan: { id: plan, phase: "Active", tasks: [{ type: "mark-ready", id, status, params: {} }] } };
}

function committed(...statuses: readonly object[]): Laws {
  const laws = new Laws();
  for (const [index, status] of statuses.entries()) {
    const object = { metadata: { name: "a", uid: "u" }, status };
    laws.take(takenAs<Revision>({ rv: index, type: "MODIFIED", resource: { plural: "seinodes" }, object, at: index }));
  }
  return laws;
}

function submitted(id: string, at: number) {
  const body = JSON.stringify({ id, type: "mark-ready" });
  return [{ at, namespace: "sei", pod: "a-0", podUid: "p", body, status: 201 }];
}

test("a plan that is made, carried out and cleared breaks no law", () => {
  const laws = committed(planned("p"), planned("p", "Running"), {}, planned("q"));
  laws.submissions(submitted(idOf("p"), 1));
  expect(laws.breaches).toEqual([]);
});

test.each([
  ["plans", "one plan in the place of another", [planned("p"), planned("q")]],
  ["steps", "a step that goes back", [planned("p", "Running"), planned("p")]],
  ["ids", "an id that does not follow from its plan", [planned("p", "Pending", "other")]],
  ["outcomes", "a plan told twice in the outcomes", [{ outcomes: ["a id=p", "b id=p b"] }]],
  ["outcomes", "a history as earlier versions wrote it", [{ history: [{ id: "p" }] }]],
])("%s: %s is found", (law, _title, statuses) => {
  expect(committed(...statuses).breaches).toEqual([expect.stringContaining(`${law}:`)]);
});

test.each([
  ["before its plan was committed", idOf("p"), -1],
  ["of no plan", idOf("q"), 5],
])("a task %s is found", (_title, id, at) => {
  const laws = committed(planned("p"));
  laws.submissions(submitted(id, at));
  expect(laws.breaches).toEqual([expect.stringContaining("stored:")]);
});

test.each([
  ["a shard's", 4, shardLeaseName(shardOf("sei/a", 4))],
  ["the only one's", 1, LEASE_NAME],
])("a write without %s Lease is found", (_title, shards, name) => {
  const laws = committed();
  const held = (holderIdentity: string | null, rv: number) =>
    laws.take(
      takenAs<Revision>({
        rv,
        type: "MODIFIED",
        resource: { plural: "leases" },
        object: { metadata: { name }, spec: { holderIdentity } },
        at: rv,
      }),
    );
  held("one", 1);
  laws.begun({ identity: "one", key: "sei/a", shards });
  expect(laws.breaches).toEqual([]);
  held(null, 2);
  laws.begun({ identity: "one", key: "sei/a", shards });
  expect(laws.breaches).toEqual([expect.stringContaining("lease:")]);
});

test("a status patch without a version is found", () => {
  const laws = committed();
  const path = "/apis/sei.io/v1alpha1/namespaces/sei/seinodes/a/status";
  laws.sent({ method: "PATCH", path, body: JSON.stringify({ metadata: { resourceVersion: "1", uid: "u" } }) });
  expect(laws.breaches).toEqual([]);
  laws.sent({ method: "PATCH", path, body: JSON.stringify({ metadata: { uid: "u" } }) });
  expect(laws.breaches).toEqual([expect.stringContaining("version:")]);
});
