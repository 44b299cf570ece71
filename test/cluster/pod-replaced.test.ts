/** A replaced Pod is healed on a real control plane. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { countPatches } from "../../bench/status-patches.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, isAtRest, seiNodePath, untilEvents, untilNode } from "./harness/fleet.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 90_000;

/** Who set which fields of an object, as the API server records it. */
interface Managed {
  readonly subresource?: string;
  readonly fieldsV1: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, object>>>>>>;
}

interface PodAt {
  readonly metadata: { readonly uid: string };
  readonly status: { readonly podIP?: string };
}

describeCluster("a replaced Pod", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const pod = (name: string) => `/api/v1/namespaces/${home}/pods/${name}-0`;

  beforeAll(async () => {
    home = await namespace("replaced");
    controller = await startController({ installation: await install(cluster, home) });
    await sidecars.behave({ startDelayMs: [0, 0] });
    await bringUp(api, { namespace: home, names: ["a"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test(
    "is healed by one plan and one POST, with one Event each way",
    async () => {
      const from = audit.offset();
      const podNow = async (): Promise<PodAt | undefined> =>
        (await api.list<PodAt>(`/api/v1/namespaces/${home}/pods`))[0];
      const before = await podNow();
      await api.remove(pod("a"));
      const node = await untilNode(
        api,
        { namespace: home, name: "a" },
        (seen) => isAtRest(seen) && (seen.status?.history?.length ?? 0) > 1,
      );
      const lives = await sidecars.lives({ namespace: home, nodes: ["a"] });
      const life = lives.at(-1);
      expect(life?.podUid).not.toBe(before?.metadata.uid ?? "");
      expect(life?.submissions.map(({ type, status }) => [type, status])).toEqual([["mark-ready", 201]]);
      expect(node.status?.history?.map(({ detector, outcome }) => [detector, outcome])).toEqual([
        ["init", "Complete"],
        ["sidecar-ready", "Complete"],
      ]);
      // One patch says that nothing is known, two heal; the API server's own record is the judge.
      const patches = await eventually("the heal in the audit log", async () => {
        const seen = countPatches(audit.mutationsSince(from, "tidekeeper/"), home);
        return seen.remediation.max > 1 ? seen : null;
      });
      // Where the new Pod got the old one's address, the old sidecar may still have answered there for a moment.
      const isReused = (await podNow())?.status.podIP === before?.status.podIP;
      expect(patches.healings).toBeLessThanOrEqual(isReused ? 2 : 1);
      expect(patches.remediation.max).toBe(2);
      expect(patches.unknown.max).toBeLessThanOrEqual(1);
      // Events go out after the commit that the node was seen by.
      const isOfSidecar = (reason: string): boolean => reason.startsWith("Sidecar");
      const told = await untilEvents(
        api,
        { namespace: home, name: "a" },
        (reasons) => reasons.filter(isOfSidecar).length >= 2,
      );
      expect(told.filter(isOfSidecar)).toEqual(["SidecarReadinessLost", "SidecarReadinessRestored"]);
    },
    SLOW_MS,
  );

  test("leaves a status of which the API server records each object once, and no field of it", async () => {
    const { metadata } = takenAs<{ readonly metadata: { readonly managedFields: readonly Managed[] } }>(
      await api.get(seiNodePath(home, "a")),
    );
    const ours = metadata.managedFields.find(({ subresource }) => subresource === "status");
    const { "f:conditions": conditions, ...others } = ours?.fieldsV1["f:status"] ?? {};
    const { ".": _list, ...byType } = conditions ?? {};
    expect(Object.keys(byType)).toContain('k:{"type":"SidecarReady"}');
    // What a patch costs goes by the number of JSON values in the object: docs/design/0023-outcomes.md.
    expect(
      [...Object.values(byType), ...Object.values(others)].filter((below) => Object.keys(below).length > 0),
    ).toEqual([]);
  });
});
