/** Roll-outs and new nodes that admission refuses: told in its words, muting nothing, and landing once it does not. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  eventReasons,
  fullNode,
  isAtRest,
  seiNode,
  type SeiNodeObject,
  seiNodePath,
  untilNode,
} from "./harness/fleet.ts";
import { podPath, restartSidecar } from "./harness/pods.ts";
import { deny, type Meant } from "./harness/policies.ts";
import { notesOf, untilTold } from "./harness/told.ts";

const SLOW_MS = 120_000;
const WORDS = "this image was not signed off";

describeCluster("what admission refuses", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const place = (name: string) => ({ namespace: home, name, withinMs: 60_000 });
  const outcomes = ({ status }: SeiNodeObject): readonly string[] =>
    (status?.history ?? []).map(({ detector, outcome }) => `${detector} ${outcome}`);
  const last = async (name: string) => (await sidecars.lives({ namespace: home, nodes: [name] })).at(-1);
  const refuse = (name: string, meant: Pick<Meant, "resource" | "operations">, expression = "false") =>
    deny(api, { namespace: home, node: name, ...meant }, { expression, message: WORDS });
  /** Asks for another image, and waits until that was refused. */
  const bumpInVain = async (name: string, task: string): Promise<void> => {
    await api.patch(seiNodePath(home, name), { spec: { image: "sei:2" } });
    const node = await untilNode(api, place(name), (one) => outcomes(one).at(-1) === "image Failed");
    expect(node.status?.history?.at(-1)?.message).toMatch(
      new RegExp(`^task ${task}: API_REFUSED: .*: denied by a policy: .*${WORDS}`),
    );
    expect(conditionOf(node, "NodeUpdateInProgress")).toBe("False/UpdateFailed");
    await eventually("its Event", async () => (await eventReasons(api, home, name)).includes("PlanFailed"));
    await untilTold({ api, controller, namespace: home, name }, "UpdateFailed");
    const said = node.status?.conditions?.find(({ type }) => type === "Ready")?.message;
    expect(said).toMatch(/^the last plan for ImageChanged came to nothing; the next try comes at \d{4}-[-\dT:]+Z$/);
    expect(await notesOf({ api, namespace: home, name }, "UpdateStarted")).toEqual([
      "Roll-out started: image from sei:1 to sei:2",
    ]);
    expect((await notesOf({ api, namespace: home, name }, "PlanFailed"))[0]).toStartWith(
      "ImageChanged (image from sei:1 to sei:2): task ",
    );
  };
  /** The gate of a life that began by now is opened, by a stored plan of its own, within two seconds of its first 503. */
  const isHealed = async (name: string, before: string): Promise<void> => {
    const id = async (): Promise<string> => {
      const { podUid, restartCount } = (await last(name)) ?? {};
      return `${podUid}/${restartCount}`;
    };
    await eventually("the next life of the sidecar", async () => (await id()) !== before && (await last(name))?.ready);
    const { openedAt, firstNotReady, submissions } = (await last(name)) ?? {};
    expect((openedAt?.mono ?? Number.NaN) - (firstNotReady?.at.mono ?? Number.NaN)).toBeLessThan(2000);
    expect(submissions?.map(({ type, status }) => `${type} ${status}`)).toEqual(["mark-ready 201"]);
    const node = await untilNode(api, place(name), isAtRest);
    expect(outcomes(node)).toContain("sidecar-ready Complete");
    expect(conditionOf(node, "Drift")).toBe("True/ImageChanged");
    expect(conditionOf(node, "Ready")).toBe("False/UpdateFailed");
    expect(node.status?.currentImage).toBe("sei:1");
  };
  const idOf = async (name: string): Promise<string> => {
    const life = await last(name);
    return `${life?.podUid}/${life?.restartCount}`;
  };
  const drain = (name: string): Promise<void> => api.remove(podPath(home, `${name}-0`));
  const lands = (name: string): Promise<SeiNodeObject> =>
    untilNode(api, place(name), (node) => isAtRest(node) && node.status?.currentImage === "sei:2");

  beforeAll(async () => {
    home = await namespace("refused");
    controller = await startController({ installation: await install(cluster, home), flags: ["--probe-interval=1s"] });
    await controller.leads();
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: ["denied", "kept", "service"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test(
    "as the image of a StatefulSet: a Pod that is replaced is healed on the old one, and the new one lands once it may",
    async () => {
      const isOld = 'object.spec.template.spec.containers[0].image in ["sei:1"]';
      const lift = await refuse("denied", { resource: "statefulsets" }, isOld);
      await bumpInVain("denied", "apply-statefulset");
      const before = await idOf("denied");
      await drain("denied");
      await isHealed("denied", before);
      await lift();
      await lands("denied");
    },
    SLOW_MS,
  );

  test(
    "as the deletion of the old Pod: its sidecar that starts again is healed, and the Pod is replaced once it may be",
    async () => {
      const lift = await refuse("kept", { resource: "pods", operations: ["DELETE"] });
      await bumpInVain("kept", "observe-image");
      const before = await idOf("kept");
      await restartSidecar(api, podPath(home, "kept-0"));
      await isHealed("kept", before);
      await lift();
      await lands("kept");
    },
    SLOW_MS,
  );

  test(
    "as the Service: both the old Pod and the one of the new template are healed",
    async () => {
      const lift = await refuse("service", { resource: "services" });
      await bumpInVain("service", "apply-service");
      const old = await idOf("service");
      await restartSidecar(api, podPath(home, "service-0"));
      await isHealed("service", old);
      const before = await idOf("service");
      await drain("service");
      await isHealed("service", before);
      await lift();
      await lands("service");
    },
    SLOW_MS,
  );

  test(
    "as a claim beyond a quota: a new node says so, and comes up once it fits",
    async () => {
      const quota = (claims: string) =>
        api.apply({
          apiVersion: "v1",
          kind: "ResourceQuota",
          metadata: { namespace: home, name: "claims" },
          spec: { hard: { persistentvolumeclaims: claims } },
        });
      await quota("3");
      await eventually("the quota to count", async () => {
        const found = await api.get(`/api/v1/namespaces/${home}/resourcequotas/claims`);
        return Object(Object(found?.["status"]).used).persistentvolumeclaims === "3";
      });
      await api.apply(fullNode(home, "fourth"));
      const told = await untilNode(
        api,
        { ...place("fourth"), withinMs: 10_000 },
        (node) => conditionOf(node, "Stalled") === "True/ObjectRefused",
      );
      expect(JSON.stringify(told.status?.conditions)).toMatch(
        /API_REFUSED: claim data-fourth: over quota: .*exceeded quota: claims/,
      );
      await quota("4");
      await untilNode(api, place("fourth"), isAtRest);
      expect(conditionOf(await seiNode(api, home, "fourth"), "Stalled")).toBe("False/NotStalled");
    },
    SLOW_MS,
  );
});
