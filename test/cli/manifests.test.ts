/** `tidekeeper manifests`: what is printed. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { allManifests, printManifests } from "../../src/cli/manifests.ts";
import { readConfig } from "../../src/config/index.ts";

const CONFIG = { namespace: "ops", image: "registry.example/tidekeeper:1", shards: 1 } as const;

async function printed(flags: readonly string[] = []): Promise<string> {
  const read = readConfig(["manifests", "--namespace=ops", `--image=${CONFIG.image}`, ...flags], {});
  if (!read.ok || read.config.command !== "manifests") throw new Error("it does not read");
  let text = "";
  let told = "";
  const host = {
    argv: [],
    env: {},
    program: "tidekeeper",
    platform: "test",
    isTerminal: { stdin: false, stdout: false, stderr: false },
    columns: null,
    async write(stream: "stdout" | "stderr", chunk: string) {
      if (stream === "stdout") text += chunk;
      else told += chunk;
    },
    exit(): never {
      throw new Error("exit");
    },
    giveBackMemory() {},
    collectGarbage() {},
  };
  const code = await printManifests(read.config, { host });
  return code === 0 ? text : `${code}: ${told}`;
}

async function objects(flags: readonly string[]): Promise<readonly Printed[]> {
  return parseAllDocuments(await printed(flags)).map((document) => document.toJS());
}

/** As much of an object as the tests look at. */
interface Printed {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly rules?: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

test("what is printed reads back as what was meant, without aliases", async () => {
  const text = await printed();
  const documents: unknown[] = parseAllDocuments(text).map((document) => document.toJS());
  expect(documents).toEqual([...allManifests(CONFIG)]);
  expect(text).not.toMatch(/: [&*]a\d/);
});

test("the CRD is that of config/crd, word for word", async () => {
  const file = await Bun.file(new URL("../../config/crd/sei.io_seinodes.yaml", import.meta.url)).text();
  const [comment, ...body] = file.split("\n");
  expect(comment).toStartWith("# ");
  expect((await printed()).split("---\n")).toContain(body.join("\n"));
});

test("the namespace comes first and the Deployment last, and all that is namespaced is in it", () => {
  const all = allManifests(CONFIG);
  expect([all.at(0)?.["kind"], all.at(-1)?.["kind"]]).toEqual(["Namespace", "Deployment"]);
  const namespaces = all.map((one) => JSON.parse(JSON.stringify(one)).metadata.namespace ?? "ops");
  expect(new Set(namespaces)).toEqual(new Set(["ops"]));
});

test("the platform file is mounted where it is read, and may be missing", () => {
  const deployment = JSON.parse(JSON.stringify(allManifests(CONFIG).at(-1)));
  const { containers, volumes } = deployment.spec.template.spec;
  expect(volumes).toEqual([{ name: "platform", configMap: { name: "tidekeeper-platform", optional: true } }]);
  expect(containers[0].volumeMounts).toEqual([{ name: "platform", mountPath: "/etc/tidekeeper", readOnly: true }]);
  // By the name that a missing file is no mistake for.
  expect(containers[0].args).toEqual(["run", "--leader-elect-namespace=ops"]);
  expect(containers[0].env).toContainEqual({ name: "SEI_CONTROLLER_CONFIG", value: "/etc/tidekeeper/platform.yaml" });
});

test("the Pod is restricted: no root, no privilege, nothing to write to", () => {
  const deployment = JSON.parse(JSON.stringify(allManifests(CONFIG).at(-1)));
  const { securityContext, containers } = deployment.spec.template.spec;
  expect(securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(containers).toHaveLength(1);
  expect(containers[0].image).toBe(CONFIG.image);
  expect(containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

test("the runtime is told how much memory its Pod asks for, or it would take the machine's for its own", () => {
  const [container] = JSON.parse(JSON.stringify(allManifests(CONFIG))).at(-1).spec.template.spec.containers;
  expect(container.env.find((one: { name: string }) => one.name === "BUN_JSC_forceRAMSize")).toEqual({
    name: "BUN_JSC_forceRAMSize",
    valueFrom: { resourceFieldRef: { resource: "requests.memory" } },
  });
  expect(container.resources.requests.memory).toBe("128Mi");
});

test("with shards the Role names each of their Leases, and the Pods are told how many there are", () => {
  const told = (shards: number) => {
    const all = JSON.parse(JSON.stringify(allManifests({ ...CONFIG, shards })));
    const role = all.find((one: { kind: string }) => one.kind === "Role");
    return [role.rules[0].resourceNames, all.at(-1).spec.template.spec.containers[0].args];
  };
  expect(told(1)).toEqual([["tidekeeper.sei.io"], ["run", "--leader-elect-namespace=ops"]]);
  expect(told(3)).toEqual([
    ["tidekeeper.sei.io", ...[0, 1, 2].map((shard) => `shard-${shard}.tidekeeper.sei.io`)],
    ["run", "--leader-elect-namespace=ops", "--shards=3"],
  ]);
});

describe("flags", () => {
  const deployment = (all: readonly Printed[]) => JSON.parse(JSON.stringify(all.at(-1)));

  test("say how many Pods, what they may take, how urgent they are and what they are told", async () => {
    const { spec } = deployment(
      await objects([
        "--replicas=3",
        "--mode=observe",
        "--log-level=debug",
        "--detectors=sidecar-ready,image=observe",
        "--requests=memory=256Mi",
        "--limits=cpu=2",
        "--priority-class=urgent",
        "--arg=--selector=app=sei",
      ]),
    );
    const [container] = spec.template.spec.containers;
    expect(spec.replicas).toBe(3);
    expect(spec.template.spec.priorityClassName).toBe("urgent");
    expect(container.resources).toEqual({
      requests: { cpu: "100m", memory: "256Mi" },
      limits: { cpu: "2", memory: "512Mi" },
    });
    expect(container.args.slice(2)).toEqual([
      "--mode=observe",
      "--log-level=debug",
      "--detectors=sidecar-ready=act,image=observe",
      "--selector=app=sei",
    ]);
  });

  test("bring further parts, and leave usual ones out", async () => {
    const kinds = (all: readonly Printed[]) => all.map(({ kind }) => kind);
    const usual = kinds(await objects([]));
    expect(usual).toEqual([
      "Namespace",
      "CustomResourceDefinition",
      "ServiceAccount",
      "ClusterRole",
      "ClusterRoleBinding",
      "Role",
      "RoleBinding",
      "Service",
      "PodDisruptionBudget",
      "Deployment",
    ]);
    const more = kinds(await objects(["--with=network-policy,service-monitor,pod-monitor,prometheus-rule,dashboard"]));
    expect(more.filter((kind) => !usual.includes(kind))).toEqual([
      "NetworkPolicy",
      "ServiceMonitor",
      "PodMonitor",
      "PrometheusRule",
      "ConfigMap",
    ]);
    const less = kinds(await objects(["--without=namespace,crd,rbac,metrics-service,pod-disruption-budget"]));
    expect(less).toEqual(["ServiceAccount", "Deployment"]);
  });

  test("a scope of one namespace grants nothing in the cluster", async () => {
    const all = await objects(["--scope=namespace", "--watch-namespace=sei"]);
    expect(all.filter(({ kind }) => kind.startsWith("Cluster"))).toEqual([]);
    const role = all.find(({ kind, metadata }) => kind === "Role" && metadata.namespace === "sei");
    expect(role?.rules?.flatMap(({ resources }) => resources)).toContain("seinodes/status");
    // Of no namespace, so that a Role would only pretend to grant it.
    expect(role?.rules?.flatMap(({ resources }) => resources)).not.toContain("persistentvolumes");
    expect(deployment(all).spec.template.spec.containers[0].args).toContain("--namespace=sei");
    expect(deployment(await objects(["--scope=namespace"])).spec.template.spec.containers[0].args).toContain(
      "--namespace=ops",
    );
  });

  test("every object carries the recommended labels, the CRD alone that of its kin", async () => {
    for (const { kind, metadata } of await objects(["--with=network-policy,dashboard"])) {
      const isShared = kind === "CustomResourceDefinition";
      expect([kind, metadata.labels?.["app.kubernetes.io/part-of"]]).toEqual([kind, "tidekeeper"]);
      expect([kind, metadata.labels?.["app.kubernetes.io/instance"]]).toEqual([
        kind,
        isShared ? undefined : "tidekeeper",
      ]);
    }
  });
});

describe("plugins go along", () => {
  const folder = mkdtempSync(join(tmpdir(), "tidekeeper-manifests-"));
  const file = join(folder, "secrets-drift.ts");
  const text = `export default {
  name: "secrets-drift",
  rbac: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
  detect: () => null,
};
`;
  writeFileSync(file, text);
  afterAll(() => rmSync(folder, { recursive: true }));
  const mayRead = (all: readonly Printed[]): boolean =>
    all.some(
      ({ kind, rules = [] }) => kind === "ClusterRole" && rules.some(({ resources }) => resources.includes("secrets")),
    );

  test("as a ConfigMap that is mounted where they are looked for, with the permissions that they name", async () => {
    const all = await objects([`--plugin=${file}`]);
    expect(all.find(({ kind }) => kind === "ConfigMap")?.data).toEqual({ "secrets-drift.ts": text });
    expect(mayRead(all)).toBe(true);
    expect(JSON.stringify(all.at(-1))).toContain('"--plugin=/etc/tidekeeper-plugins"');
  });

  test("a detector that is off needs no permission", async () => {
    expect(mayRead(await objects([`--plugin=${file}`, "--detectors=secrets-drift=off"]))).toBe(false);
    expect(mayRead(await objects([]))).toBe(false);
  });

  test.each([
    ["a plugin that is not there", ["--plugin=/nowhere.ts"], "got no such file"],
    ["a detector of no plugin", ["--detectors=nobody"], "--detectors: got nobody"],
  ])("%s is refused", async (_title, flags, why) => {
    expect(await printed(flags)).toMatch(new RegExp(`^2: tidekeeper: .*${why}`));
  });

  test("one that needs a file beside it is refused: a ConfigMap has no folders", async () => {
    const needy = join(folder, "needy.ts");
    writeFileSync(join(folder, "one.json"), "1");
    writeFileSync(
      needy,
      `import one from "./one.json";\nexport default { name: "needy", detect: () => (one ? null : null) };\n`,
    );
    expect(await printed([`--plugin=${needy}`])).toContain("got an import of ./one.json, want one file alone");
  });
});
