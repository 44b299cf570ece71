/** What somebody edits or deletes by hand comes back, and then nothing is written. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { KubeObject } from "./harness/admin-api.ts";
import { DEEDS, done, ownedPath } from "./harness/by-hand.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, isAtRest, seiNode, untilNode } from "./harness/fleet.ts";

const SLOW_MS = 90_000;
/** The whole promise where everything must be shown; elsewhere several polls of every node. */
const QUIET_SECONDS = process.env["REQUIRE_CLUSTER"] === "1" ? 120 : 15;

describeCluster("objects that somebody edits or deletes", (cluster) => {
  const { api, audit, namespace } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const names = DEEDS.map(({ name }) => name);
  /** Each object as it was applied, by the name of its node. */
  const before = new Map<string, KubeObject>();

  beforeAll(async () => {
    home = await namespace("workload");
    controller = await startController({ installation: await install(cluster, home) });
    await bringUp(api, { namespace: home, names: [...names, "kept"] });
    for (const { kind, name } of DEEDS) {
      const object = await api.get(ownedPath(kind, home, name));
      if (object !== null) before.set(name, object);
    }
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test.each(DEEDS.map((deed) => [deed.kind, deed.title, deed] as const))(
    "a %s comes back as it was applied after somebody %s",
    async (kind, _title, deed) => {
      const was = before.get(deed.name);
      await done(api, home, deed);
      const isBack = async () => {
        const now = await api.get(ownedPath(kind, home, deed.name));
        return (
          now !== null && now.metadata.deletionTimestamp === undefined && asApplied(now, deed.leaves) === asApplied(was)
        );
      };
      await eventually(`the ${kind}`, isBack, 30_000).catch(async () => {
        expect(asApplied(await api.get(ownedPath(kind, home, deed.name)), deed.leaves)).toBe(asApplied(was));
      });
      const node = await untilNode(api, { namespace: home, name: deed.name, withinMs: 40_000 }, isAtRest);
      expect(node.status?.history?.filter(({ outcome }) => outcome === "Failed")).toEqual([]);
      expect(await isBack()).toBe(true);
    },
    SLOW_MS,
  );

  test(
    "what others put beside our fields stays",
    async () => {
      await api.patch(ownedPath("Service", home, "kept"), { metadata: { labels: { team: "night" } } });
      await api.patch(ownedPath("Service", home, "kept"), { spec: { publishNotReadyAddresses: false } });
      const back = await eventually("the Service", async () => {
        const now = await api.get(ownedPath("Service", home, "kept"));
        return Object(now?.["spec"]).publishNotReadyAddresses === true ? now : null;
      });
      expect(back.metadata.labels).toMatchObject({ team: "night" });
    },
    SLOW_MS,
  );

  test("a second Pod of a set that was scaled up is handed nothing: it stands on the same volume", async () => {
    const lives = await cluster.sidecars.lives({ namespace: home });
    expect(lives.filter(({ pod, submissions }) => pod.endsWith("-1") && submissions.length > 0)).toEqual([]);
  });

  test(
    `and then nothing is written for ${QUIET_SECONDS} s`,
    async () => {
      // A Pod that went with its StatefulSet heals in its own right.
      for (const name of names) await untilNode(api, { namespace: home, name, withinMs: 30_000 }, isAtRest);
      await Bun.sleep(5000);
      const since = audit.offset();
      await Bun.sleep(QUIET_SECONDS * 1000);
      const writes = audit
        .mutationsSince(since, "tidekeeper/")
        .filter(({ resource, namespace: where }) => resource !== "leases" && where === home);
      expect(writes.map(({ verb, resource, name, code }) => `${verb} ${resource} ${name} ${code}`)).toEqual([]);
      for (const name of names) {
        const { status } = await seiNode(api, home, name);
        expect([name, status?.history?.filter(({ healed }) => !healed)]).toEqual([name, []]);
      }
    },
    SLOW_MS + QUIET_SECONDS * 1000,
  );
});

/** What counts of an object: its labels, its owners and its spec. */
function asApplied(object: KubeObject | null | undefined, leaves = ""): string {
  if (object === null || object === undefined) return "nothing";
  const { labels, ownerReferences } = object.metadata;
  return JSON.stringify({ labels, ownerReferences, spec: { ...Object(object["spec"]), [leaves]: undefined } }, null, 1);
}
