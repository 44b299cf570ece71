/** The files of `deploy` that are written from the code: what chart and kustomize base have in common with `manifests`. */
import { stringify } from "yaml";
import manifest from "../package.json" with { type: "json" };
import type { JsonObject } from "../src/base/index.ts";
import { allManifests, yamlOf } from "../src/cli/index.ts";
import { builtinDetectors } from "../src/drift/index.ts";
import { executorRules } from "../src/executor/index.ts";
import { dashboardText, installOptions, type InstallOptions, ruleGroups } from "../src/install/index.ts";
import { FURTHER_PARTS, USUAL_PARTS } from "../src/config/index.ts";
import {
  LEASE_NAME,
  leaseRules,
  type NamedRule,
  namespacedRules,
  nodeRules,
  rivalRules,
  seiNodeCrd,
  shardLeaseName,
} from "../src/seinode/crd/index.ts";

const MADE = "# Written by `bun scripts/pages.ts`; a test says when it is stale.\n";
const CHART = "deploy/chart/tidekeeper";
const KUSTOMIZE = "deploy/kustomize";

/** Texts by path from the checkout. */
export function deployFiles(): Readonly<Record<string, string>> {
  const rules = MADE + yamlOf(ruleGroups());
  return {
    "deploy/alerts/tidekeeper.rules.yaml": rules,
    "deploy/dashboards/tidekeeper.json": dashboardText(),
    [`${CHART}/Chart.yaml`]: chartFile(),
    [`${CHART}/templates/_rules.tpl`]: rulesTemplate(),
    [`${CHART}/files/tidekeeper.rules.yaml`]: rules,
    [`${CHART}/files/tidekeeper.json`]: dashboardText(),
    [`${CHART}/files/sei.io_seinodes.yaml`]: MADE + yamlOf(seiNodeCrd()),
    ...kustomizeFiles(),
  };
}

function chartFile(): string {
  return (
    MADE +
    stringify({
      apiVersion: "v2",
      name: "tidekeeper",
      description: manifest.description,
      type: "application",
      version: manifest.version,
      appVersion: manifest.version,
      kubeVersion: ">=1.29.0-0",
      keywords: ["sei", "seinode", "controller"],
    })
  );
}

/** The permissions, as named templates; those for shards are counted out by the template. */
function rulesTemplate(): string {
  const more = [...executorRules, ...builtinDetectors.flatMap((detector) => detector.rbac ?? [])];
  const volumes = nodeRules(more).filter((rule) => !namespacedRules(more).some((one) => same(one, rule)));
  const name = `    - ${LEASE_NAME}\n`;
  const shard = shardLeaseName(0).replace("0", "{{ $shard }}");
  const each = `{{- if gt (int .Values.shards) 1 }}\n{{- range $shard := until (int .Values.shards) }}\n    - ${shard}\n{{- end }}\n{{- end }}\n`;
  return [
    "{{- /* Written by `bun scripts/pages.ts` from src/seinode/crd/rbac.ts; a test says when it is stale. */ -}}\n",
    define("nodes", rulesText(namespacedRules(more))),
    define("volumes", rulesText(volumes)),
    define("rivals", rulesText(rivalRules())),
    define("leases", rulesText(leaseRules()).replace(name, name + each)),
  ].join("");
}

function define(name: string, body: string): string {
  return `\n{{- define "tidekeeper.rules.${name}" -}}\n${body}{{- end -}}\n`;
}

function rulesText(rules: readonly NamedRule[]): string {
  return stringify(rules, { aliasDuplicateObjects: false, lineWidth: 0 });
}

function same(one: NamedRule, other: NamedRule): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function kustomizeFiles(): Readonly<Record<string, string>> {
  const options = installOptions({
    namespace: "tidekeeper-system",
    image: `tidekeeper:${manifest.version}`,
    version: manifest.version,
    managedBy: "kustomize",
  });
  const base = allManifests(options);
  const components = FURTHER_PARTS.map((part) => [part, onlyPart(part, base, options)] as const);
  return {
    [`${KUSTOMIZE}/base/kustomization.yaml`]: kustomization("Kustomization", ["tidekeeper.yaml"]),
    [`${KUSTOMIZE}/base/tidekeeper.yaml`]: MADE + base.map(yamlOf).join("---\n"),
    ...Object.fromEntries(
      components.flatMap(([part, objects]) => [
        [`${KUSTOMIZE}/components/${part}/kustomization.yaml`, kustomization("Component", [`${part}.yaml`])],
        [`${KUSTOMIZE}/components/${part}/${part}.yaml`, MADE + objects.map(yamlOf).join("---\n")],
      ]),
    ),
  };
}

function onlyPart(
  part: (typeof FURTHER_PARTS)[number],
  base: readonly JsonObject[],
  options: InstallOptions,
): readonly JsonObject[] {
  const known = new Set(base.map((object) => JSON.stringify(object)));
  return allManifests({ ...options, parts: [...USUAL_PARTS, part] }).filter(
    (object) => !known.has(JSON.stringify(object)),
  );
}

function kustomization(kind: "Kustomization" | "Component", resources: readonly string[]): string {
  const version = kind === "Kustomization" ? "v1beta1" : "v1alpha1";
  return MADE + stringify({ apiVersion: `kustomize.config.k8s.io/${version}`, kind, resources });
}
