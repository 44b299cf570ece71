/** What docs/laptop.md shows is what the commands print, on the real cluster. */
import { afterAll, beforeAll, test } from "bun:test";
import { anotherUser } from "./harness/another-user.ts";
import { askLaptop } from "./harness/ask-laptop.ts";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { bringUp, conditionOf, seiNodePath, untilNode } from "./harness/fleet.ts";
import { mayReadPlatform } from "./harness/may-read-platform.ts";
import { type Pod, podPath } from "./harness/pods.ts";
import { isShown, plain, type Telling } from "./harness/shown.ts";

const SLOW_MS = 120_000;
const PAGE = "docs/laptop.md";

describeCluster("docs/laptop.md", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  let laptop: Installation;

  const told = async (...argv: readonly string[]): Promise<Telling> => {
    const { stdout } = await askLaptop([...argv, "-n", home], { installation: laptop });
    const lines = stdout.split("\n").map((line) =>
      line
        .replace(/^\d+[smhd](?:\d+[smh])?(?=\s)/, (age) => "5s".padEnd(age.length))
        .replaceAll(/\b\d+(?:\.\d+)?[smhd](?:\d+[smh])?(?=\s|\)|,|$)/g, "5s")
        .replaceAll(/\b[0-9a-f]{12}\b/g, "fce19899040d")
        .replaceAll(/\d+\.\d+ s (?:ahead of|behind)/g, "0.2 s ahead of")
        .replaceAll(/Kubernetes v[^,]+,/g, "Kubernetes v1.37.2,")
        .trimEnd(),
    );
    return plain({ namespace: home }, { [`tidekeeper ${argv.join(" ")} -n sei`]: lines });
  };

  beforeAll(async () => {
    home = await namespace("page");
    const installation = await install(cluster, home);
    laptop = await anotherUser(cluster, installation, "laptop");
    await mayReadPlatform(cluster, home, "laptop");
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    const healing = await startController({ installation });
    await bringUp(api, { namespace: home, names: ["rpc-0", "rpc-1", "rpc-2", "val-0"] });
    await healing.kill();
    controller = await startController({
      installation,
      flags: ["--mode=observe", "--probe-interval=1s", "--leader-elect-identity=tidekeeper-0"],
    });
    await controller.leads();
    await sidecars.shut({ namespace: home, nodes: ["rpc-1"] });
    await api.patch(seiNodePath(home, "rpc-2"), { spec: { image: "sei:2" } });
    const pod = await api.get<Pod>(podPath(home, "val-0-0"));
    const body = JSON.stringify({ id: crypto.randomUUID(), type: "mark-not-ready" });
    await fetch(`http://${pod?.status.podIP}:7777/v0/tasks`, { method: "POST", body });
    const isTold = (name: string, type: string, reason: string) =>
      untilNode(api, { namespace: home, name }, (node) => conditionOf(node, type).endsWith(`/${reason}`));
    await isTold("rpc-1", "Drift", "SidecarNotReady");
    await isTold("rpc-2", "Drift", "ImageChanged");
    await isTold("val-0", "Ready", "GateShutOnPurpose");
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test.each<[string, readonly string[]]>([
    ["drift", ["drift"]],
    ["explain", ["explain", "val-0"]],
    ["history", ["history", "rpc-0"]],
    ["get", ["get"]],
    ["doctor", ["doctor"]],
  ])(
    "%s",
    async (name, argv) => {
      await isShown(name, () => told(...argv), PAGE);
    },
    SLOW_MS,
  );
});
