/** The teardown of a deleted node. */
import { expect, test } from "bun:test";
import { deleteObjects } from "../../../src/executor/operations/delete-objects.ts";
import type { ObjectReads, ObjectWrites, Reply } from "../../../src/executor/ports.ts";
import { aClaim, aJob, aService, aStatefulSet, Stage } from "../../fixtures/stage.ts";
import { Bench } from "../bench.ts";

const missing = { kind: "notFound" } as const;
const ok = <T>(value: T): Reply<T> => ({ kind: "ok", value });

/** Takes down what is found, and says what was deleted. */
async function takenDown(found: Partial<ObjectReads & ObjectWrites>, mayAct = true) {
  const deleted: string[] = [];
  const gone = (what: string) => async (): Promise<Reply<null>> => {
    deleted.push(what);
    return { kind: "ok", value: null };
  };
  const ports = new Bench().ports();
  const objects: ObjectReads & ObjectWrites = {
    ...ports.objects,
    ...ports.effects(() => null).objects,
    statefulSet: async () => missing,
    job: async () => missing,
    service: async () => missing,
    claim: async () => missing,
    deleteStatefulSet: gone("StatefulSet"),
    deleteJob: gone("Job"),
    deleteService: gone("Service"),
    deleteClaim: gone("claim"),
    ...found,
  };
  const node = new Stage().node();
  const metadata = { ...node.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
  const outcome = await deleteObjects(
    { ...node, metadata },
    {
      ...ports,
      objects,
      effects: (permit) => ({ ...ports.effects(permit), objects }),
      newest: () => ({ ...node, metadata }),
      mayAct: () => mayAct,
    },
  );
  return { deleted, outcome };
}

const all: Partial<ObjectReads> = {
  statefulSet: async () => ok(aStatefulSet("v1")),
  job: async () => ok(aJob()),
  service: async () => ok(aService()),
  claim: async () => ok(aClaim("claim-1")),
};

test("everything that is the node's is deleted at once, and waited for", async () => {
  const { deleted, outcome } = await takenDown(all);
  expect(deleted.toSorted()).toEqual(["Job", "Service", "StatefulSet", "claim"]);
  expect(outcome).toMatchObject({ kind: "again", why: expect.stringContaining("claim data-node is not gone yet") });
});

test("with nothing left it is done", async () => {
  expect(await takenDown({})).toEqual({ deleted: [], outcome: { kind: "done" } });
});

test.each<[string, Partial<ObjectReads>]>([
  ["a claim of nobody's", { claim: async () => ok({ ...aClaim("c"), ownerUid: null }) }],
  ["a claim of another's", { claim: async () => ok({ ...aClaim("c"), ownerUid: "another" }) }],
  ["a Service of another's", { service: async () => ok({ ...aService(), ownerUid: "another" }) }],
  ["an object without our label", { statefulSet: async () => ok({ ...aStatefulSet("v1"), node: "", ownerUid: null }) }],
])("%s is left alone, and is not waited for", async (_title, found) => {
  expect(await takenDown(found)).toEqual({ deleted: [], outcome: { kind: "done" } });
});

test("what is going already is waited for and not deleted again", async () => {
  const { deleted, outcome } = await takenDown({ claim: async () => ok({ ...aClaim("c"), deleting: true }) });
  expect([deleted, outcome.kind]).toEqual([[], "again"]);
});

test("a refusal is told, whatever else is on its way", async () => {
  const { outcome } = await takenDown({ ...all, deleteJob: async () => ({ kind: "refused", why: "no" }) });
  expect(outcome).toEqual({ kind: "failed", code: "API_REFUSED", why: "Job node-bootstrap: no" });
});

test("an API server that does not answer is asked again, and nothing is believed gone", async () => {
  const { outcome } = await takenDown({ claim: async () => ({ kind: "failed", why: "no answer" }) });
  expect(outcome).toMatchObject({ kind: "again", why: "claim data-node: no answer" });
});

test("without the Lease nothing is deleted", async () => {
  const { deleted, outcome } = await takenDown(all, false);
  expect([deleted, outcome.kind]).toEqual([[], "again"]);
});
