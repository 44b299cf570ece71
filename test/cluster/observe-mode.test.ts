/** `--mode observe` on a real API server: nothing is done. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  fullNode,
  seiNode,
  seiNodePath,
  untilEvents,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";

const SLOW_MS = 90_000;
const OBSERVING = ["--mode=observe", "--probe-interval=1s"];

describeCluster("--mode observe", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let installation: Installation;
  let controller: ControllerProcess;
  const place = (name: string) => ({ namespace: home, name });
  const written = (since: number) =>
    audit.mutationsSince(since, "tidekeeper/").filter((entry) => entry.namespace === home);
  const posts = async () =>
    (await sidecars.lives({ namespace: home })).flatMap(({ submissions }) => submissions.map(({ id }) => id));
  const metric = async (line: string) => (await (await fetch(controller.metricsUrl)).text()).includes(line);

  beforeAll(async () => {
    home = await namespace("observe");
    installation = await install(cluster, home);
    const acting = await startController({ installation });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: ["gate", "image"] });
    await acting.kill();
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test(
    "without a Lease observes and shows metrics, and writes nothing at all",
    async () => {
      const [since, before] = [audit.offset(), await posts()];
      controller = await startController({ installation, flags: [...OBSERVING, "--leader-elect=false"] });
      await sidecars.shut({ namespace: home, nodes: ["gate"] });
      await api.patch(seiNodePath(home, "image"), { spec: { image: "sei:2" } });
      await api.apply(fullNode(home, "new"));
      await untilProbed(sidecars, { namespace: home, nodes: ["gate", "image"] });
      await eventually("the probes to be counted", () => metric('outcome="not_ready"'));
      await controller.kill();
      expect(written(since)).toEqual([]);
      expect(await posts()).toEqual(before);
      expect(conditionOf(await seiNode(api, home, "gate"), "SidecarReady")).toBe("True/Ready");
    },
    SLOW_MS,
  );

  test(
    "tells conditions, metrics and Events of drift, but makes no plan, no POST and no object",
    async () => {
      const [since, before] = [audit.offset(), await posts()];
      controller = await startController({ installation, flags: OBSERVING });
      const gate = await untilNode(
        api,
        place("gate"),
        (node) => conditionOf(node, "SidecarReady") === "False/NotReady" && conditionOf(node, "Drift") !== "none",
      );
      expect([conditionOf(gate, "Drift"), conditionOf(gate, "Ready")]).toEqual([
        "True/SidecarNotReady",
        "False/NotReady",
      ]);
      const image = await untilNode(api, place("image"), (node) => conditionOf(node, "Drift") === "True/ImageChanged");
      expect(conditionOf(image, "Ready")).toBe("False/SpecNotApplied");
      const ready = image.status?.conditions?.find(({ type }) => type === "Ready");
      expect(ready?.message).toBe("spec.image: got sei:1, want sei:2");
      await untilEvents(api, place("gate"), (reasons) => reasons.includes("SidecarReadinessLost"));
      await eventually("the gauge", () =>
        metric(`sei_controller_seinode_sidecar_ready{namespace="${home}",name="gate"} 0`),
      );
      await untilProbed(sidecars, { namespace: home, nodes: ["gate", "image"] });
      for (const name of ["gate", "image", "new"]) {
        const { status } = await seiNode(api, home, name);
        expect([name, status?.plan ?? null, status?.history?.length ?? 0]).toEqual([
          name,
          null,
          name === "new" ? 0 : 1,
        ]);
      }
      expect(await posts()).toEqual(before);
      const resources = new Set(written(since).map(({ resource }) => resource));
      expect([...resources].toSorted()).toEqual(["events", "leases", "seinodes/status"]);
      expect(await api.get(`/apis/apps/v1/namespaces/${home}/statefulsets/new`)).toBeNull();
    },
    SLOW_MS,
  );

  test(
    "restores the conditions when somebody else heals the node",
    async () => {
      await sidecars.open({ namespace: home, nodes: ["gate"] });
      const gate = await untilNode(api, place("gate"), (node) => conditionOf(node, "SidecarReady") === "True/Ready");
      expect(conditionOf(gate, "Drift")).toBe("False/NoDrift");
      await untilEvents(api, place("gate"), (reasons) => reasons.includes("SidecarReadinessRestored"));
    },
    SLOW_MS,
  );
});
