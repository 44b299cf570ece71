/** The compiled `run` on a real API server, from a root with nothing else. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { install } from "../cluster/harness/controller.ts";
import { describeCluster } from "../cluster/harness/describe-cluster.ts";
import { eventually } from "../cluster/harness/eventually.ts";
import { bringUp, replacePod } from "../cluster/harness/fleet.ts";
import type { AdminApi } from "../cluster/harness/admin-api.ts";
import { BINARY, cannotRun, smallRoot, type SmallRoot } from "./small-root.ts";
import { type RootedController, startRooted } from "./harness/rooted-controller.ts";
import { boundToken, FOLDER, refusals } from "./harness/service-account.ts";

const SLOW_MS = 120_000;

async function holderOf(api: AdminApi, namespace: string): Promise<string | null> {
  const lease = await api.get<{ spec?: { holderIdentity?: string } }>(
    `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/tidekeeper.sei.io`,
  );
  return lease?.spec?.holderIdentity ?? null;
}

describe.skipIf(cannotRun !== null)(`run, compiled${cannotRun === null ? "" : ` (${cannotRun})`}`, () => {
  describeCluster("with a kubeconfig, as on a laptop", (cluster) => {
    const { api, namespace } = cluster;
    let home = "";
    let root: SmallRoot;
    let controller: RootedController;

    beforeAll(async () => {
      home = await namespace("laptop");
      await install(cluster, home);
      // The administrator's: a private CA and a client certificate.
      const kubeconfig = { text: readFileSync(cluster.kubeconfigPath, "utf8") };
      root = await smallRoot({ "/tidekeeper": { from: BINARY }, "/kubeconfig": kubeconfig });
      controller = startRooted(root, {
        flags: ["--kubeconfig=/kubeconfig", `--namespace=${home}`, `--leader-elect-namespace=${home}`],
      });
      await controller.untilReady();
      await bringUp(api, { namespace: home, names: ["a"] });
    }, SLOW_MS);
    afterAll(async () => {
      await controller.stop();
      await root.remove();
    }, SLOW_MS);

    test(
      "a replaced Pod is healed through the API server's proxy",
      async () => {
        await replacePod(api, home, "a");
        const life = (await cluster.sidecars.lives({ namespace: home })).at(-1);
        expect(life?.submissions.map(({ type, status }) => [type, status])).toEqual([["mark-ready", 201]]);
        expect(controller.log()).not.toContain('"level":"error"');
      },
      SLOW_MS,
    );

    test("every metric of the catalogue appears, but those whose occasion has not come", async () => {
      const { catalogue } = await import("../../src/telemetry/index.ts");
      const text = await eventually("the loop lag to be measured", async () => {
        const scraped = await controller.metrics();
        return scraped.includes("tidekeeper_event_loop_lag_seconds") ? scraped : null;
      });
      const absent = Object.values(catalogue)
        .map(({ prometheus }) => prometheus)
        .filter((name) => !text.split("\n").some((line) => line.startsWith(name)));
      expect(absent.toSorted()).toEqual([
        "sei_controller_detector_failures_total",
        "sei_controller_seinode_sidecar_unknown",
        "tidekeeper_seinode_gate_history_unknown",
        "tidekeeper_seinode_needs_attention",
        "tidekeeper_seinode_plan_active",
        // Replicas that share nodes: this one is alone.
        "tidekeeper_shard_owned",
        "tidekeeper_shard_replicas",
        "tidekeeper_shards",
        "tidekeeper_watch_restarts_total",
      ]);
    });

    test(
      "SIGTERM ends PID 1 with 0 in time, and the Lease is given back",
      async () => {
        expect(await holderOf(api, home)).not.toBe("");
        const { code, tookMs } = await controller.stop();
        expect(code).toBe(0);
        expect(tookMs).toBeLessThan(20_000);
        expect((await holderOf(api, home)) ?? "").toBe("");
      },
      SLOW_MS,
    );
  });

  describeCluster("in a cluster, with exactly the printed permissions", (cluster) => {
    const { api, namespace } = cluster;
    let home = "";
    let root: SmallRoot;
    let controller: RootedController;
    const rotate = async (token: string): Promise<void> => {
      await Bun.write(`${root.path}${FOLDER}/token`, token);
    };

    beforeAll(async () => {
      home = await namespace("pod");
      await install(cluster, home);
      root = await smallRoot({
        "/tidekeeper": { from: BINARY },
        [`${FOLDER}/token`]: { text: await boundToken(api, home, "first") },
        [`${FOLDER}/ca.crt`]: { text: readFileSync(`${cluster.dir}/certs/ca.crt`, "utf8") },
        [`${FOLDER}/namespace`]: { text: home },
      });
      controller = startRooted(root, {
        flags: [`--namespace=${home}`],
        env: {
          KUBERNETES_SERVICE_HOST: "127.0.0.1",
          KUBERNETES_SERVICE_PORT: "6443",
          POD_NAME: "tidekeeper-0",
          POD_UID: "uid-0",
          POD_NAMESPACE: home,
        },
      });
      await controller.untilReady();
      await bringUp(api, { namespace: home, names: ["a"] });
    }, SLOW_MS);
    afterAll(async () => {
      await controller.stop();
      await root.remove();
    }, SLOW_MS);

    test(
      "a replaced Pod is healed, its sidecar being reached directly",
      async () => {
        expect(await holderOf(api, home)).toBe("tidekeeper-0_uid-0");
        await replacePod(api, home, "a");
        const life = (await cluster.sidecars.lives({ namespace: home })).at(-1);
        expect(life?.submissions.map(({ type, status }) => [type, status])).toEqual([["mark-ready", 201]]);
      },
      SLOW_MS,
    );

    test(
      "a rotated token costs at most one refused request, and healing goes on",
      async () => {
        await rotate(await boundToken(api, home, "second"));
        const before = await refusals(api);
        await api.remove(`/api/v1/namespaces/${home}/secrets/first`);
        // The API server believes a token it has seen for some 10 s more.
        await Bun.sleep(15_000);
        await replacePod(api, home, "a");
        expect((await refusals(api)) - before).toBe(1);
        expect(await holderOf(api, home)).toBe("tidekeeper-0_uid-0");
      },
      SLOW_MS,
    );

    test(
      "a token that is no good for a while is lived through",
      async () => {
        const third = await boundToken(api, home, "third");
        await rotate("no token at all");
        await api.remove(`/api/v1/namespaces/${home}/secrets/second`);
        await controller.untilLogged("The Lease could not be renewed", 40_000);
        await rotate(third);
        await replacePod(api, home, "a");
        expect(await holderOf(api, home)).toBe("tidekeeper-0_uid-0");
      },
      SLOW_MS,
    );

    test(
      "SIGTERM ends PID 1 with 0 in time, and the Lease is given back",
      async () => {
        const { code, tookMs } = await controller.stop();
        expect(code).toBe(0);
        expect(tookMs).toBeLessThan(20_000);
        expect((await holderOf(api, home)) ?? "").toBe("");
      },
      SLOW_MS,
    );
  });
});
