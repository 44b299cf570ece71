/** Three roads into a real cluster: the commands of docs/install.md, a healed drift at the end of each, and a second time nothing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeTools, output, run, tool } from "../install/deploy-tools.ts";
import { textOf } from "../house/sources.ts";
import type { AdminApi, KubeObject } from "./harness/admin-api.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, replacePod } from "./harness/fleet.ts";
import { untilAllowed } from "./harness/permissions.ts";
import { podProgram } from "./harness/play-kubelet.ts";

const SLOW_MS = 120_000;
const NAMESPACE = "tidekeeper-system";
const IMAGE = "registry.example.com/tidekeeper";
const ROOT = new URL("../..", import.meta.url).pathname;

/** The one command of a section of docs/install.md. */
async function commandOf(section: string): Promise<string> {
  const page = await textOf("docs/install.md");
  const part = page.slice(page.indexOf(`## ${section}\n`));
  const [, command] = /```sh\n([^\n]+)\n```/.exec(part) ?? [];
  if (command === undefined) throw new Error(`docs/install.md: ${section}: got no block of one command`);
  return command;
}

/** What a road made, that another would make again. */
const OURS = [
  "/apis/apps/v1/namespaces/tidekeeper-system/deployments/tidekeeper",
  "/api/v1/namespaces/tidekeeper-system/services/tidekeeper-metrics",
  "/api/v1/namespaces/tidekeeper-system/serviceaccounts/tidekeeper",
  "/apis/policy/v1/namespaces/tidekeeper-system/poddisruptionbudgets/tidekeeper",
  "/apis/rbac.authorization.k8s.io/v1/clusterroles/tidekeeper",
  "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/tidekeeper-tidekeeper-system",
  "/apis/rbac.authorization.k8s.io/v1/namespaces/tidekeeper-system/roles/tidekeeper-lease",
  "/apis/rbac.authorization.k8s.io/v1/namespaces/tidekeeper-system/rolebindings/tidekeeper-lease",
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io",
];

