/** What an imported claim and its volume must be. */
import { describe, expect, test } from "bun:test";
import type { ImportedClaim, ImportedVolume, ImportFault } from "../../../src/seinode/read/imported-claim.ts";
import {
  claimFault,
  readImportedClaim,
  readImportedVolume,
  volumeFault,
} from "../../../src/seinode/read/imported-claim.ts";
import { anImportedClaim, anImportedVolume } from "../../fixtures/imports.ts";

const WISH = { name: "old", leastSize: "10Gi" };

describe("an imported claim", () => {
  test.each<[string, Partial<ImportedClaim>]>([
    ["that is bound, large enough and for one node", {}],
    ["for one Pod", { accessModes: ["ReadWriteOncePod"] }],
    ["with other modes beside the right one", { accessModes: ["ReadOnlyMany", "ReadWriteOnce"] }],
    ["of the least size in another notation", { capacity: "10737418240" }],
    ["that is larger", { capacity: "1Ti" }],
    ["that somebody else than a SeiNode owns", { ownerUid: "x" }],
  ])("%s will do", (_title, change) => {
    expect(claimFault(anImportedClaim(change), WISH)).toBeNull();
  });

  test.each<[string, Partial<ImportedClaim> | null, string]>([
    ["that is not there", null, "it is not there"],
    ["that is going", { deleting: true }, "it is being deleted"],
    ["that is not bound yet", { phase: "Pending", capacity: null }, "it is Pending, not Bound"],
    ["without a phase", { phase: "" }, "it is of no phase, not Bound"],
    ["without a capacity", { capacity: null }, "its capacity is not known"],
    ["without a volume's name", { volumeName: null }, "it names no volume"],
  ])("%s is waited for", (_title, change, why) => {
    expect(claimFault(change === null ? null : anImportedClaim(change), WISH)).toEqual({ isFinal: false, why });
  });

  test.each<[string, Partial<ImportedClaim>, string]>([
    ["that is lost", { phase: "Lost" }, "it is Lost: its volume is gone"],
    ["that is lost and going", { phase: "Lost", deleting: true }, "it is Lost: its volume is gone"],
    [
      "for many nodes",
      { accessModes: ["ReadWriteMany"] },
      "access modes: got ReadWriteMany, want ReadWriteOnce or ReadWriteOncePod",
    ],
    ["for nobody", { accessModes: [] }, "access modes: got none, want ReadWriteOnce or ReadWriteOncePod"],
    [
      "of the wrong modes that is not even bound",
      { accessModes: ["ReadOnlyMany"], phase: "Pending" },
      "access modes: got ReadOnlyMany, want ReadWriteOnce or ReadWriteOncePod",
    ],
    ["a byte too small", { capacity: "10737418239" }, "capacity: got 10737418239, want at least 10Gi"],
    ["of ten billion bytes for ten Gi", { capacity: "10G" }, "capacity: got 10G, want at least 10Gi"],
    ["of no readable capacity", { capacity: "much" }, "capacity: got much, want at least 10Gi"],
    ["of another node", { ownerNode: "b" }, "SeiNode b owns it, and it goes when that goes"],
  ])("%s never will do", (_title, change, why) => {
    expect(claimFault(anImportedClaim(change), WISH)).toEqual({ isFinal: true, why });
  });
});

describe("the volume of an imported claim", () => {
  test.each<[string, Partial<ImportedVolume> | null, ImportFault | null]>([
    ["of the same size", {}, null],
    ["of the same size in another notation", { capacity: "10240Mi" }, null],
    ["that is not there", null, { isFinal: false, why: "volume pv-old is not there" }],
    ["that failed", { phase: "Failed" }, { isFinal: true, why: "volume pv-old is Failed" }],
    ["that is larger", { capacity: "11Gi" }, { isFinal: true, why: "volume pv-old has 11Gi, and the claim says 10Gi" }],
    [
      "of no capacity",
      { capacity: null },
      { isFinal: true, why: "volume pv-old has nothing, and the claim says 10Gi" },
    ],
  ])("%s", (_title, change, want) => {
    expect(volumeFault(anImportedClaim(), change === null ? null : anImportedVolume(change))).toEqual(want);
  });
});

test("a claim is read whole, and nothing that is none throws", () => {
  const raw = {
    metadata: {
      namespace: "sei",
      name: "old",
      uid: "old-1",
      resourceVersion: "7",
      deletionTimestamp: "2026-01-01T00:00:00Z",
      ownerReferences: [
        { kind: "SeiNode", name: "other", uid: "x" },
        { kind: "SeiNode", name: "a", uid: "y", controller: true },
      ],
    },
    spec: { accessModes: ["ReadWriteOnce", 4], volumeName: "pv-old" },
    status: { phase: "Bound", capacity: { storage: "10Gi" } },
  };
  expect(readImportedClaim(raw)).toEqual(anImportedClaim({ deleting: true, ownerUid: "y", ownerNode: "a" }));
  const bare = { metadata: { namespace: "sei", name: "old", uid: "old-1" } };
  expect(readImportedClaim(bare)).toEqual(
    anImportedClaim({ resourceVersion: "", phase: "", accessModes: [], capacity: null, volumeName: null }),
  );
  for (const odd of [null, 4, "x", [], {}, { metadata: null }, { metadata: { name: 1 } }]) {
    expect(readImportedClaim(odd)).toBeNull();
    expect(readImportedVolume(odd)).toEqual({ phase: "", capacity: null });
  }
});
