/** The task `ensure-data-pvc` on an imported claim. */
import { describe, expect, test } from "bun:test";
import type { ConditionVerdict } from "../../src/model/index.ts";
import { anImportedClaim, anImportedVolume } from "../fixtures/imports.ts";
import { aClaim } from "../fixtures/stage.ts";
import { Bench, LIFE, submitted } from "./bench.ts";

const WISH = { name: "old", leastSize: "10Gi" };

function bench(change: (on: Bench) => void = () => undefined): Bench {
  const made = new Bench();
  made.imports.wish = WISH;
  change(made);
  return made;
}

const ready = (status: "True" | "False", reason: string, message: string): ConditionVerdict => ({
  type: "ImportPVCReady",
  status,
  reason,
  message,
});

describe("ensure-data-pvc of an import", () => {
  test("reserves the claim that will do, then notes it, each in a write of its own, and says so", async () => {
    const on = bench();
    const volume = { claimName: "old", uid: "old-1" };
    const reserved = { kind: "again", afterMs: 0, status: { reservedVolume: volume } };
    expect(await on.run("ensure-data-pvc")).toMatchObject(reserved);
    on.status = { reservedVolume: volume };
    const noted = { kind: "again", afterMs: 0, status: { dataVolume: volume, reservedVolume: null } };
    expect(await on.run("ensure-data-pvc")).toMatchObject(noted);
    on.status = { dataVolume: volume };
    expect(await on.run("ensure-data-pvc")).toEqual({
      kind: "done",
      status: { dataVolume: { claimName: "old", uid: "old-1" } },
      condition: ready("True", "PVCValidated", "claim old: it is bound, and its volume is there"),
    });
    expect(on.effects).toEqual([]);
  });

  test("waits while who else imports it cannot be read, and gives a reservation up with the claim", async () => {
    const on = bench(({ imports }) => void (imports.neighbours = { kind: "failed", why: "got 500" }));
    on.status = { reservedVolume: { claimName: "old", uid: "old-1" } };
    const waits = await on.run("ensure-data-pvc");
    expect([waits.kind, "status" in waits]).toEqual(["again", false]);
    on.imports.claim = { kind: "notFound" };
    expect(await on.run("ensure-data-pvc")).toMatchObject({ kind: "again", status: { reservedVolume: null } });
    on.imports.claim = { kind: "ok", value: anImportedClaim({ uid: "old-2" }) };
    const again = { status: { reservedVolume: { claimName: "old", uid: "old-2" } } };
    expect(await on.run("ensure-data-pvc")).toMatchObject(again);
  });

  const missing = { kind: "notFound" } as const;
  const away = { kind: "failed", why: "got 500" } as const;
  test.each<[string, (on: Bench) => void, string]>([
    ["a claim that is not there", ({ imports }) => void (imports.claim = missing), "it is not there"],
    [
      "one that is not bound",
      ({ imports }) => void (imports.claim = { kind: "ok", value: anImportedClaim({ phase: "Pending" }) }),
      "it is Pending, not Bound",
    ],
    ["a volume that is not there", ({ imports }) => void (imports.volume = missing), "volume pv-old is not there"],
    ["a claim that cannot be read", ({ imports }) => void (imports.claim = away), "it cannot be read: got 500"],
    [
      "a volume that cannot be read",
      ({ imports }) => void (imports.volume = away),
      "volume pv-old: it cannot be read: got 500",
    ],
    [
      "a node that is leaving it",
      ({ imports }) => void (imports.rival = { who: "SeiNode b", isLeaving: true }),
      "SeiNode b uses it",
    ],
  ])("waits for %s", async (_title, change, why) => {
    const on = bench(change);
    expect(await on.run("ensure-data-pvc")).toEqual({
      kind: "again",
      afterMs: 1000,
      why: `claim old: ${why}`,
      condition: ready("False", "PVCNotReady", `claim old: ${why}`),
    });
    expect(on.effects).toEqual([]);
  });

  test.each<[string, (on: Bench) => void, string]>([
    [
      "a claim that is lost",
      ({ imports }) => void (imports.claim = { kind: "ok", value: anImportedClaim({ phase: "Lost" }) }),
      "it is Lost: its volume is gone",
    ],
    [
      "a volume that failed",
      ({ imports }) => void (imports.volume = { kind: "ok", value: anImportedVolume({ phase: "Failed" }) }),
      "volume pv-old is Failed",
    ],
    [
      "a claim that another node uses, whatever else is wrong with it",
      ({ imports }) => {
        imports.rival = { who: "SeiNode b", isLeaving: false };
        imports.claim = missing;
      },
      "SeiNode b uses it",
    ],
  ])("fails on %s", async (_title, change, why) => {
    const on = bench(change);
    expect(await on.run("ensure-data-pvc")).toEqual({
      kind: "failed",
      code: "IMPORT_INVALID",
      why: `claim old: ${why}`,
      condition: ready("False", "PVCInvalid", `claim old: ${why}`),
    });
    expect(on.effects).toEqual([]);
  });
});

describe("mark-ready on an import", () => {
  const onImport = (change: (on: Bench) => void = () => undefined): Bench =>
    bench((on) => {
      on.plan = { incarnation: LIFE };
      on.status = { phase: "Running", dataVolume: { claimName: "old", uid: "old-1" } };
      on.claim = { ...aClaim("old-1"), name: "old", ownerUid: null };
      const pod = on.pod;
      if (pod !== null) on.pod = { ...pod, claims: ["old"], home: { claim: "old", subPath: "" } };
      if (on.pod !== null) on.live = { kind: "ok", value: on.pod };
      change(on);
    });

  test("opens the gate when the claim, read live, is the one that init completed on", async () => {
    const on = onImport();
    await on.run("mark-ready");
    expect(on.effects).toEqual([submitted("mark-ready")]);
  });

  test.each<[string, (on: Bench) => void, object]>([
    ["it is gone", ({ imports }) => void (imports.claim = { kind: "notFound" }), { code: "DATA_VOLUME_LOST" }],
    [
      "another one of its name stands there, though an older read saw the right one",
      ({ imports }) => void (imports.claim = { kind: "ok", value: anImportedClaim({ uid: "old-2" }) }),
      { code: "DATA_VOLUME_LOST" },
    ],
    ["an older read saw another one", (on) => void (on.claim = aClaim("old-2")), { code: "DATA_VOLUME_LOST" }],
    [
      "another node uses it",
      ({ imports }) => void (imports.rival = { who: "SeiNode b", isLeaving: false }),
      { code: "DATA_VOLUME_SHARED" },
    ],
    [
      "a Pod of another node still mounts it",
      ({ imports }) => void (imports.rival = { who: "Pod b-0", isLeaving: true }),
      { kind: "again" },
    ],
    ["it cannot be read", ({ imports }) => void (imports.claim = { kind: "failed", why: "x" }), { kind: "again" }],
  ])("opens nothing when %s", async (_title, change, want) => {
    const on = onImport(change);
    expect(await on.run("mark-ready")).toMatchObject(want);
    expect(on.effects).toEqual([]);
  });
});
