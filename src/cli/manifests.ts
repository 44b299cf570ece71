/** `tidekeeper manifests`: CRD, RBAC and Deployment as YAML. */
import { stringify } from "yaml";
import type { ManifestsConfig } from "../config/index.ts";
import type { JsonObject } from "../base/index.ts";
import { builtinDetectors } from "../drift/index.ts";
import { executorRules } from "../executor/index.ts";
import { manifests } from "../seinode/crd/index.ts";
import { deploymentManifest, namespaceManifest } from "./deployment.ts";
import type { Shell } from "./shell.ts";

/** Everything `run` needs in a cluster, in the order in which it is to be applied. */
export function allManifests(config: Omit<ManifestsConfig, "command">): readonly JsonObject[] {
  const { namespace, shards } = config;
  const rules = [...executorRules, ...builtinDetectors.flatMap((detector) => detector.rbac ?? [])];
  return [namespaceManifest(namespace), ...manifests({ namespace, rules, shards }), deploymentManifest(config)];
}

/** `tidekeeper manifests`: the same as YAML documents on stdout. Returns the exit code. */
export async function printManifests(config: ManifestsConfig, shell: Pick<Shell, "host">): Promise<number> {
  const documents = allManifests(config).map(yamlOf);
  await shell.host.write("stdout", documents.join("---\n"));
  return 0;
}

/** One manifest as a YAML document. */
export function yamlOf(manifest: JsonObject): string {
  // Aliases are legal YAML, but kubectl's readers differ in how many they follow.
  return stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0 });
}
