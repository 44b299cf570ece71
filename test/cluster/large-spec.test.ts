/** A spec that is larger than any that is served. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { bringUp, conditionOf, replacePod, seiNode, seiNodePath, untilNode } from "./harness/fleet.ts";

const SLOW_MS = 90_000;

describeCluster("a spec that is larger than any that is served", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const large = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`app.toml/k${at}`, "x".repeat(1000)]));
  const objects = (since: number) =>
    audit
      .mutationsSince(since, "tidekeeper/")
      .filter((entry) => entry.namespace === home && ["statefulsets", "services"].includes(entry.resource));

  beforeAll(async () => {
    home = await namespace("large");
    controller = await startController({ installation: await install(cluster, home), flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: ["large"] });
  }, SLOW_MS);
  afterAll(async () => void (await controller.kill()), SLOW_MS);

  test(
    "is not applied, its gate is healed all the same, and once it is smaller it is carried out",
    async () => {
      const since = audit.offset();
      await api.patch(seiNodePath(home, "large"), { spec: { image: "sei:2", overrides: large } });
      const place = { namespace: home, name: "large" };
      await untilNode(api, place, (node) => conditionOf(node, "Stalled") === "True/SpecTooLarge");
      await replacePod(api, home, "large");
      const healed = await untilNode(
        api,
        place,
        ({ status }) => status?.history?.at(-1)?.detector === "sidecar-ready" && status.history.at(-1)?.healed === true,
      );
      expect(conditionOf(healed, "Stalled")).toBe("True/SpecTooLarge");
      expect(objects(since)).toEqual([]);
      const nothing = Object.fromEntries(Object.keys(large).map((key) => [key, null]));
      await api.patch(seiNodePath(home, "large"), { spec: { overrides: nothing } });
      await untilNode(api, { ...place, withinMs: 60_000 }, ({ status }) => status?.currentImage === "sei:2");
      expect(conditionOf(await seiNode(api, home, "large"), "Stalled")).not.toBe("True/SpecTooLarge");
    },
    SLOW_MS,
  );
});
