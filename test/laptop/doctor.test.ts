/** What the doctor says of what it saw. */
import { expect, test } from "bun:test";
import type { Connection } from "../../src/kube/connect/index.ts";
import { seiNodeCrd } from "../../src/seinode/crd/index.ts";
import { clockDiagnosis, credentialDiagnosis } from "../../src/laptop/doctor-connection.ts";
import { judgedCrd } from "../../src/laptop/doctor-crd.ts";
import { doctorText } from "../../src/laptop/doctor.ts";
import { leaseDiagnoses } from "../../src/laptop/doctor-leases.ts";
import { roleText } from "../../src/laptop/doctor-permissions.ts";
import { realWorld } from "../../src/host/index.ts";
import { lease, NOW } from "./judged.ts";

const world = { ...realWorld, clock: { mono: () => 0, wall: () => NOW } };

/** A token of this end, in seconds. */
function token(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `Bearer ${part({})}.${part(claims)}.sig`;
}

function connection(header: string | null): Connection {
  return {
    origin: "https://server",
    basePath: "",
    tls: { ca: null, cert: null, key: null, serverName: null, insecure: false },
    renewTls: () => Promise.reject(new Error("nobody asks")),
    authorization: () => Promise.resolve(header),
    headers: {},
    proxy: null,
    namespace: null,
    source: "kubeconfig",
    description: "context test",
    warnings: [],
  };
}

test.each([
  ["a token that has ended", token({ exp: NOW / 1000 - 60 }), "problem", "token ended 60s ago"],
  ["one that ends soon", token({ exp: NOW / 1000 + 60 }), "warning", "token is good for 60s"],
  ["one of an hour", token({ exp: NOW / 1000 + 3600 }), "ok", "token is good for 60m"],
  ["one that says nothing", "Bearer abc", "ok", "does not say when it ends"],
  ["one that is no JSON", "Bearer a.!.c", "ok", "does not say when it ends"],
  ["none at all", null, "warning", "system:anonymous"],
])("%s", async (_title, header, state, saw) => {
  const found = await credentialDiagnosis({ world, connection: connection(header) });
  expect(found).toMatchObject({ state, saw: expect.stringContaining(saw) });
});

test.each([
  [null, "skipped", "no date"],
  [400, "ok", "0.4 s ahead of"],
  [-4900, "ok", "4.9 s behind"],
  [5100, "problem", "5.1 s ahead of"],
  [-60_000, "problem", "60.0 s behind"],
])("a clock that is %p ms ahead", (aheadMs, state, saw) => {
  expect(clockDiagnosis({ aheadMs: () => aheadMs })).toMatchObject({ state, saw: expect.stringContaining(saw) });
});

function crdWithout(...names: readonly string[]): unknown {
  return JSON.parse(JSON.stringify(seiNodeCrd(), (key, value: unknown) => (names.includes(key) ? undefined : value)));
}

test.each([
  ["of this version", crdWithout(), "ok", "every field"],
  ["without a field of status", crdWithout("outcomes"), "problem", "it lacks status.outcomes,"],
  ["without two", crdWithout("outcomes", "podDeletion"), "problem", " and 1 more"],
  ["that is no CRD", {}, "problem", "does not serve v1alpha1"],
])("a CRD %s", (_title, crd, state, saw) => {
  expect(judgedCrd(crd)).toMatchObject({ state, saw: expect.stringContaining(saw) });
});

test.each([
  ["one leads", { ours: [lease()] }, ["ok", "ok"]],
  ["nobody leads", { ours: [] }, ["ok", "warning"]],
  ["two lead over the same", { ours: [lease(), lease({ namespace: "b" })] }, ["ok", "problem"]],
  [
    "two lead apart",
    {
      ours: [
        lease({ scope: { namespace: "a", selector: null } }),
        lease({ namespace: "b", scope: { namespace: "b", selector: null } }),
      ],
    },
    ["ok", "ok"],
  ],
  ["shards of one", { ours: [lease(), lease({ name: "shard-0.tidekeeper.sei.io" })] }, ["ok", "ok"]],
  [
    "one of an earlier version, which says nothing",
    { ours: [lease(), lease({ namespace: "b", scope: null })] },
    ["ok", "problem"],
  ],
  ["one that is gone", { ours: [lease(), lease({ namespace: "b", isAlive: false })] }, ["ok", "ok"]],
  ["the reference's lives", { ours: [lease()], reference: [lease({ name: "bc1f5b0a.sei.io" })] }, ["problem", "ok"]],
  ["nothing may be seen", { ours: [], fault: { status: 403, why: "forbidden" } }, ["skipped", "skipped"]],
])("of Leases: %s", (_title, seen, states) => {
  const found = leaseDiagnoses({ reference: [], fault: null, ...seen });
  const told: readonly string[] = found.map(({ state }) => state);
  expect(told).toEqual(states);
});

test("a Role has what is missing together, a place each", () => {
  const wanted = { group: "", resource: "pods", verb: "list", name: null, namespace: "sei" };
  const lease_ = {
    group: "coordination.k8s.io",
    resource: "leases",
    verb: "list",
    name: "tidekeeper.sei.io",
    namespace: null,
  };
  expect(roleText([wanted, { ...wanted, verb: "watch" }, lease_], "missing"))
    .toBe(`apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: missing
  namespace: sei
rules:
  - apiGroups:
      - ""
    resources:
      - pods
    verbs:
      - list
      - watch
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: missing
rules:
  - apiGroups:
      - coordination.k8s.io
    resources:
      - leases
    resourceNames:
      - tidekeeper.sei.io
    verbs:
      - list
`);
});

test("what is printed says how many are to be mended, and folds", () => {
  const found = [
    { name: "a", state: "ok", saw: "well" },
    { name: "bb", state: "problem", saw: "it is not", remedy: "mend it" },
  ] as const;
  expect(doctorText(found, { output: "text" }, { columns: 20, color: false })).toBe(
    "ok    a   well\nFAIL  bb  it is not\n          What to\n          do: mend\n          it\n\n1 of 2 to mend.\n",
  );
});
