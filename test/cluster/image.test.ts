/** An edited image is rolled out on a real control plane. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  isAtRest,
  seiNode,
  seiNodePath,
  untilEvents,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { keepDiary } from "./harness/node-diary.ts";
import { type Pod, podPath, setPodReady } from "./harness/pods.ts";
import { notesOf } from "./harness/told.ts";

const SLOW_MS = 90_000;
/** A node's Pod is deleted at most once a minute, so a second roll-out may have to wait for the rest of it. */
const SECOND_MS = 100_000;
const ROLL_OUT = ["apply-statefulset", "apply-service", "observe-image", "mark-ready"];

describeCluster("an image that is edited", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const names = ["unready", "ready", "back", "both", "lost", "again", "flip"];
  const edit = (name: string, image: string) => api.patch(seiNodePath(home, name), { spec: { image } });
  const podOf = async (name: string) => {
    const pod = await api.get<Pod>(podPath(home, `${name}-0`));
    const ready = pod?.status.conditions?.find(({ type }) => type === "Ready")?.status ?? "Unknown";
    return {
      uid: pod?.metadata.uid ?? "",
      revision: pod?.metadata.labels?.["controller-revision-hash"] ?? "",
      image: pod?.status.containerStatuses?.[0]?.image ?? "",
      ready,
    };
  };
  const outcomes = async (name: string) =>
    (await seiNode(api, home, name)).status?.history?.map(({ detector, outcome }) => `${detector} ${outcome}`);
  const livesOf = async (name: string) =>
    (await sidecars.lives({ namespace: home, nodes: [name] })).map(({ podUid, submissions }) => ({
      podUid,
      posts: submissions.map(({ type, status }) => `${type} ${status}`),
      ids: submissions.map(({ id }) => id),
    }));
  const runs = (name: string, image: string, withinMs = 40_000) =>
    untilNode(
      api,
      { namespace: home, name, withinMs },
      (node) =>
        isAtRest(node) &&
        node.spec["image"] === image &&
        node.status?.currentImage === image &&
        // Else it may be as idle as before the edit.
        node.status.applied?.generation === node.metadata.generation,
    );

  beforeAll(async () => {
    home = await namespace("image");
    const installation = await install(cluster, home);
    controller = await startController({ installation, flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test.each([
    ["unready", "with an old Pod that is not Ready", false],
    ["ready", "with an old Pod that is Ready", true],
  ])(
    "%s: rolls the StatefulSet by one plan of four tasks, %s",
    async (name, _title, isReady) => {
      if (isReady) await setPodReady(api, podPath(home, `${name}-0`), true);
      const before = await podOf(name);
      expect(before.ready).toBe(isReady ? "True" : "False");
      const diary = await keepDiary(api, home, name);
      await edit(name, "sei:2");
      const node = await runs(name, "sei:2");
      await diary.close();
      const plans = diary.plans();
      expect(plans.map(({ tasks }) => tasks.map(({ type }) => type))).toEqual([ROLL_OUT]);
      expect(diary.story("NodeUpdateInProgress")).toEqual(["none", "True/UpdateStarted", "False/UpdateComplete"]);
      await untilEvents(api, { namespace: home, name }, (reasons) => reasons.includes("UpdateComplete"));
      const notes = ["UpdateStarted", "UpdateComplete"].map((reason) =>
        notesOf({ api, namespace: home, name }, reason),
      );
      expect(await Promise.all(notes)).toEqual([
        ["Roll-out started: image from sei:1 to sei:2"],
        ["Roll-out complete: image from sei:1 to sei:2"],
      ]);
      const after = await podOf(name);
      expect(after.uid).not.toBe(before.uid);
      expect(after.image).toBe("sei:2");
      expect(node.status?.rolledOutPod).toEqual({ name: `${name}-0`, uid: after.uid, revision: after.revision });
      // What is stamped was seen: the image and the Pod that runs it enter status together.
      const stamped = diary.versions().find(({ status }) => status?.currentImage === "sei:2");
      expect(stamped?.status?.rolledOutPod).toEqual({ name: `${name}-0`, uid: after.uid, revision: after.revision });
      const life = (await livesOf(name)).at(-1);
      expect(life).toEqual({
        podUid: after.uid,
        posts: ["mark-ready 201"],
        ids: plans.flatMap(({ tasks }) => tasks.slice(3).map(({ id }) => id)),
      });
      await untilProbed(sidecars, { namespace: home, nodes: [name] });
      expect(await outcomes(name)).toEqual(["init Complete", "image Complete"]);
    },
    SLOW_MS,
  );

  test.concurrent(
    "to one that never starts is never stamped, and is healed when it is rolled back",
    async () => {
      const diary = await keepDiary(api, home, "back");
      await edit("back", "sei:never");
      await eventually("the new Pod to wait for its image", async () => (await podOf("back")).image === "sei:never");
      await untilNode(
        api,
        { namespace: home, name: "back" },
        ({ status }) => status?.plan?.tasks[1]?.status === "Complete" && status.plan.tasks[2]?.status === "Pending",
      );
      await edit("back", "sei:1");
      await runs("back", "sei:1", SECOND_MS);
      expect((await podOf("back")).image).toBe("sei:1");
      await untilProbed(sidecars, { namespace: home, nodes: ["back"] });
      await diary.close();
      const stamped = new Set(diary.versions().map(({ status }) => status?.currentImage));
      expect([...stamped]).toEqual(["sei:1"]);
      expect(await outcomes("back")).toEqual(["init Complete", "image Superseded", "image Complete"]);
      expect(diary.story("NodeUpdateInProgress").filter((said) => said !== "none")).toEqual([
        "True/UpdateStarted",
        "False/UpdateSuperseded",
        "True/UpdateStarted",
        "False/UpdateComplete",
      ]);
    },
    SLOW_MS + SECOND_MS,
  );

  test.concurrent(
    "and edited back at once ends at the image that stands in the spec",
    async () => {
      await edit("flip", "sei:2");
      await edit("flip", "sei:1");
      await runs("flip", "sei:1");
      await untilProbed(sidecars, { namespace: home, nodes: ["flip"] });
      const node = await seiNode(api, home, "flip");
      expect(isAtRest(node) && node.status?.currentImage).toBe("sei:1");
      expect((await podOf("flip")).image).toBe("sei:1");
      expect((await outcomes("flip"))?.some((said) => said.startsWith("sidecar-ready"))).toBe(false);
    },
    SLOW_MS + SECOND_MS,
  );

  test(
    "beside a gate that is shut gets the image plan alone, and no mark-ready plan after it",
    async () => {
      // Both are there before the next observation: the process stands still meanwhile.
      await controller.kill("SIGSTOP");
      const before = await livesOf("both");
      expect((await podOf("both")).ready).toBe("False");
      await sidecars.shut({ namespace: home, nodes: ["both"] });
      await edit("both", "sei:2");
      await controller.kill("SIGCONT");
      await runs("both", "sei:2");
      await untilProbed(sidecars, { namespace: home, nodes: ["both"], more: 4 });
      expect(await outcomes("both")).toEqual(["init Complete", "image Complete"]);
      const after = await livesOf("both");
      expect(after.slice(0, -1)).toEqual(before);
      expect(after.at(-1)?.posts).toEqual(["mark-ready 201"]);
    },
    SLOW_MS,
  );

  test(
    "while the node's Pod is lost as well gets the image plan alone: what goes on is not interrupted for a gate",
    async () => {
      await controller.kill("SIGSTOP");
      const { uid } = await podOf("lost");
      await api.remove(podPath(home, "lost-0"));
      await eventually("the sidecar of the next Pod", async () => {
        const life = (await sidecars.lives({ namespace: home, nodes: ["lost"] })).at(-1);
        return life !== undefined && life.podUid !== uid && life.listeningAt !== null;
      });
      await edit("lost", "sei:2");
      const between = (await livesOf("lost")).at(-1)?.podUid;
      await controller.kill("SIGCONT");
      await runs("lost", "sei:2");
      await untilProbed(sidecars, { namespace: home, nodes: ["lost"], more: 4 });
      expect(await outcomes("lost")).toEqual(["init Complete", "image Complete"]);
      const lives = await livesOf("lost");
      expect(lives.find(({ podUid }) => podUid === between)?.posts).toEqual([]);
      expect(lives.at(-1)?.posts).toEqual(["mark-ready 201"]);
    },
    SLOW_MS,
  );

  test.concurrent(
    "once more in the middle of its plan supersedes it and ends at the newest",
    async () => {
      const diary = await keepDiary(api, home, "again");
      // The new sidecar takes its time, so the plan stands at its last task when the next edit comes.
      await sidecars.behave({ startDelayMs: [60_000, 60_000] }, { namespace: home, nodes: ["again"] });
      await edit("again", "sei:2");
      await untilNode(
        api,
        { namespace: home, name: "again" },
        ({ status }) => status?.currentImage === "sei:2" && status.plan?.tasks[2]?.status === "Complete",
      );
      await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home, nodes: ["again"] });
      await edit("again", "sei:3");
      const node = await runs("again", "sei:3", SECOND_MS);
      await diary.close();
      expect((await podOf("again")).image).toBe("sei:3");
      expect(diary.plans().map(({ madeFrom }) => madeFrom?.["spec.image"])).toEqual(["sei:2", "sei:3"]);
      expect(await outcomes("again")).toEqual(["init Complete", "image Superseded", "image Complete"]);
      expect(conditionOf(node, "NodeUpdateInProgress")).toBe("False/UpdateComplete");
    },
    SLOW_MS + SECOND_MS,
  );
});
