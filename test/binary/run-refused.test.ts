/** What an operator sees of the compiled `run` where it cannot work: one clear line, and `/readyz` that says which. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { install } from "../cluster/harness/controller.ts";
import { describeCluster } from "../cluster/harness/describe-cluster.ts";
import { eventually } from "../cluster/harness/eventually.ts";
import { untilAllowed } from "../cluster/harness/permissions.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";
import { type RootedController, startRooted } from "./harness/rooted-controller.ts";
import { boundToken, FOLDER } from "./harness/service-account.ts";
import { BINARY, cannotRun, smallRoot, type SmallRoot } from "./small-root.ts";

const SLOW_MS = 120_000;
const CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io";

interface Kubeconfig {
  readonly clusters: readonly [{ readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }];
  readonly [field: string]: unknown;
}

/** A kubeconfig whose cluster differs in these fields. */
function withCluster(config: Kubeconfig, change: Readonly<Record<string, unknown>>): { text: string } {
  const [{ name, cluster }] = config.clusters;
  return { text: JSON.stringify({ ...config, clusters: [{ name, cluster: { ...cluster, ...change } }] }) };
}

describe.skipIf(cannotRun !== null)(`run, compiled, refused${cannotRun === null ? "" : ` (${cannotRun})`}`, () => {
  describeCluster("on a real API server", (cluster) => {
    const { api, namespace } = cluster;
    let home = "";
    let root: SmallRoot;
    let controller: RootedController | null = null;
    const start = (kubeconfig: string): RootedController => {
      controller = startRooted(root, {
        flags: [`--kubeconfig=/${kubeconfig}`, `--namespace=${home}`, `--leader-elect-namespace=${home}`],
      });
      return controller;
    };

    beforeAll(async () => {
      home = await namespace("refused");
      const { kubeconfigPath } = await install(cluster, home);
      const config = takenAs<Kubeconfig>(JSON.parse(readFileSync(kubeconfigPath, "utf8")));
      const otherCa = readFileSync(`${cluster.dir}/certs/service-accounts.crt`).toString("base64");
      root = await smallRoot({
        "/tidekeeper": { from: BINARY },
        [`${FOLDER}/token`]: { text: await boundToken(api, home, "token") },
        [`${FOLDER}/ca.crt`]: { from: `${cluster.dir}/certs/service-accounts.crt` },
        [`${FOLDER}/namespace`]: { text: home },
        "/good": { text: JSON.stringify(config) },
        "/away": withCluster(config, { server: "https://127.0.0.1:1" }),
        "/other-ca": withCluster(config, { "certificate-authority-data": otherCa }),
        "/platform.yaml": { text: "storage:\n  sizeDefault: big\n  clasPerf: gp3\n  sizeArchive: [1]\n" },
        "/other-token": { text: JSON.stringify({ ...config, users: [{ name: "tidekeeper", user: { token: "no" } }] }) },
      });
    }, SLOW_MS);
    afterAll(async () => {
      await controller?.stop();
      await root.remove();
    }, SLOW_MS);

    test.each<[string, string, RegExp, RegExp]>([
      [
        "a server that is away",
        "away",
        /connection refused/,
        /connection refused.*"server":"https:\/\/127.0.0.1:1".*Is the API server up/,
      ],
      ["a CA that did not sign the server", "other-ca", /an unknown authority.*Check the CA/, /Check the CA/],
      [
        "a token that is not believed",
        "other-token",
        /got 401 .*Check the credentials/,
        /got 401 Unauthorized, want 200".*Check the credentials/,
      ],
    ])(
      "%s: it stays up, is not ready and says why, in one line for all resources",
      async (_title, kubeconfig, why, said) => {
        const running = start(kubeconfig);
        const line = /^\[-\]cache-seinodes failed: seinodes: not synced: .*$/m;
        await eventually("a reason", async () => {
          const readiness = await running.readiness();
          return readiness?.ok === false && why.test(line.exec(readiness.text)?.[0] ?? "");
        });
        await Bun.sleep(4_000);
        const told = running
          .log()
          .split("\n")
          .filter((line) => line.includes('"A watch failed"'));
        expect(told.length).toBe(1);
        expect(told[0]).toMatch(said);
        expect(told[0]).toMatch(/jobs\.batch, persistentvolumeclaims, pods, seinodes\.sei\.io, services, statefulsets/);
        expect(running.log()).not.toMatch(/^\s+at /m);
        expect((await running.stop()).code).toBe(0);
      },
      SLOW_MS,
    );

    test(
      "a CA file that is replaced while it runs is read anew: it gets ready without a restart",
      async () => {
        const running = startRooted(root, {
          flags: [`--namespace=${home}`],
          env: { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "6443", POD_NAMESPACE: home },
        });
        controller = running;
        await eventually(
          "a reason",
          async () => (await running.readiness())?.text.includes("an unknown authority") ?? false,
        );
        await Bun.write(`${root.path}${FOLDER}/ca.crt`, Bun.file(`${cluster.dir}/certs/ca.crt`));
        await running.untilReady(45_000);
        await running.untilLogged('"Leading"');
        expect((await running.stop()).code).toBe(0);
      },
      SLOW_MS,
    );

    test(
      "without its CRD it stays up and not ready, and works within 30 s of its coming",
      async () => {
        const crd = takenAs<Record<string, unknown>>(await api.get(CRD));
        await api.remove(CRD);
        // All SeiNodes go first, also those of other tests.
        await eventually("the CRD to be gone", async () => (await api.get(CRD)) === null, 60_000);
        const running = start("good");
        await eventually("a reason", async () => (await running.readiness())?.text.includes("got 404") ?? false);
        // Long enough for the waits between two looks to have grown.
        await Bun.sleep(15_000);
        expect((await running.readiness())?.ok).toBe(false);
        const told = running
          .log()
          .split("\n")
          .filter((line) => line.includes('"A watch failed"'));
        expect(told.length).toBe(1);
        expect(told[0]).toContain("The CRD is missing: `tidekeeper manifests | kubectl apply -f -`");
        await api.apply(
          takenAs({
            apiVersion: crd["apiVersion"],
            kind: crd["kind"],
            metadata: { name: "seinodes.sei.io" },
            spec: crd["spec"],
          }),
        );
        await running.untilReady(30_000);
        await running.untilLogged('"Leading"');
        await running.untilLogged('"Watches work again"');
        expect((await running.stop()).code).toBe(0);
      },
      SLOW_MS,
    );

    test(
      "a broken platform file ends it with 2 and a line for each mistake, the environment's among them",
      async () => {
        const running = startRooted(root, {
          flags: ["--kubeconfig=/good", "--platform-config=/platform.yaml"],
          env: { SEI_NODEPOOL_NAME: "no pool" },
        });
        controller = running;
        expect(await running.exited).toBe(2);
        expect(running.log().trimEnd().split("\n")).toEqual([
          'tidekeeper: /platform.yaml:2:16: storage.sizeDefault: got "big", want a size such as 2000Gi',
          "tidekeeper: /platform.yaml:3:3: storage.clasPerf: got an unknown key, want one that docs/platform.md lists. Did you mean storage.classPerf?",
          "tidekeeper: /platform.yaml:4:16: storage.sizeArchive: got a list, want text",
          'tidekeeper: SEI_NODEPOOL_NAME: got "no pool", want a label value',
        ]);
      },
      SLOW_MS,
    );

    test(
      "a missing platform file ends it with 2 where the flag names it, and is told where the reference's variable does",
      async () => {
        const refused = startRooted(root, { flags: ["--kubeconfig=/good", "--platform-config=/none"] });
        controller = refused;
        expect(await refused.exited).toBe(2);
        expect(refused.log()).toBe(
          "tidekeeper: platform config: read /none: got no such file, want one that can be read\n",
        );
        const running = startRooted(root, {
          flags: ["--kubeconfig=/good", `--namespace=${home}`, `--leader-elect-namespace=${home}`],
          env: { SEI_CONTROLLER_CONFIG: "/none" },
        });
        controller = running;
        await running.untilReady();
        expect(running.log()).toContain("/none: no such file, which SEI_CONTROLLER_CONFIG allows");
        expect((await running.stop()).code).toBe(0);
      },
      SLOW_MS,
    );

    test(
      "missing permissions end it with 1 before it leads, a line for each",
      async () => {
        const path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/tidekeeper";
        const role = takenAs<{ rules: readonly { apiGroups: readonly string[] }[] }>(await api.get(path));
        await api.patch(path, { rules: role.rules.filter(({ apiGroups }) => !apiGroups.includes("apps")) });
        const account = { namespace: home, name: "tidekeeper" };
        await untilAllowed(
          api,
          account,
          { verb: "delete", group: "apps", resource: "statefulsets", namespace: home },
          false,
        );
        const running = start("good");
        expect(await running.exited).toBe(1);
        const lines = running
          .log()
          .trimEnd()
          .split("\n")
          .filter((line) => line.startsWith("tidekeeper:"));
        expect(lines).toEqual(
          ["get", "list", "watch", "create", "patch", "delete"].map(
            (verb) =>
              `tidekeeper: permission: ${verb} statefulsets.apps: got a refusal, want it in namespace ${home}. Apply what \`tidekeeper manifests\` prints`,
          ),
        );
        expect(running.log()).not.toContain('"Leading"');
        await api.patch(path, { rules: role.rules });
      },
      SLOW_MS,
    );
  });
});
