/** The tasks that apply StatefulSet and Service. */
import { describe, expect, test } from "bun:test";
import { aClaim, aService, aStatefulSet } from "../fixtures/stage.ts";
import { Bench } from "./bench.ts";

test.each<[string, string, (bench: Bench) => void, object, readonly string[]]>([
  ["apply-statefulset", "forces a set that is ours", () => {}, { kind: "done" }, ["apply set forced"]],
  [
    "apply-statefulset",
    "creates one without force",
    (bench) => void (bench.found = { kind: "notFound" }),
    { kind: "done" },
    ["apply set"],
  ],
  [
    "apply-statefulset",
    "leaves one of another owner alone",
    (bench) => void (bench.found = { kind: "ok", value: { ...aStatefulSet("v1"), ownerUid: "other" } }),
    { kind: "failed", code: "FOREIGN_OBJECT" },
    [],
  ],
  [
    "apply-statefulset",
    "takes back one whose owner was taken away",
    (bench) => {
      bench.found = { kind: "ok", value: { ...aStatefulSet("v1"), ownerUid: null } };
      bench.status = { ...bench.status, applied: { generation: 1, statefulSet: "v1" } };
    },
    { kind: "done" },
    ["apply set forced"],
  ],
  [
    "apply-statefulset",
    "leaves one of nobody alone that holds nothing of ours",
    (bench) => {
      bench.found = { kind: "ok", value: { ...aStatefulSet("v1"), ownerUid: null, ownedDigest: null } };
      bench.status = { ...bench.status, applied: { generation: 1, statefulSet: "v1" } };
    },
    { kind: "failed", code: "FOREIGN_OBJECT" },
    [],
  ],
  [
    "apply-statefulset",
    "leaves one of nobody alone where this node applied none",
    (bench) => {
      bench.found = { kind: "ok", value: { ...aStatefulSet("v1"), ownerUid: null } };
      bench.status = { ...bench.status, applied: { generation: 1, service: "service" } };
    },
    { kind: "failed", code: "FOREIGN_OBJECT" },
    [],
  ],
  [
    "apply-statefulset",
    "waits for one that is being deleted to be gone",
    (bench) => void (bench.found = { kind: "ok", value: { ...aStatefulSet("v1"), deleting: true } }),
    { kind: "again", why: "StatefulSet node: it is being deleted" },
    [],
  ],
  [
    "apply-statefulset",
    "writes nothing while it cannot read",
    (bench) => void (bench.found = { kind: "failed", why: "timeout" }),
    { kind: "again", why: "StatefulSet node: timeout" },
    [],
  ],
  [
    "apply-statefulset",
    "writes nothing without the Lease",
    (bench) => void (bench.mayAct = false),
    { kind: "again" },
    [],
  ],
  [
    "apply-statefulset",
    "fails when the server refuses it",
    (bench) => void (bench.applied = { kind: "refused", why: "invalid" }),
    { kind: "failed", code: "API_REFUSED", why: "StatefulSet node: invalid" },
    ["apply set forced"],
  ],
  [
    "apply-statefulset",
    "leaves the generation as it was: the Service of the new one is still to be applied, and may be refused",
    (bench) => void (bench.status = { ...bench.status, applied: { generation: 0, statefulSet: "v0", service: "old" } }),
    { kind: "done", status: { applied: { generation: 0, statefulSet: "v1", service: "old" } } },
    ["apply set forced"],
  ],
  [
    "apply-service",
    "makes the new generation the one that is applied",
    (bench) => void (bench.status = { ...bench.status, applied: { generation: 0, statefulSet: "v1", service: "old" } }),
    { kind: "done", status: { applied: { generation: 1, statefulSet: "v1", service: "service" } } },
    ["apply service forced"],
  ],
  ["apply-service", "forces a Service that is ours", () => {}, { kind: "done" }, ["apply service forced"]],
  [
    "apply-service",
    "creates one without force",
    (bench) => void (bench.foundService = { kind: "notFound" }),
    { kind: "done" },
    ["apply service"],
  ],
  [
    "apply-service",
    "leaves one of nobody alone",
    (bench) => void (bench.foundService = { kind: "ok", value: { ...aService(), ownerUid: null } }),
    { kind: "failed", code: "FOREIGN_OBJECT" },
    [],
  ],
  [
    "apply-service",
    "takes back one whose owner was taken away",
    (bench) => {
      bench.foundService = { kind: "ok", value: { ...aService(), ownerUid: null } };
      bench.status = { ...bench.status, applied: { generation: 1, service: "service" } };
    },
    { kind: "done" },
    ["apply service forced"],
  ],
  [
    "apply-service",
    "waits for one that is being deleted to be gone",
    (bench) => void (bench.foundService = { kind: "ok", value: { ...aService(), deleting: true } }),
    { kind: "again", why: "Service node: it is being deleted" },
    [],
  ],
  ["apply-service", "writes nothing without the Lease", (bench) => void (bench.mayAct = false), { kind: "again" }, []],
  [
    "ensure-data-pvc",
    "notes the claim that is there",
    () => {},
    { kind: "done", status: { dataVolume: { claimName: "data-node", uid: "claim-1" } } },
    [],
  ],
  [
    "ensure-data-pvc",
    "creates one that is not there",
    (bench) => void (bench.foundClaim = { kind: "notFound" }),
    { kind: "done", status: { dataVolume: { claimName: "data-node", uid: "claim-2" } } },
    ["create claim"],
  ],
  [
    "ensure-data-pvc",
    "creates nothing without the Lease",
    (bench) => {
      bench.foundClaim = { kind: "notFound" };
      bench.mayAct = false;
    },
    { kind: "again" },
    [],
  ],
  [
    "ensure-data-pvc",
    "takes nobody else's",
    (bench) => void (bench.foundClaim = { kind: "ok", value: { ...aClaim("claim-1"), ownerUid: "other" } }),
    { kind: "failed", code: "FOREIGN_OBJECT" },
    [],
  ],
  [
    "ensure-data-pvc",
    "takes none that is going",
    (bench) => void (bench.foundClaim = { kind: "ok", value: { ...aClaim("claim-1"), deleting: true } }),
    { kind: "again" },
    [],
  ],
])("%s %s", async (...[type, , change, outcome, effects]) => {
  const bench = new Bench();
  change(bench);
  expect(await bench.run(type)).toMatchObject(outcome);
  expect(bench.effects).toEqual([...effects]);
});

