/** `--plugin` with the compiled `run` on a real API server. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { install } from "../cluster/harness/controller.ts";
import { describeCluster } from "../cluster/harness/describe-cluster.ts";
import {
  bringUp,
  conditionOf,
  isAtRest,
  seiNode,
  seiNodePath,
  untilEvents,
  untilNode,
} from "../cluster/harness/fleet.ts";
import { type RootedController, startRooted } from "./harness/rooted-controller.ts";
import { BINARY, cannotRun, smallRoot, type SmallRoot } from "./small-root.ts";

const SLOW_MS = 120_000;
const detector = (name: string, body: string): { text: string } => ({
  text: `import { defineDetector } from "tidekeeper/plugin";\nexport default defineDetector({ name: "${name}", ${body} });\n`,
});
const PLUGINS = {
  "/reopen-gate.ts": { from: join(import.meta.dir, "../../examples/reopen-gate.ts") },
  "/bad/throwing.ts": detector("throwing", 'detect() { throw new Error("out of cheese"); }'),
  "/bad/silent.ts": detector("silent", "observe: () => new Promise(() => {}), detect: () => null"),
  "/broken.ts": { text: "export default {\n  name: 'x',\n  detect(\n" },
};

describe.skipIf(cannotRun !== null)(`plugins of run, compiled${cannotRun === null ? "" : ` (${cannotRun})`}`, () => {
  describeCluster("on a real API server", (cluster) => {
    const { api, namespace } = cluster;
    let home = "";
    let root: SmallRoot;
    let controller: RootedController | null = null;
    const pod = (name: string): string => `/api/v1/namespaces/${home}/pods/${name}-0`;
    const start = async (...flags: readonly string[]): Promise<RootedController> => {
      await controller?.stop();
      controller = startRooted(root, {
        flags: ["--kubeconfig=/kubeconfig", `--namespace=${home}`, `--leader-elect-namespace=${home}`, ...flags],
      });
      await controller.untilReady();
      return controller;
    };

    beforeAll(async () => {
      home = await namespace("plugins");
      await install(cluster, home);
      const kubeconfig = { text: readFileSync(cluster.kubeconfigPath, "utf8") };
      root = await smallRoot({ "/tidekeeper": { from: BINARY }, "/kubeconfig": kubeconfig, ...PLUGINS });
    }, SLOW_MS);
    afterAll(async () => {
      await controller?.stop();
      await root.remove();
    }, SLOW_MS);

    test(
      "the example opens a gate when the annotation asks for it, and not before",
      async () => {
        await start("--plugin=/reopen-gate.ts", "--detectors=sidecar-ready=observe", "--probe-interval=1s");
        await bringUp(api, { namespace: home, names: ["a"] });
        await api.remove(pod("a"));
        const isShut = { namespace: home, name: "a" };
        await untilNode(api, isShut, (node) => conditionOf(node, "SidecarReady") === "False/NotReady");
        await Bun.sleep(2_500);
        expect((await seiNode(api, home, "a")).status?.plan ?? null).toBeNull();
        expect(conditionOf(await seiNode(api, home, "a"), "SidecarReady")).toBe("False/NotReady");
        await api.patch(seiNodePath(home, "a"), { metadata: { annotations: { "example.com/reopen-gate": "yes" } } });
        const node = await untilNode(api, { namespace: home, name: "a" }, isAtRest);
        const last = node.status?.history?.at(-1);
        expect([last?.detector, last?.reason, last?.outcome]).toEqual(["reopen-gate", "ReopenRequested", "Complete"]);
      },
      SLOW_MS,
    );

    test(
      "those that throw or never answer are told by name, and the node is healed all the same",
      async () => {
        const running = await start("--plugin=/bad", "--probe-interval=1s");
        await bringUp(api, { namespace: home, names: ["b"] });
        const isFailing = { namespace: home, name: "b" };
        await untilNode(api, isFailing, (node) => {
          const found = node.status?.conditions?.find(({ type }) => type === "DetectorFailed");
          return (
            found?.status === "True" &&
            /silent: .*; throwing: .*out of cheese|throwing: .*out of cheese; silent: /.test(found.message)
          );
        });
        await api.remove(pod("b"));
        await untilNode(api, isFailing, (node) => conditionOf(node, "SidecarReady") !== "True/Ready");
        const node = await untilNode(api, isFailing, isAtRest);
        expect(node.status?.history?.at(-1)?.detector).toBe("sidecar-ready");
        await untilEvents(api, { namespace: home, name: "b" }, (reasons) => reasons.includes("DetectorFailed"));
        const text = await running.metrics();
        expect(text).toMatch(/sei_controller_detector_failures_total\{detector="throwing"\} [1-9]/);
        expect(text).toMatch(/sei_controller_detector_failures_total\{detector="silent"\} [1-9]/);
        expect(running.log()).not.toMatch(/^\s+at /m);
      },
      SLOW_MS,
    );

    test(
      "a broken one ends it with 2 and one line, before anything is asked of the API server",
      async () => {
        const broken = startRooted(root, { flags: ["--kubeconfig=/kubeconfig", "--plugin=/broken.ts"] });
        expect(await broken.exited).toBe(2);
        expect(broken.log()).toMatch(/^tidekeeper: plugin \/broken\.ts: line 3: [^\n]+\n$/);
      },
      SLOW_MS,
    );
  });
});