describeTools("with helm, kubectl and kubeconform", () => {
  describeCluster("installed by the commands of docs/install.md", (cluster) => {
    const { api, kubeconfigPath } = cluster;
    const folder = mkdtempSync(join(tmpdir(), "tidekeeper-roads-"));
    let home = "";
    const here = (command: string) =>
      command
        .replaceAll("dist/tidekeeper", join(folder, "tidekeeper"))
        .replaceAll("deploy/chart/tidekeeper", join(folder, "chart"));
    const shell = (command: string) =>
      output(["bash", "-euo", "pipefail", "-c", here(command)], {
        env: { KUBECONFIG: kubeconfigPath, HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder },
      });

    beforeAll(async () => {
      await removeInstalls(api);
      home = await cluster.namespace("roads");
      await output(["cp", "-r", "deploy/chart/tidekeeper", join(folder, "chart")]);
      // The test cluster is built from sources that do not know their version, so the chart may not ask for one.
      const chart = join(folder, "chart/Chart.yaml");
      writeFileSync(chart, (await Bun.file(chart).text()).replace(/^kubeVersion:.*\n/m, ""));
      // The program that a clone has without compiling it: the same sources.
      const program = join(folder, "tidekeeper");
      writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${ROOT}src/cli/main.ts" "$@"\n`);
      chmodSync(program, 0o755);
    }, SLOW_MS);
    afterAll(async () => {
      await api.remove(`/api/v1/namespaces/${NAMESPACE}`);
      rmSync(folder, { recursive: true });
    }, SLOW_MS);

    /** Versions of what is there; a Deployment's status is its controller's, so of it the generation counts. */
    const versions = async (): Promise<readonly string[]> =>
      Promise.all(
        OURS.map(async (path) => {
          const object = await api.get(path);
          if (object === null) throw new Error(`${path}: it is not there`);
          const { uid, generation, resourceVersion, labels } = object.metadata;
          return `${path} ${uid} ${generation ?? resourceVersion} ${JSON.stringify(labels)}`;
        }),
      );

    const gone = async (): Promise<void> => {
      await api.remove(`/api/v1/namespaces/${NAMESPACE}`);
      const isGone = async () => (await api.get(`/api/v1/namespaces/${NAMESPACE}`)) === null;
      await eventually("the namespace to go", isGone, 60_000);
    };

    /** As its kubelet would start it; resolves to its end. */
    const startPod = async (name: string) => {
      const account = { namespace: NAMESPACE, name: "tidekeeper" };
      await untilAllowed(api, account, {
        verb: "patch",
        group: "sei.io",
        resource: "seinodes/status",
        namespace: home,
      });
      const lease = { resource: "leases", namespace: NAMESPACE, name: "tidekeeper.sei.io" };
      await untilAllowed(api, account, { verb: "patch", group: "coordination.k8s.io", ...lease });
      const { args, env } = await podProgram(cluster, NAMESPACE, "tidekeeper");
      const own = ["--health-probe-bind-address=127.0.0.1:18881", "--metrics-bind-address=127.0.0.1:18880"];
      const argv = [process.execPath, join(ROOT, "src/cli/main.ts"), ...args, ...own, "--sidecar-transport=direct"];
      const child = Bun.spawn(argv, { env, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
      await eventually("the Pod's program to lead", async () => {
        if (child.exitCode !== null) throw new Error(`${name}: it ended with ${child.exitCode}`);
        const reply = await fetch("http://127.0.0.1:18881/readyz/leader?verbose").catch(() => null);
        return (await reply?.text())?.includes("this one leads") ?? false;
      });
      return async () => {
        child.kill("SIGTERM");
        expect(await child.exited).toBe(0);
      };
    };

    /** One after the other: each is a fresh namespace of the controller, over a fleet that stays. */
    describe.each(["Helm", "Kustomize", "Plain YAML"])("by %s", (section) => {
      test(
        "the command works, and a second time changes nothing",
        async () => {
          const command = await commandOf(section);
          // A CRD that is being established, or a namespace that is new, is a matter of a moment.
          await eventually(
            "the command to be taken",
            async () => (await shell(command).catch(toldAs(section))) !== null,
            30_000,
          );
          const first = await versions();
          await shell(command);
          expect(await versions()).toEqual(first);
          // As a GitOps tool asks: 1 would be a difference.
          if (section !== "Helm") expect(await shell(command.replace("kubectl apply", "kubectl diff"))).toBe("");
        },
        SLOW_MS,
      );

      test(
        "what its Pod runs heals a replaced Pod",
        async () => {
          const stop = await startPod(section);
          try {
            await bringUp(api, { namespace: home, names: ["a"] });
            await replacePod(api, home, "a");
            await shell(`kubectl wait --for=condition=Ready --timeout=10s seinode/a --namespace ${home}`);
          } finally {
            await stop();
          }
        },
        SLOW_MS,
      );

      test(
        "it goes, and the SeiNodes stay",
        async () => {
          if (section === "Helm") await shell("helm uninstall tidekeeper --wait --namespace tidekeeper-system");
          await gone();
          expect(await api.get(`/apis/sei.io/v1alpha1/namespaces/${home}/seinodes/a`)).not.toBeNull();
        },
        SLOW_MS,
      );
    });

    test(
      "for one namespace: a Role there is enough to heal",
      async () => {
        // What the roads before it granted would hide what is missing.
        await removeClusterWide(api);
        const flags = `--scope=namespace --watch-namespace=${home} --without=crd --image=${IMAGE}:0.1.0`;
        await shell(`dist/tidekeeper manifests ${flags} | kubectl apply --server-side -f -`);
        const stop = await startPod("one namespace");
        try {
          await replacePod(api, home, "a");
        } finally {
          await stop();
          await gone();
        }
      },
      SLOW_MS,
    );

    test(
      "the API server's own schemas, and the API server, take what the chart renders with every part",
      async () => {
        const parts = ["networkPolicy", "dashboards"].map((part) => `--set=${part}.enabled=true`);
        const text = await output([
          tool("helm"),
          "template",
          "tidekeeper",
          "deploy/chart/tidekeeper",
          "-n",
          home,
          ...parts,
        ]);
        writeFileSync(join(folder, "rendered.yaml"), text);
        await writeSchemas(folder, api.request);
        const said = await output([
          tool("kubeconform"),
          "-strict",
          "-summary",
          "-schema-location",
          `${folder}/schemas/{{.ResourceKind}}.json`,
          join(folder, "rendered.yaml"),
        ]);
        expect(said).toMatch(/Invalid: 0, Errors: 0, Skipped: 0/);
        const env = { KUBECONFIG: kubeconfigPath };
        const apply = [tool("kubectl"), "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
        expect((await run(apply, { input: text, env })).code).toBe(0);
        // What is wrong is seen: else the schemas would prove nothing.
        const bad = text.replace("terminationGracePeriodSeconds: 20", "terminationGracePeriodSecond: 20");
        expect(bad).not.toBe(text);
        writeFileSync(join(folder, "bad.yaml"), bad);
        const refused = await run([
          tool("kubeconform"),
          "-strict",
          "-schema-location",
          `${folder}/schemas/{{.ResourceKind}}.json`,
          join(folder, "bad.yaml"),
        ]);
        expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining("terminationGracePeriodSecond")]);
      },
      SLOW_MS,
    );
  });
});

/** As in a fresh cluster: other tests may have left the CRD, nodes that nobody lets go, and what is bound cluster-wide. */
async function removeInstalls(api: AdminApi): Promise<void> {
  const crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io";
  const nodes = await api.get<{ items: readonly KubeObject[] }>("/apis/sei.io/v1alpha1/seinodes");
  for (const { metadata } of nodes?.items ?? []) {
    const path = `/apis/sei.io/v1alpha1/namespaces/${metadata.namespace}/seinodes/${metadata.name}`;
    await api.request("PATCH", path, { metadata: { finalizers: null } }, "application/merge-patch+json");
  }
  await api.remove(crd);
  await removeClusterWide(api);
  await eventually("the CRD to go", async () => (await api.get(crd)) === null, 60_000);
}

async function removeClusterWide(api: AdminApi): Promise<void> {
  await api.remove("/apis/rbac.authorization.k8s.io/v1/clusterroles/tidekeeper");
  await api.remove("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/tidekeeper-tidekeeper-system");
}

/** A failure that may pass is null for now; the last one tells why by its own words. */
function toldAs(section: string): (error: unknown) => null {
  return (error) => {
    const text = String(error);
    if (/being terminated|not found|no matches for kind|Conflict|conflict/.test(text)) return null;
    throw new Error(`${section}: ${text}`, { cause: error });
  };
}

type Schema = Record<string, unknown>;

/** JSON schemas by kind, from what the API server serves of itself; unknown fields are refused in them. */
async function writeSchemas(
  folder: string,
  request: (method: string, path: string) => Promise<{ json: unknown }>,
): Promise<void> {
  const groups = [
    "api/v1",
    "apis/apps/v1",
    "apis/policy/v1",
    "apis/networking.k8s.io/v1",
    "apis/rbac.authorization.k8s.io/v1",
    "apis/apiextensions.k8s.io/v1",
  ];
  for (const group of groups) {
    const { json } = await request("GET", `/openapi/v3/${group}`);
    const schemas: Record<string, Schema> = Object(json).components.schemas;
    for (const [name, schema] of Object.entries(schemas)) {
      const kinds: readonly { kind: string }[] = Object(schema["x-kubernetes-group-version-kind"] ?? []);
      const [one, ...others] = [...kinds];
      if (one === undefined || others.length > 0) continue;
      const text = JSON.stringify({ $ref: `#/components/schemas/${name}`, components: { schemas: closed(schemas) } });
      await Bun.write(join(folder, "schemas", `${one.kind.toLowerCase()}.json`), text);
    }
  }
}

function closed(schemas: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      schema["properties"] === undefined ? schema : { ...schema, additionalProperties: false },
    ]),
  );
}
