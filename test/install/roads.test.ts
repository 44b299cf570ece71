/** Three roads into a cluster, one install: chart, kustomize base and `tidekeeper manifests` come to the same objects. */
import { expect, test } from "bun:test";
import { parseAllDocuments, stringify } from "yaml";
import { allManifests } from "../../src/cli/index.ts";
import type { InstallOptions } from "../../src/install/index.ts";
import manifest from "../../package.json" with { type: "json" };
import { describeTools, output, run, tool } from "./deploy-tools.ts";

const CHART = "deploy/chart/tidekeeper";
const NAMESPACE = "tidekeeper-system";

type Plain = Readonly<Record<string, unknown>>;

/** Objects by kind and name, without what says by which road they came; rules of permissions have no order. */
function byName(objects: readonly unknown[]): Readonly<Record<string, unknown>> {
  const entries = objects.map((object) => {
    const copy: { kind: string; metadata: { name: string; namespace?: string }; rules?: unknown[] } = JSON.parse(
      JSON.stringify(object, (key, value: unknown) => (key === "labels" ? withoutRoad(value) : value)),
    );
    if (copy.rules !== undefined) copy.rules = copy.rules.map(textOf).toSorted();
    return [`${copy.kind} ${copy.metadata.namespace ?? ""}/${copy.metadata.name}`, copy] as const;
  });
  return Object.fromEntries(entries);
}

/** A rule as text, its fields in one order. */
function textOf(rule: unknown): string {
  return JSON.stringify(rule, Object.keys(Object(rule)).toSorted());
}

function withoutRoad(labels: unknown): Plain {
  const { "helm.sh/chart": _chart, "app.kubernetes.io/managed-by": _manager, ...rest } = Object(labels);
  return rest;
}

function documents(text: string): readonly unknown[] {
  return parseAllDocuments(text)
    .map((document): unknown => document.toJS())
    .filter((object) => object !== null);
}

async function rendered(values: Plain, ...flags: readonly string[]): Promise<readonly unknown[]> {
  const argv = [tool("helm"), "template", "tidekeeper", CHART, "-n", NAMESPACE, "--no-hooks", "-f", "-", ...flags];
  return documents(await output(argv, { input: stringify(values) }));
}

function printed(given: Partial<InstallOptions>): readonly unknown[] {
  const base = { namespace: NAMESPACE, image: `tidekeeper:${manifest.version}`, version: manifest.version };
  // Helm makes the namespace itself, with --create-namespace.
  return allManifests({ ...base, ...given }).filter(({ kind }) => kind !== "Namespace");
}

const ALL_PARTS = ["crd", "rbac", "metrics-service", "pod-disruption-budget"] as const;
const MORE_PARTS = ["network-policy", "service-monitor", "pod-monitor", "prometheus-rule", "dashboard"] as const;
const RULE = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };
/** The chart's own annotation on a CRD that is to outlive its release. */
const CRD_GOES = { crds: { keep: false } };

const CASES: readonly (readonly [string, Plain, Partial<InstallOptions>])[] = [
  ["as it comes", {}, {}],
  [
    "another image, three replicas, observing",
    { image: { repository: "registry.example/tk", tag: "9" }, replicas: 3, mode: "observe", logLevel: "debug" },
    { image: "registry.example/tk:9", replicas: 3, mode: "observe", logLevel: "debug" },
  ],
  ["with shards", { shards: 8 }, { shards: 8 }],
  [
    "with arguments, detectors, amounts and a priority",
    {
      args: ["--selector=app=sei", "--probe-interval=20s"],
      detectors: "sidecar-ready=act,image=observe",
      resources: { requests: { cpu: "1", memory: "256Mi" }, limits: { memory: "1Gi" } },
      priorityClassName: "system-cluster-critical",
    },
    {
      args: ["--selector=app=sei", "--probe-interval=20s"],
      detectors: "sidecar-ready=act,image=observe",
      requests: { cpu: "1", memory: "256Mi" },
      limits: { memory: "1Gi" },
      priorityClass: "system-cluster-critical",
    },
  ],
  [
    "with every part",
    {
      networkPolicy: { enabled: true },
      serviceMonitor: { enabled: true },
      podMonitor: { enabled: true },
      prometheusRule: { enabled: true },
      dashboards: { enabled: true },
    },
    { parts: [...ALL_PARTS, ...MORE_PARTS] },
  ],
  [
    "with no part",
    {
      crds: { install: false },
      rbac: { create: false },
      metricsService: { enabled: false },
      podDisruptionBudget: { enabled: false },
    },
    { parts: [] },
  ],
  [
    "for one namespace",
    { rbac: { scope: "namespace" }, watchNamespace: "sei" },
    { scope: "namespace", watchNamespace: "sei" },
  ],
  ["for its own namespace", { rbac: { scope: "namespace" } }, { scope: "namespace" }],
  [
    "with a plugin and what it reads",
    {
      plugins: { "my-drift.ts": "export default { name: 'my-drift', detect: () => null };\n" },
      rbac: { extraRules: [RULE] },
    },
    { plugins: { "my-drift.ts": "export default { name: 'my-drift', detect: () => null };\n" }, rules: [RULE] },
  ],
];

