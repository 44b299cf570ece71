/** `kubectl wait` and its like on our conditions. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { bringUp, conditionOf, fullNode, type SeiNodeObject, seiNodePath, untilNode } from "./harness/fleet.ts";
import { keepDiary } from "./harness/node-diary.ts";
import { podPath } from "./harness/pods.ts";

const SLOW_MS = 90_000;

/** What `kubectl wait --for=condition=TYPE` looks at: the condition, of the newest generation. */
function isMet(node: SeiNodeObject, type: string): boolean {
  const found = node.status?.conditions?.find((condition) => condition.type === type);
  return found?.status === "True" && found.observedGeneration >= (node.metadata.generation ?? 0);
}

describeCluster("what waits for conditions", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("conditions");
    controller = await startController({ installation: await install(cluster, home) });
    await bringUp(api, { namespace: home, names: ["a"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test(
    "is told Ready of a new spec only when the newest is what runs, and never Reconciling and Stalled at once",
    async () => {
      const diary = await keepDiary(api, home, "a");
      await api.patch(seiNodePath(home, "a"), { spec: { image: "sei:2" } });
      await untilNode(
        api,
        { namespace: home, name: "a" },
        (node) => isMet(node, "Ready") && node.status?.currentImage === "sei:2",
      );
      await api.patch(seiNodePath(home, "a"), { spec: { podLabels: { team: "night" } } });
      await untilNode(
        api,
        { namespace: home, name: "a" },
        (node) =>
          // The Pod keeps the template it was made from, and nothing is restarted for a label.
          conditionOf(node, "Ready") === "False/SpecNotApplied" &&
          node.status?.applied?.generation === node.metadata.generation &&
          (node.status?.plan ?? null) === null,
      );
      await diary.close();
      await api.remove(podPath(home, "a-0"));
      await untilNode(api, { namespace: home, name: "a", withinMs: 40_000 }, (node) => isMet(node, "Ready"));
      const ready = diary.versions().filter((node) => isMet(node, "Ready"));
      expect(ready.filter((node) => node.status?.currentImage !== node.spec["image"])).toEqual([]);
      expect(ready.filter((node) => node.status?.observedGeneration !== node.metadata.generation)).toEqual([]);
      const both = diary.versions().filter((node) => isMet(node, "Reconciling") && isMet(node, "Stalled"));
      expect(both).toEqual([]);
      expect(diary.story("Reconciling")).toEqual([
        "False/NotReconciling",
        "True/Progressing",
        "False/NotReconciling",
        "True/Progressing",
        "False/NotReconciling",
      ]);
    },
    SLOW_MS,
  );

  test(
    "is told Stalled where a person must act, and not Reconciling beside it",
    async () => {
      await sidecars.behave({ failing: { "config-apply": "no such key" } }, { namespace: home, nodes: ["failing"] });
      await api.apply(fullNode(home, "failing"));
      const node = await untilNode(api, { namespace: home, name: "failing" }, (seen) => isMet(seen, "Stalled"));
      expect(["Stalled", "Reconciling", "Ready"].map((type) => conditionOf(node, type))).toEqual([
        "True/InitFailed",
        "False/NotReconciling",
        "False/InitFailed",
      ]);
      await sidecars.behave({ failing: {} }, { namespace: home, nodes: ["failing"] });
      await api.patch(seiNodePath(home, "failing"), {
        metadata: { annotations: { "tidekeeper.sei.io/reinitialize": "once-more" } },
      });
      await untilNode(api, { namespace: home, name: "failing", withinMs: 40_000 }, (seen) => isMet(seen, "Ready"));
    },
    SLOW_MS,
  );
});
