/** The controller killed at every write of a take-over: the next one ends it, and no Pod is restarted. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { isAtRest, untilNode } from "./harness/fleet.ts";
import { type HoldPoint, type HoldProxy, holdProxy, type PassingRequest } from "./harness/hold-proxy.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { leaveBehind, leftRunning, pathsOf } from "./harness/reference.ts";

const SLOW_MS = 120_000;

/** A write of the take-over, by what it says. */
const writes = (suffix: string, says: (body: string) => boolean) => (name: string) => (request: PassingRequest) =>
  request.method === "PATCH" && request.path.endsWith(suffix.replace("NAME", name)) && says(request.body);
const STEPS = {
  "its plan": writes("/seinodes/NAME/status", (body) => body.includes('"phase":"Active"')),
  OnDelete: writes("/statefulsets/NAME", (body) => body.includes('"rollingUpdate":null')),
  "our StatefulSet": writes("/statefulsets/NAME", (body) => body.includes('"template"')),
  "the end of the reference's part of it": writes("/statefulsets/NAME", (body) => !body.includes('"spec"')),
  "our Service": writes("/services/NAME", (body) => body.includes('"spec"')),
  "the end of the reference's part of that": writes("/services/NAME", (body) => !body.includes('"spec"')),
  "the end of its plan": writes("/seinodes/NAME/status", (body) => body.includes('"plan":null')),
};
const POINTS: Readonly<Record<HoldPoint, string>> = {
  before: "before it was carried out",
  after: "when its reply was lost",
};
const CASES = Object.entries(STEPS).flatMap(([step, isIt], index) =>
  (["before", "after"] as const).map((point) => ({
    step,
    when: POINTS[point],
    point,
    isIt,
    name: `n${index}-${point}`,
  })),
);

interface Managed extends KubeObject {
  readonly metadata: KubeObject["metadata"] & { readonly managedFields: readonly { readonly manager: string }[] };
}

describeCluster("killed while it takes over", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let direct: Installation;
  let door: HoldProxy;
  let controller: ControllerProcess | null = null;
  const start = async (): Promise<void> => {
    const flags = ["--leader-elect-identity=same", "--probe-interval=1s"];
    controller = await startController({ installation: door.installation, flags });
  };
  const die = async (): Promise<void> => {
    await controller?.kill("SIGKILL");
    controller = null;
    door.release();
  };

  beforeAll(async () => {
    home = await namespace("taking");
    direct = await install(cluster, home);
    door = await holdProxy(cluster, direct);
  }, SLOW_MS);
  afterAll(async () => {
    await die();
    door.close();
  }, SLOW_MS);

  test.each(CASES)(
    "at $step, $when",
    async ({ isIt, point, name }) => {
      const { pod, set, service } = pathsOf({ namespace: home, name });
      // Nobody runs now, so nobody takes the node for a new one before its status is there.
      const left = { namespace: home, name, spec: { chainId: "sei-test", image: "sei:1", fullNode: {} } };
      await leaveBehind(api, { ...left, status: leftRunning("sei:1", { currentImage: undefined }) });
      await eventually("its gate", async () => (await sidecars.open({ namespace: home, nodes: [name] })) === 1);
      const before = (await api.get(pod))?.metadata.uid ?? "none";
      const reached = door.hold(point, isIt(name));
      await start();
      await reached;
      await die();
      await start();
      const node = await untilNode(
        api,
        { namespace: home, name, withinMs: 30_000 },
        (now) => isAtRest(now) && now.status?.applied?.service !== undefined,
      );
      expect(node.status?.history?.map(({ reason, outcome }) => `${reason} ${outcome}`)).toEqual(["TakeOver Complete"]);
      expect(node.status?.currentImage).toBe("sei:1");
      for (const at of [set, service]) {
        const managers = (await api.get<Managed>(at))?.metadata.managedFields.map(({ manager }) => manager) ?? [];
        expect(managers).toContain("tidekeeper");
        expect(managers).not.toContain("seinode-controller");
      }
      expect(Object((await api.get(set))?.["spec"]).updateStrategy).toEqual({ type: "OnDelete" });
      expect((await api.get(pod))?.metadata.uid).toBe(before);
      await die();
    },
    SLOW_MS,
  );
});
