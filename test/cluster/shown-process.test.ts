/** What operators are told of a controller that does not act, or cannot: the blocks of docs/operations.md, made on the real cluster. */
import { afterEach, beforeAll, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { anotherUser } from "./harness/another-user.ts";
import { startApiProxy } from "./harness/api-proxy.ts";
import {
  type ControllerOptions,
  type ControllerProcess,
  install,
  type Installation,
  startController,
} from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, conditionOf, seiNode } from "./harness/fleet.ts";
import { isShown, sinceNow, type Telling, tellingOf, tellingOfProcess } from "./harness/shown.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 180_000;
const CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces";
const REFERENCE = "bc1f5b0a.sei.io";
/** A watch that tells nothing is dead after 50 s. */
const DEAD_MS = 62_000;
const TROUBLE = / (?:WARN|ERROR) /;

describeCluster("what a person is told of a controller", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let installation: Installation;
  const running: ControllerProcess[] = [];
  const start = async (options: Partial<ControllerOptions> = {}): Promise<ControllerProcess> => {
    const controller = await startController({
      installation,
      logFormat: "console",
      ...options,
      flags: ["--probe-interval=1s", ...(options.flags ?? [])],
    });
    running.push(controller);
    return controller;
  };
  const endAll = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((one) => one.kill("SIGKILL")));
    const path = `${LEASES}/${home}/leases/tidekeeper.sei.io`;
    await api.remove(path);
  };
  /** The same kubeconfig but for this. */
  const changed = (
    name: string,
    change: (config: { clusters: unknown[]; users: unknown[] }) => object,
  ): Installation => {
    const config = takenAs<{ clusters: unknown[]; users: unknown[] }>(
      JSON.parse(readFileSync(installation.kubeconfigPath, "utf8")),
    );
    const kubeconfigPath = `${installation.kubeconfigPath}-${name}`;
    writeFileSync(kubeconfigPath, JSON.stringify({ ...config, ...change(config) }), { mode: 0o600 });
    return { ...installation, kubeconfigPath };
  };

  beforeAll(async () => {
    home = await namespace("shown");
    installation = await install(cluster, home);
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await start();
    await bringUp(api, { namespace: home, names: ["a"] });
    await endAll();
  }, SLOW_MS);
  afterEach(endAll, SLOW_MS);

  test(
    "standby",
    async () => {
      const leader = await start({ flags: ["--leader-elect-identity=tidekeeper-0"] });
      await leader.leads();
      const second = await anotherUser(cluster, installation, "second");
      const standby = await start({ installation: second, flags: ["--leader-elect-identity=tidekeeper-1"] });
      await isShown("standby", () =>
        tellingOfProcess(
          { controller: standby, namespace: home },
          { lines: /Standing by/, metrics: /leader_election/ },
        ),
      );
    },
    SLOW_MS,
  );

  test(
    "lost Lease",
    async () => {
      const leader = await start({ flags: ["--leader-elect-identity=tidekeeper-0"] });
      await leader.leads();
      const logged = leader.log().length;
      const spec = { holderIdentity: "tidekeeper-1", renewTime: `${new Date().toISOString().slice(0, -1)}000Z` };
      await api.patch(`${LEASES}/${home}/leases/tidekeeper.sei.io`, { spec });
      await leader.exited;
      await isShown("lost Lease", () =>
        tellingOfProcess({ controller: leader, namespace: home }, { logged, lines: / ERROR |^tidekeeper: / }),
      );
    },
    SLOW_MS,
  );

  test(
    "another manager",
    async () => {
      const path = `${LEASES}/${home}/leases/${REFERENCE}`;
      const over = new AbortController();
      const renew = async (): Promise<void> => {
        while (!over.signal.aborted) {
          await api.apply({
            apiVersion: "coordination.k8s.io/v1",
            kind: "Lease",
            metadata: { namespace: home, name: REFERENCE },
            spec: {
              holderIdentity: "sei-k8s-controller-0",
              leaseDurationSeconds: 15,
              renewTime: `${new Date().toISOString().slice(0, -1)}000Z`,
            },
          });
          await Bun.sleep(1000);
        }
      };
      const renewing = renew();
      const controller = await start();
      await isShown("another manager", () => tellingOfProcess({ controller, namespace: home }, { lines: TROUBLE }));
      over.abort();
      await renewing;
      await api.remove(path);
    },
    SLOW_MS,
  );

  test(
    "observe mode",
    async () => {
      const controller = await start({ flags: ["--mode=observe"] });
      await controller.leads();
      const since = await sinceNow({ api, namespace: home, controller });
      await sidecars.shut({ namespace: home });
      await isShown("observe mode", async () => {
        const { "the log": _warnings, ...rest } = await tellingOf({
          api,
          namespace: home,
          name: "a",
          controller,
          since,
        });
        return { ...rest, ...(await tellingOfProcess({ controller, namespace: home }, { lines: /Drift found/ })) };
      });
      await controller.kill();
      await sidecars.open({ namespace: home });
    },
    SLOW_MS,
  );

  test(
    "a watch that is dead",
    async () => {
      const door = await startApiProxy(cluster, installation);
      const controller = await start({ installation: door.installation });
      await controller.leads();
      const since = await sinceNow({ api, namespace: home, controller });
      door.stall(/persistentvolumeclaims\?.*watch=true/);
      await Bun.sleep(DEAD_MS);
      // Whoever is reconciled tells it.
      await eventually(
        "a reconcile that tells it",
        async () => {
          await sidecars.shut({ namespace: home });
          await Bun.sleep(5000);
          return conditionOf(await seiNode(api, home, "a"), "Ready") === "Unknown/WatchSilent";
        },
        90_000,
      );
      await isShown("a watch that is dead", async () => ({
        ...firstOf(await tellingOf({ api, namespace: home, name: "a", controller, since })),
        ...(await tellingOfProcess(
          { controller, namespace: home },
          { logged: since.logged, lines: /A watch failed/, metrics: /watch_healthy.* 0$|needs_attention\{/ },
        )),
      }));
      door.heal();
      door.close();
    },
    SLOW_MS,
  );

  test(
    "credentials that are refused",
    async () => {
      const refused = changed("refused", () => ({ users: [{ name: "tidekeeper", user: { token: "no" } }] }));
      const controller = await start({ installation: refused, untilReady: false });
      await isShown("credentials that are refused", () =>
        tellingOfProcess({ controller, namespace: home }, { lines: TROUBLE, metrics: /watch_healthy/ }),
      );
    },
    SLOW_MS,
  );

  test(
    "an API server that does not answer",
    async () => {
      const away = changed("away", ({ clusters }) => ({
        clusters: clusters.map((one) => {
          const { cluster: known } = takenAs<{ cluster: object }>(one);
          return { ...takenAs<object>(one), cluster: { ...known, server: "https://127.0.0.1:1" } };
        }),
      }));
      const controller = await start({ installation: away, untilReady: false });
      await eventually("it to count the silence", async () => controller.log().includes("has not answered"), 30_000);
      await isShown("an API server that does not answer", () =>
        tellingOfProcess({ controller, namespace: home }, { lines: TROUBLE, metrics: /apiserver_silence_seconds \d/ }),
      );
    },
    SLOW_MS,
  );

  test(
    "a CRD that is missing",
    async () => {
      for (const { metadata } of await api.list(`/apis/sei.io/v1alpha1/namespaces/${home}/seinodes`)) {
        const path = `/apis/sei.io/v1alpha1/namespaces/${home}/seinodes/${metadata.name}`;
        await api.patch(path, { metadata: { finalizers: null } });
      }
      await api.remove(CRD);
      await eventually("the CRD to be gone", async () => (await api.get(CRD)) === null, 60_000);
      try {
        const controller = await start({ untilReady: false });
        await isShown("a CRD that is missing", () =>
          tellingOfProcess({ controller, namespace: home }, { lines: TROUBLE, metrics: /watch_healthy.* 0$/ }),
        );
      } finally {
        await install(cluster, home);
      }
    },
    SLOW_MS,
  );
});

/** The line of `kubectl get` alone. */
function firstOf(telling: Telling): Telling {
  return Object.fromEntries(Object.entries(telling).slice(0, 1));
}
