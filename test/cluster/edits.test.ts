/** Edits that reach the StatefulSet at once and the Pod when it is next replaced. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import {
  bringUp,
  conditionOf,
  isAtRest,
  seiNode,
  type SeiNodeObject,
  seiNodePath,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { podPath, restartSidecar } from "./harness/pods.ts";

const SLOW_MS = 90_000;
const OUTDATED = "True/TemplateChanged";

describeCluster("an edit that a Pod takes up when it is replaced", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const names = ["port", "labels", "image"];
  const edit = (name: string, spec: object) => api.patch(seiNodePath(home, name), { spec });
  const livesOf = (name: string) => sidecars.lives({ namespace: home, nodes: [name] });
  const untilOutdated = (name: string, is: string) =>
    untilNode(api, { namespace: home, name }, (node) => isAtRest(node) && conditionOf(node, "PodOutdated") === is);

  beforeAll(async () => {
    home = await namespace("edits");
    const installation = await install(cluster, home);
    controller = await startController({ installation, flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test(
    "of the sidecar's port leaves the sidecar where it listens, also for a heal, until the Pod is replaced",
    async () => {
      const place = { namespace: home, nodes: ["port"] };
      await edit("port", { sidecar: { port: 7800 } });
      await untilOutdated("port", OUTDATED);
      await untilProbed(sidecars, place);
      expect(conditionOf(await seiNode(api, home, "port"), "SidecarReady")).toBe("True/Ready");
      await restartSidecar(api, podPath(home, "port-0"));
      // A plan that a poll made for the life that ends, before the Pod told of the next, is over by itself.
      const isHealed = ({ status }: SeiNodeObject): boolean =>
        status?.history?.filter(({ outcome }) => outcome !== "Superseded").length === 3;
      await untilNode(api, { namespace: home, name: "port" }, isHealed);
      await untilOutdated("port", OUTDATED);
      await api.remove(podPath(home, "port-0"));
      await untilOutdated("port", "False/UpToDate");
      await untilProbed(sidecars, place);
      expect((await livesOf("port")).map(({ port, ready }) => [port, ready])).toEqual([
        [7777, true],
        [7777, true],
        [7800, true],
      ]);
      expect(conditionOf(await seiNode(api, home, "port"), "SidecarReady")).toBe("True/Ready");
    },
    SLOW_MS,
  );

  test(
    "of labels is told once, costs no write while it waits, and is over when the edit is taken back",
    async () => {
      const [before] = await livesOf("labels");
      await edit("labels", { podLabels: { team: "night" }, sidecar: { resources: { requests: { cpu: "1" } } } });
      await untilOutdated("labels", OUTDATED);
      // The audit log has the write a moment after the object has it.
      await untilProbed(sidecars, { namespace: home, nodes: ["labels"], more: 1 });
      const since = audit.offset();
      await untilProbed(sidecars, { namespace: home, nodes: ["labels"], more: 4 });
      const written = audit.mutationsSince(since, "tidekeeper/").filter(({ name }) => name === "labels");
      expect(written).toEqual([]);
      await edit("labels", { podLabels: null, sidecar: null });
      await untilOutdated("labels", "False/UpToDate");
      expect((await livesOf("labels")).map(({ podUid }) => podUid)).toEqual([before?.podUid ?? ""]);
    },
    SLOW_MS,
  );

  test(
    "is taken up with a new image, whose plan replaces the Pod, and is never told as waiting",
    async () => {
      const seen: string[] = [];
      const note = (node: Parameters<typeof conditionOf>[0]): boolean => {
        seen.push(conditionOf(node, "PodOutdated"));
        return isAtRest(node) && node.status?.currentImage === "sei:2";
      };
      await edit("image", { image: "sei:2", podLabels: { team: "night" } });
      await untilNode(api, { namespace: home, name: "image" }, note);
      expect(new Set(seen)).toEqual(new Set(["none"]));
      const pod = await api.get(podPath(home, "image-0"));
      expect(pod?.metadata.labels).toMatchObject({ team: "night" });
    },
    SLOW_MS,
  );
});
