/** How plans fail on a real cluster, where no other test shows it: docs/design/0013-failures-of-plans.md lists them all. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { taskId } from "../../src/model/index.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import {
  bringUp,
  conditionOf,
  eventReasons,
  fullNode,
  isAtRest,
  seiNode,
  type SeiNodeObject,
  seiNodePath,
  untilEvents,
  untilNode,
} from "./harness/fleet.ts";
import { untilOver, untilTold } from "./harness/told.ts";

const SLOW_MS = 90_000;

describeCluster("a plan", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const lastOf = ({ status }: SeiNodeObject): string => status?.history?.at(-1)?.message ?? "";
  const failed = ({ status }: SeiNodeObject): boolean => status?.phase === "Failed";
  const submitted = async (name: string): Promise<readonly string[]> =>
    (await sidecars.lives({ namespace: home, nodes: [name] })).flatMap(({ submissions }) =>
      submissions.map(({ type }) => type),
    );
  const failures = (reasons: readonly string[]): number => reasons.filter((reason) => reason === "PlanFailed").length;
  const store = (name: string, plan: unknown) => api.patch(`${seiNodePath(home, name)}/status`, { status: { plan } });

  beforeAll(async () => {
    home = await namespace("plans");
    controller = await startController({ installation: await install(cluster, home), flags: ["--probe-interval=1s"] });
    await bringUp(api, { namespace: home, names: ["well"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test.each([
    ["of an unknown type", { type: "discover-moons", params: {} }, "UNKNOWN_TASK: task type discover-moons is not"],
    ["whose stored params are bad", { type: "config-apply", params: { mode: 5 } }, "BAD_PARAMS: the stored params of"],
  ])(
    "with a task %s fails by name, and nothing is sent for it",
    async (_title, { type, params }, why) => {
      const place = { namespace: home, name: "well" };
      const before = await submitted("well");
      const told = failures(await eventReasons(api, home, "well"));
      const known = (await seiNode(api, home, "well")).status?.history?.length ?? 0;
      // An Event is named after its plan, so each is of its own.
      const id = crypto.randomUUID();
      await store("well", {
        id,
        phase: "Active",
        tasks: [{ type, id: taskId(id, type, 0), status: "Pending", params }],
      });
      const node = await untilNode(api, place, (one) => isAtRest(one) && (one.status?.history?.length ?? 0) > known);
      expect(lastOf(node)).toStartWith(`task ${type}: ${why}`);
      expect(await submitted("well")).toEqual(before);
      await untilEvents(api, place, (reasons) => failures(reasons) > told);
    },
    SLOW_MS,
  );

  test(
    "that comes to nothing again and again is one state, told with the time of the next try until a try heals",
    async () => {
      const place = { namespace: home, nodes: ["well"] };
      const told = { api, controller, namespace: home, name: "well" };
      const answer = { status: 400, body: '{"error":"unknown task type"}' };
      await sidecars.behave({ submitAnswer: answer }, place);
      await sidecars.shut(place);
      await untilTold(told, "BackingOff");
      const before = failures(await eventReasons(api, home, "well"));
      // The next try comes to nothing too, and is no new state.
      await untilEvents(api, { ...told, withinMs: 40_000 }, (reasons) => failures(reasons) > before);
      await untilTold(told, "BackingOff");
      const ready = (await seiNode(api, home, "well")).status?.conditions?.find(({ type }) => type === "Ready");
      expect([ready?.status, ready?.message.replace(/\d{4}-[-\dT:]+Z$/, "T")]).toEqual([
        "False",
        "the last plan for SidecarNotReady came to nothing; the next try comes at T",
      ]);
      await sidecars.behave({ submitAnswer: "sidecar" }, place);
      await untilNode(api, { namespace: home, name: "well", withinMs: 60_000 }, isAtRest);
      await untilOver(told, "BackingOff");
    },
    SLOW_MS,
  );

  test(
    "whose config-validate fails stops there: the gate stays shut",
    async () => {
      const name = "unsound";
      await sidecars.behave({ failing: { "config-validate": "no such key" } }, { namespace: home, nodes: [name] });
      await api.apply(fullNode(home, name));
      const node = await untilNode(api, { namespace: home, name, withinMs: 40_000 }, failed);
      expect(lastOf(node)).toBe("task config-validate: SIDECAR_TASK_FAILED: config-validate: no such key");
      expect(await submitted(name)).toEqual(["configure-genesis", "config-apply", "config-validate"]);
    },
    SLOW_MS,
  );

  test(
    "whose Job's name is somebody else's fails with FOREIGN_OBJECT and leaves that alone",
    async () => {
      const name = "taken";
      const pod = { restartPolicy: "Never", containers: [{ name: "other", image: "other:1" }] };
      const job: KubeObject = {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { namespace: home, name: `${name}-bootstrap` },
        spec: { suspend: true, template: { spec: pod } },
      };
      const { metadata } = await api.apply(job);
      const since = audit.offset();
      const node = fullNode(home, name);
      const snapshot = { s3: { targetHeight: 9 }, bootstrapImage: "sei:0" };
      await api.apply({ ...node, spec: { ...Object(node["spec"]), fullNode: { snapshot } } });
      const seen = await untilNode(api, { namespace: home, name }, failed);
      expect(lastOf(seen)).toStartWith(`task deploy-bootstrap-job: FOREIGN_OBJECT: Job ${name}-bootstrap: `);
      expect((await api.get(await api.pathOf(job)))?.metadata.uid).toBe(metadata.uid ?? "");
      const ours = audit.mutationsSince(since, "tidekeeper/").filter(({ namespace: where }) => where === home);
      expect(ours.filter(({ resource, code }) => resource === "jobs" && code < 300)).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    "of init whose object the API server refuses waits for the spec to be corrected, and goes on",
    async () => {
      const name = "refused";
      const node = fullNode(home, name);
      const resources = { requests: { cpu: "2" }, limits: { cpu: "1" } };
      await api.apply({ ...node, spec: { ...Object(node["spec"]), sidecar: { resources } } });
      const told = await untilNode(
        api,
        { namespace: home, name },
        (one) => conditionOf(one, "Stalled") === "True/ObjectRefused",
      );
      expect(told.status?.phase).toBe("Initializing");
      await api.patch(seiNodePath(home, name), { spec: { sidecar: { resources: null } } });
      const up = await untilNode(api, { namespace: home, name, withinMs: 40_000 }, isAtRest);
      expect(conditionOf(up, "Stalled")).toBe("False/NotStalled");
      expect(up.status?.history?.map(({ outcome }) => outcome)).toContain("Complete");
    },
    SLOW_MS,
  );
});