describeTools("one install by three roads", () => {
  test.each(CASES)("the chart renders what manifests prints: %s", async (_title, values, given) => {
    const merged = { ...CRD_GOES, ...values, crds: { keep: false, ...Object(values["crds"]) } };
    expect(byName(await rendered(merged))).toEqual(byName(printed(given)));
  });

  test("the kustomize base is what manifests prints, with its namespace", async () => {
    const base = documents(await output([tool("kubectl"), "kustomize", "deploy/kustomize/base"]));
    const given = { namespace: NAMESPACE, image: `tidekeeper:${manifest.version}`, version: manifest.version };
    expect(byName(base)).toEqual(byName(allManifests(given)));
  });

  test.each(MORE_PARTS)("the component %s brings what --with=%s brings", async (part) => {
    const folder = `deploy/kustomize/components/${part}`;
    const text = await Bun.file(new URL(`../../${folder}/${part}.yaml`, import.meta.url)).text();
    const [usual, more] = [byName(printed({})), byName(printed({ parts: [...ALL_PARTS, part] }))];
    const added = Object.fromEntries(Object.entries(more).filter(([name]) => !Object.hasOwn(usual, name)));
    expect(byName(documents(text))).toEqual(added);
  });

  test("a CRD is kept by the chart unless told otherwise", async () => {
    const crd = (await rendered({})).find((object) => Object(object).kind === "CustomResourceDefinition");
    expect(Object(crd).metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
  });
});

describeTools("the chart", () => {
  test("is well formed", async () => {
    expect(await output([tool("helm"), "lint", "--strict", CHART])).toContain("1 chart(s) linted, 0 chart(s) failed");
  });

  test.each<[string, Plain, string]>([
    ["a value that nobody reads", { replicaCount: 3 }, "replicaCount"],
    ["a mode that is none", { mode: "dry-run" }, "mode"],
    ["no memory to size the heap by", { resources: { requests: { memory: null } } }, "memory"],
    ["an argument that is no flag", { args: ["selector"] }, "args"],
  ])("refuses %s", async (_title, values, why) => {
    const argv = [tool("helm"), "template", "x", CHART, "-f", "-"];
    const { code, stderr } = await run(argv, { input: stringify(values) });
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
  });

  test("takes what only a chart has: names, pull secrets, places, accounts, variables", async () => {
    const objects = await rendered({
      fullnameOverride: "tk",
      image: { digest: `sha256:${"0".repeat(64)}`, pullPolicy: "Always" },
      imagePullSecrets: [{ name: "key" }],
      serviceAccount: { create: false, name: "given" },
      nodeSelector: { pool: "system" },
      tolerations: [{ operator: "Exists" }],
      affinity: { nodeAffinity: {} },
      podAnnotations: { a: "b" },
      podLabels: { c: "d" },
      extraEnv: [{ name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://otel:4318" }],
    });
    const deployment = Object(objects.find((object) => Object(object).kind === "Deployment"));
    const { spec, metadata } = deployment.spec.template;
    expect(objects.some((object) => Object(object).kind === "ServiceAccount")).toBe(false);
    expect(deployment.metadata.name).toBe("tk");
    expect(deployment.spec.selector.matchLabels).toEqual({ "app.kubernetes.io/name": "tk" });
    expect(metadata).toMatchObject({ annotations: { a: "b" }, labels: { c: "d" } });
    expect(spec).toMatchObject({
      serviceAccountName: "given",
      imagePullSecrets: [{ name: "key" }],
      nodeSelector: { pool: "system" },
      tolerations: [{ operator: "Exists" }],
      affinity: { nodeAffinity: {} },
      containers: [{ image: `tidekeeper@sha256:${"0".repeat(64)}`, imagePullPolicy: "Always" }],
    });
    expect(spec.containers[0].env.at(-1)).toEqual({ name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://otel:4318" });
  });
});