describe("what the reference left behind is taken over in steps", () => {
  const left = { ...aStatefulSet("v1"), isOnDelete: false, isOfReference: true };
  const no = { kind: "refused", why: "no" } as const;
  const refused = { kind: "failed", code: "API_REFUSED" };
  const conflict = { kind: "conflict", why: "it changed" } as const;

  test.each<[string, string, (bench: Bench) => void, object, readonly string[]]>([
    [
      "apply-statefulset",
      "OnDelete before any change of the template, and the reference's fields last",
      () => {},
      { kind: "done", status: { applied: { generation: 1, statefulSet: "v3" } } },
      ["on delete sts-uid", "apply set forced", "release set sts-uid"],
    ],
    [
      "apply-statefulset",
      "nothing is applied where it cannot be made OnDelete",
      (bench) => void (bench.turned = no),
      refused,
      ["on delete sts-uid"],
    ],
    [
      "apply-statefulset",
      "one that changed meanwhile is begun anew",
      (bench) => void (bench.turned = conflict),
      { kind: "again" },
      ["on delete sts-uid"],
    ],
    [
      "apply-statefulset",
      "one that was made OnDelete before a crash is gone on with",
      (bench) => void (bench.found = { kind: "ok", value: { ...left, isOnDelete: true } }),
      { kind: "done" },
      ["apply set forced", "release set sts-uid"],
    ],
    [
      "apply-statefulset",
      "not done before the reference's fields are given up",
      (bench) => void (bench.released = conflict),
      { kind: "again" },
      ["on delete sts-uid", "apply set forced", "release set sts-uid"],
    ],
    [
      "apply-statefulset",
      "one of another owner is not even made OnDelete",
      (bench) => void (bench.found = { kind: "ok", value: { ...left, ownerUid: "other" } }),
      { kind: "failed", code: "FOREIGN_OBJECT" },
      [],
    ],
    ["apply-statefulset", "nothing without the Lease", (bench) => void (bench.mayAct = false), { kind: "again" }, []],
    [
      "apply-service",
      "the Service too",
      (bench) => void (bench.service = { ...aService(), isOfReference: true }),
      { kind: "done", status: { applied: { service: "service" } } },
      ["apply service forced", "release service sts-uid"],
    ],
    [
      "apply-service",
      "a Service that cannot be given up fails",
      (bench) => {
        bench.service = { ...aService(), isOfReference: true };
        bench.released = no;
      },
      refused,
      ["apply service forced", "release service sts-uid"],
    ],
  ])("%s: %s", async (type, _title, change, ...want) => {
    const bench = new Bench();
    bench.found = { kind: "ok", value: left };
    change(bench);
    expect(await bench.run(type)).toMatchObject(want[0]);
    expect(bench.effects).toEqual([...want[1]]);
  });
});
