/** Commands from a laptop that are asked badly, or may not ask: what is said, and the exit code. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { anotherUser } from "./harness/another-user.ts";
import { askLaptop } from "./harness/ask-laptop.ts";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, fullNode, seiNodePath } from "./harness/fleet.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 120_000;

describeCluster("asked from a laptop", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let installation: Installation;
  let laptop: Installation;
  let controller: ControllerProcess;
  const ask = (...argv: readonly string[]) => askLaptop(argv, { installation: laptop });

  beforeAll(async () => {
    home = await namespace("asked");
    installation = await install(cluster, home);
    laptop = await anotherUser(cluster, installation, "laptop");
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    controller = await startController({ installation });
    await bringUp(api, { namespace: home, names: ["rpc-0", "rpc-1"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test.each<[string, readonly string[], number, string]>([
    ["an unknown flag", ["drift", "--selectr=a"], 2, "Did you mean --selector?"],
    ["drift of no such node", ["drift", "rpc-9"], 2, "Did you mean rpc-0?"],
    ["explain of no such node", ["explain", "rpc-2"], 1, "Did you mean rpc-0?"],
    ["history of no such node", ["history", "rpc2"], 1, "Did you mean rpc-0?"],
    ["get of no such node", ["get", "rpc2"], 1, "Did you mean rpc-0?"],
    ["another namespace, where nothing is", ["get", "-n", "default"], 0, "no SeiNodes found"],
  ])("%s", async (_title, argv, code, said) => {
    const told = await ask(...argv);
    expect(told.stderr).toContain(said);
    expect(told.code).toBe(code);
  });

  test(
    "no cluster: said at once, with the address",
    async () => {
      const config = takenAs<{ clusters: readonly { cluster: object }[] }>(
        JSON.parse(readFileSync(laptop.kubeconfigPath, "utf8")),
      );
      const clusters = config.clusters.map((one) => ({
        ...one,
        cluster: { ...one.cluster, server: "https://127.0.0.1:9" },
      }));
      const kubeconfigPath = `${laptop.kubeconfigPath}-nowhere`;
      writeFileSync(kubeconfigPath, JSON.stringify({ ...config, clusters }), { mode: 0o600 });
      for (const [argv, code] of [
        [["drift"], 2],
        [["get"], 1],
        [["explain", "rpc-0"], 1],
        [["history", "rpc-0"], 1],
      ] as const) {
        const told = await askLaptop(argv, { installation: { kubeconfigPath } });
        expect(told.stderr, argv.join(" ")).toMatch(
          /^tidekeeper: \w+: list seinodes\.sei\.io: https:\/\/127\.0\.0\.1:9: .*connection refused|connection refused.*https:\/\/127\.0\.0\.1:9/m,
        );
        expect(told.code).toBe(code);
        expect(told.stdout).toBe("");
      }
    },
    SLOW_MS,
  );

  test(
    "no permission: named, with who prints the Role",
    async () => {
      await api.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace: home, name: "nobody" } });
      const reply = await api.request("POST", `/api/v1/namespaces/${home}/serviceaccounts/nobody/token`, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds: 7200 },
      });
      const { token } = takenAs<{ status: { token: string } }>(reply.json).status;
      const config = takenAs<object>(JSON.parse(readFileSync(laptop.kubeconfigPath, "utf8")));
      const kubeconfigPath = `${laptop.kubeconfigPath}-nobody`;
      writeFileSync(kubeconfigPath, JSON.stringify({ ...config, users: [{ name: "tidekeeper", user: { token } }] }), {
        mode: 0o600,
      });
      for (const [argv, code] of [
        [["drift"], 2],
        [["get"], 1],
        [["history", "rpc-0"], 1],
      ] as const) {
        const told = await askLaptop(argv, { installation: { kubeconfigPath } });
        expect(told.stderr, argv.join(" ")).toContain("`tidekeeper doctor` prints the Role");
        expect(told.code).toBe(code);
      }
    },
    SLOW_MS,
  );

  test("names complete, and none of another namespace", () => {
    const offered = (place: string): string => {
      const words = ["__complete", "explain", `--kubeconfig=${laptop.kubeconfigPath}`, "-n", place, "rpc"];
      const program = [process.execPath, new URL("../../src/cli/main.ts", import.meta.url).pathname, ...words];
      return Bun.spawnSync(program, { env: { HOME: "/nowhere" } }).stdout.toString();
    };
    expect(offered(home)).toBe("rpc-0\nrpc-1\n:4\n");
    expect(offered("default")).toBe(":4\n");
  });

  test(
    "get -w goes on, and tells what changes",
    async () => {
      const program = [process.execPath, new URL("../../src/cli/main.ts", import.meta.url).pathname];
      const child = Bun.spawn([...program, "get", "-w", "-n", home, `--kubeconfig=${laptop.kubeconfigPath}`], {
        stdout: "pipe",
        stderr: "pipe",
        stdin: "ignore",
      });
      let text = "";
      const reading = (async () => {
        for await (const chunk of child.stdout) text += new TextDecoder().decode(chunk);
      })();
      await eventually("the first rows", async () => text.includes("rpc-1"));
      await api.patch(seiNodePath(home, "rpc-0"), { spec: { paused: true } });
      await eventually("the pause", async () => /^rpc-0 +False +Paused/m.test(text));
      await api.apply(fullNode(home, "new"));
      await eventually("the new one", async () => /^new /m.test(text));
      child.kill("SIGINT");
      expect(await child.exited).toBe(0);
      await reading;
      expect(text.match(/^NAME/gm)).toHaveLength(1);
    },
    SLOW_MS,
  );

  test(
    "none of them writes",
    async () => {
      const since = audit.offset();
      for (const argv of [["drift"], ["explain", "rpc-1"], ["history", "rpc-1"], ["get"], ["drift", "-o", "yaml"]]) {
        expect((await ask(...argv, "-n", home)).stdout).not.toBe("");
      }
      expect(audit.mutationsSince(since).filter(({ user }) => user.endsWith(":laptop"))).toEqual([]);
    },
    SLOW_MS,
  );
});
