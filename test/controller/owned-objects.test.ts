/** What stands around a node, as the caches hold it. */
import { expect, test } from "bun:test";
import type { Caches } from "../../src/controller/caches.ts";
import { bootstrapJobOf, canAnswer, podsOf, ownedObjects } from "../../src/controller/owned-objects.ts";
import { aClaim, aJob, aPod, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";
import { emptyCaches } from "./filled-caches.ts";

const node = new Stage().node();

/** What stands around the node, a word each: UIDs, or a dash. */
function owned(fill: (caches: Caches) => void): string {
  const caches = emptyCaches();
  fill(caches);
  const { pod, statefulSet, service, claim } = ownedObjects(caches, node);
  return [pod, statefulSet, service, claim].map((one) => one?.uid ?? "-").join(" ");
}

test.each<[string, (caches: Caches) => void, string]>([
  ["nothing", () => {}, "- - - -"],
  [
    "all that is its own",
    ({ pods, statefulSets, services, claims }) => {
      pods.writer.upsert(aPod("pod-1"));
      statefulSets.writer.upsert(aStatefulSet("v1"));
      services.writer.upsert(aService());
      claims.writer.upsert(aClaim("claim-1"));
    },
    "pod-1 sts-uid sts-uid claim-1",
  ],
  [
    "a set and a Service of a node that had its name before",
    ({ pods, statefulSets, services }) => {
      pods.writer.upsert(aPod("pod-1"));
      statefulSets.writer.upsert({ ...aStatefulSet("v1"), ownerUid: "earlier" });
      services.writer.upsert({ ...aService(), ownerUid: "earlier" });
    },
    "- - - -",
  ],
  [
    "a Pod of an earlier set",
    ({ pods, statefulSets }) => {
      pods.writer.upsert(aPod("pod-1", { ownerUid: "earlier" }));
      statefulSets.writer.upsert(aStatefulSet("v1"));
    },
    "- sts-uid - -",
  ],
  [
    "a Pod that anybody labelled",
    ({ pods, statefulSets }) => {
      pods.writer.upsert(aPod("pod-1", { ownerUid: null, ownerKind: null }));
      statefulSets.writer.upsert(aStatefulSet("v1"));
    },
    "- sts-uid - -",
  ],
  [
    "its own Pod beside another of a set that was scaled up, whatever becomes of its own",
    ({ pods, statefulSets }) => {
      pods.writer.upsert(aPod("other", { name: "node-1" }));
      pods.writer.upsert(aPod("own", { deleting: true }));
      statefulSets.writer.upsert(aStatefulSet("v1"));
    },
    "own sts-uid - -",
  ],
  [
    "no Pod where a set that was scaled up has another one only",
    ({ pods, statefulSets }) => {
      pods.writer.upsert(aPod("other", { name: "node-1" }));
      statefulSets.writer.upsert(aStatefulSet("v1"));
    },
    "- sts-uid - -",
  ],
  [
    "a Pod that goes alone",
    ({ pods, statefulSets }) => {
      pods.writer.upsert(aPod("old", { deleting: true }));
      statefulSets.writer.upsert(aStatefulSet("v1"));
    },
    "old sts-uid - -",
  ],
  [
    "the Pod of its bootstrap Job while there is no set",
    ({ pods, jobs }) => {
      pods.writer.upsert(aPod("boot", { ownerUid: "job-1", ownerKind: "Job" }));
      jobs.writer.upsert(aJob());
    },
    "boot - - -",
  ],
  [
    "the Pod of its bootstrap Job beside a set",
    ({ pods, jobs, statefulSets }) => {
      pods.writer.upsert(aPod("boot", { ownerUid: "job-1", ownerKind: "Job" }));
      jobs.writer.upsert(aJob());
      statefulSets.writer.upsert(aStatefulSet("v1"));
    },
    "- sts-uid - -",
  ],
])("a node sees %s", (_title, fill, want) => {
  expect(owned(fill)).toBe(want);
});

test("the claim is the one that init completed on, whatever its name", () => {
  const caches = emptyCaches();
  caches.claims.writer.upsert({ ...aClaim("claim-9"), name: "data-other" });
  const moved = { ...node, status: { ...node.status, dataVolume: { claimName: "data-other", uid: "claim-9" } } };
  expect(ownedObjects(caches, moved).claim?.uid).toBe("claim-9");
  expect(ownedObjects(caches, node).claim).toBeNull();
});

test("every Pod with the node's label is its Pod to look at, of other namespaces none", () => {
  const caches = emptyCaches();
  caches.pods.writer.upsert(aPod("pod-1"));
  caches.pods.writer.upsert(aPod("pod-2", { namespace: "other" }));
  caches.pods.writer.upsert(aPod("pod-3", { name: "x", ownerUid: null }));
  expect(podsOf(caches, node).map(({ uid }) => uid)).toEqual(["pod-1", "pod-3"]);
});

test("a Pod whose label somebody changed is the Pod of the node that it names, and back", () => {
  const caches = emptyCaches();
  const nodeOf = (name: string): typeof node => ({ ...node, metadata: { ...node.metadata, name } });
  const seen = (): readonly string[] =>
    ["node", "n2"].map((name) =>
      podsOf(caches, nodeOf(name))
        .map(({ uid }) => uid)
        .join(),
    );
  caches.pods.writer.upsert(aPod("pod-1"));
  expect(seen()).toEqual(["pod-1", ""]);
  caches.pods.writer.upsert(aPod("pod-1", { node: "n2", resourceVersion: "2" }));
  expect(seen()).toEqual(["", "pod-1"]);
  caches.pods.writer.upsert(aPod("pod-1", { resourceVersion: "3" }));
  expect(seen()).toEqual(["pod-1", ""]);
});

test("a bootstrap Job counts only when it is this node's", () => {
  const caches = emptyCaches();
  caches.jobs.writer.upsert(aJob({ ownerUid: "earlier" }));
  expect(bootstrapJobOf(caches, node)).toBeNull();
  caches.jobs.writer.upsert(aJob({ resourceVersion: "2" }));
  expect(bootstrapJobOf(caches, node)?.uid).toBe("job-1");
});

test.each([
  ["runs at an address", aPod("p"), true],
  ["is there at all", null, false],
  ["has an address yet", aPod("p", { ip: null }), false],
  ["stays", aPod("p", { deleting: true }), false],
  ["has not succeeded", aPod("p", { phase: "Succeeded" }), false],
  ["has not failed", aPod("p", { phase: "Failed" }), false],
  ["is only pending but has its address", aPod("p", { phase: "Pending" }), true],
])("a Pod could answer when it %s", (_title, pod, want) => {
  expect(canAnswer(pod)).toBe(want);
});

test("beside a StatefulSet no Pod is read but the one of its name, however many carry the label", () => {
  const caches = emptyCaches();
  caches.statefulSets.writer.upsert(aStatefulSet("v1"));
  caches.pods.writer.upsert(aPod("pod-1"));
  caches.pods.reader.byIndex = () => expect.unreachable("all Pods with the label were read");
  expect(ownedObjects(caches, new Stage().node()).pod?.uid).toBe("pod-1");
});
