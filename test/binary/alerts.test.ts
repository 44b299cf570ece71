/** Every alert fires on a real Prometheus over the compiled binary when its cause is there, and ends when it is gone. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ALERT_RULES } from "../../src/install/index.ts";
import { startApiProxy, type ApiProxy } from "../cluster/harness/api-proxy.ts";
import { type ControllerProcess, type Installation, install, startController } from "../cluster/harness/controller.ts";
import { describeCluster } from "../cluster/harness/describe-cluster.ts";
import { eventually } from "../cluster/harness/eventually.ts";
import { bringUp, fullNode } from "../cluster/harness/fleet.ts";
import { type Prometheus, startPrometheus } from "../cluster/harness/prometheus.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";
import { describeTools } from "../install/deploy-tools.ts";
import { BINARY } from "./small-root.ts";

const SLOW_MS = 120_000;
const FIRES_MS = 40_000;
const NAMES = ["shut", "mute", "history", "refused", "e", "f"];
const cannotRun = existsSync(BINARY) ? null : `needs ${BINARY}: npx --yes bun@1.4.5 run compile`;

describe.skipIf(cannotRun !== null)(`alerts${cannotRun === null ? "" : ` (${cannotRun})`}`, () => {
  describeTools("on a real Prometheus", () => {
    describeCluster("over the compiled binary", (cluster) => {
      const { api, sidecars } = cluster;
      const running = new Set<ControllerProcess>();
      const fired = new Set<string>();
      let home = "";
      let prometheus: Prometheus;
      let installation: Installation;
      let door: ApiProxy;
      let main: ControllerProcess;
      let onlooker: ControllerProcess;

      const start = async (
        of: Installation,
        flags: readonly string[],
        untilReady = true,
      ): Promise<ControllerProcess> => {
        const one = await startController({ installation: of, program: [BINARY], flags, untilReady });
        running.add(one);
        prometheus.scrape([...running].map(({ metricsUrl }) => metricsUrl));
        return one;
      };
      const stop = async (one: ControllerProcess): Promise<void> => {
        running.delete(one);
        prometheus.scrape([...running].map(({ metricsUrl }) => metricsUrl));
        await one.kill();
      };
      const fires = async (alert: string, labels: Readonly<Record<string, string>> = {}): Promise<void> => {
        const isIt = (one: Readonly<Record<string, string>>): boolean =>
          Object.entries({ alertname: alert, ...labels }).every(([name, value]) => one[name] === value);
        await eventually(`${alert} to fire`, async () => (await prometheus.firing()).some(isIt), FIRES_MS);
        fired.add(alert);
      };
      const end = async (alerts: readonly string[]): Promise<void> => {
        const still = async () =>
          (await prometheus.firing()).filter(({ alertname = "" }) => alerts.includes(alertname));
        await eventually(
          `the end of ${alerts.join(", ")}`,
          async () => (await still()).length === 0,
          FIRES_MS + 20_000,
        ).catch(async (error: unknown) => {
          throw new Error(`these fire still: ${JSON.stringify(await still())}`, { cause: error });
        });
      };
      /** Node by node: what one was told wins over what all were. */
      const mend = () =>
        sidecars.behave(
          { answer: "sidecar", submitAnswer: "sidecar", listAnswer: "sidecar" },
          { namespace: home, nodes: [...NAMES, "slow"] },
        );
      const node = (name: string) => ({ namespace: home, nodes: [name] });
      /** Holds a Lease in somebody's name, who does not renew it. */
      const hold = (namespace: string, name: string) => {
        const now = new Date().toISOString().replace("Z", "000Z");
        const spec = { holderIdentity: "somebody", leaseDurationSeconds: 15, acquireTime: now, renewTime: now };
        return api.apply({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name }, spec });
      };
      const boom = `${cluster.dir}/boom`;
      const plugin = `${cluster.dir}/boom.ts`;
      const mainFlags = ["--probe-interval=1s", `--plugin=${plugin}`];

      beforeAll(async () => {
        writeFileSync(
          plugin,
          `import { existsSync } from "node:fs";
export default {
  name: "boom",
  detect() {
    if (existsSync(${JSON.stringify(boom)})) throw new Error("boom");
    return null;
  },
};
`,
          { mode: 0o644 },
        );
        home = await cluster.namespace("alerts");
        installation = await install(cluster, home);
        prometheus = await startPrometheus();
        main = await start(installation, mainFlags);
        await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
        await bringUp(api, { namespace: home, names: NAMES });
      }, SLOW_MS);
      afterAll(async () => {
        await mend();
        await Promise.all([...running].map((one) => one.kill("SIGKILL")));
        await prometheus.stop();
        door.close();
        rmSync(boom, { force: true });
      }, SLOW_MS);

      test(
        "while all is well none fires",
        async () => {
          await end(ALERT_RULES.map(({ alert }) => alert));
        },
        SLOW_MS,
      );

      test(
        "nodes: a gate that stays shut, a sidecar that does not answer, one whose tasks tell nothing, one that refuses, an init that hangs",
        async () => {
          const task = { type: "config-apply", status: "completed", submittedAt: "2026-01-01T09:00:00Z" };
          const many = Array.from({ length: 100 }, () => ({ ...task, id: crypto.randomUUID() }));
          await sidecars.behave({ submitAnswer: { status: 500 } }, node("shut"));
          await sidecars.behave({ submitAnswer: { status: 500 } }, node("slow"));
          await sidecars.behave({ answer: { status: 404 } }, node("mute"));
          await sidecars.behave({ listAnswer: { status: 200, body: JSON.stringify(many) } }, node("history"));
          await sidecars.behave({ submitAnswer: { status: 400, body: '{"error":"no"}' } }, node("refused"));
          await sidecars.shut({ namespace: home, nodes: ["shut", "history", "refused"] });
          await api.apply(fullNode(home, "slow"));
          await fires("SeiNodeGateShut", { namespace: home, name: "shut" });
          await fires("SeiNodePlanTooLong", { namespace: home, name: "shut", plan_type: "mark-ready-reapply" });
          await fires("SeiNodeSidecarUnreachable", { namespace: home, name: "mute" });
          await fires("SeiNodeGateHistoryUnknown", { namespace: home, name: "history" });
          await fires("SeiNodeWantsAPerson", { namespace: home, name: "refused", reason: "BackingOff" });
          await fires("SeiNodePlanFailed", { namespace: home, plan_type: "mark-ready-reapply" });
          await fires("SeiNodeInitTooLong", { namespace: home, name: "slow" });
          await mend();
          // Its next try is minutes away by now; somebody opens its gate by hand.
          await sidecars.open(node("refused"));
          await end([
            "SeiNodeGateShut",
            "SeiNodePlanTooLong",
            "SeiNodeSidecarUnreachable",
            "SeiNodeGateHistoryUnknown",
          ]);
          await end(["SeiNodeWantsAPerson", "SeiNodePlanFailed", "SeiNodeInitTooLong"]);
        },
        SLOW_MS,
      );

      test(
        "a fleet whose Pods are replaced and come up slowly, and a plugin that throws",
        async () => {
          writeFileSync(boom, "");
          await sidecars.behave({ startDelayMs: [2_500, 2_500] }, { namespace: home });
          await Promise.all(NAMES.map((name) => api.remove(`/api/v1/namespaces/${home}/pods/${name}-0`)));
          await fires("TidekeeperDetectorFails", { detector: "boom" });
          rmSync(boom);
          await fires("SeiNodeReopenedAgainAndAgain", { namespace: home });
          await fires("SeiNodeHealedTooSlowly");
          await end(["TidekeeperDetectorFails", "SeiNodeReopenedAgainAndAgain", "SeiNodeHealedTooSlowly"]);
        },
        SLOW_MS,
      );

      test(
        "an API server that does not answer, behind a certificate that is not checked",
        async () => {
          door = await startApiProxy(cluster, installation);
          onlooker = await start(unchecked(door.installation), ["--leader-elect=false", "--mode=observe"]);
          await fires("TidekeeperTlsInsecure");
          door.stall(/./);
          door.cut(/./);
          await fires("TidekeeperApiServerSilent");
          await fires("TidekeeperWatchStale");
          door.heal();
          await end(["TidekeeperApiServerSilent", "TidekeeperWatchStale"]);
          await stop(onlooker);
          await end(["TidekeeperTlsInsecure"]);
        },
        SLOW_MS,
      );

      test(
        "nobody there, nobody who leads, a shard that nobody works on",
        async () => {
          await stop(main);
          await fires("TidekeeperDown");
          const space = await cluster.namespace("alerts-shards");
          const shared = await install(cluster, space, 2);
          await Promise.all([hold(home, "tidekeeper.sei.io"), hold(space, "shard-1.tidekeeper.sei.io")]);
          main = await start(installation, mainFlags);
          await end(["TidekeeperDown"]);
          await fires("TidekeeperNobodyLeads");
          await end(["TidekeeperNobodyLeads"]);
          await hold(space, "shard-1.tidekeeper.sei.io");
          await start(shared, ["--shards=2"]);
          await fires("TidekeeperShardUnowned", { shard: "1" });
          await end(["TidekeeperShardUnowned"]);
        },
        SLOW_MS,
      );

      test("that was each of them", async () => {
        expect([...fired].toSorted((one, other) => one.localeCompare(other))).toEqual(
          ALERT_RULES.map(({ alert }) => alert).toSorted((one, other) => one.localeCompare(other)),
        );
      });
    });
  });
});

/** The same way to the API server, its certificate unchecked. */
function unchecked(installation: Installation): Installation {
  const config = takenAs<{ clusters: { name: string; cluster: { server: string } }[] }>(
    JSON.parse(readFileSync(installation.kubeconfigPath, "utf8")),
  );
  const clusters = config.clusters.map(({ name, cluster: { server } }) => ({
    name,
    cluster: { server, "insecure-skip-tls-verify": true },
  }));
  const kubeconfigPath = `${installation.kubeconfigPath}-unchecked`;
  writeFileSync(kubeconfigPath, JSON.stringify({ ...config, clusters }), { mode: 0o600 });
  return { ...installation, kubeconfigPath };
}
