/** `tidekeeper manifests`: everything of an install as YAML. */
import { stringify } from "yaml";
import { type ManifestsConfig, USUAL_PARTS } from "../config/index.ts";
import type { JsonObject } from "../base/index.ts";
import { builtinDetectors } from "../drift/index.ts";
import { executorRules } from "../executor/index.ts";
import { currentVersion, realWorld } from "../host/index.ts";
import { type InstallOptions, installObjects, installOptions, LIMITS, REQUESTS } from "../install/index.ts";
import { type PluginTexts, pluginTexts } from "./plugin-texts.ts";
import type { Shell } from "./shell.ts";

/** Everything `run` needs in a cluster, in the order in which it is to be applied; with what tasks and built-in detectors need. */
export function allManifests(
  given: Pick<InstallOptions, "namespace" | "image"> & Partial<InstallOptions>,
): readonly JsonObject[] {
  const builtin = builtinDetectors.flatMap((detector) => detector.rbac ?? []);
  return installObjects(installOptions({ ...given, rules: [...executorRules, ...builtin, ...(given.rules ?? [])] }));
}

/** `tidekeeper manifests`: as YAML documents on stdout. Returns the exit code: 2 where a plugin cannot be taken along. */
export async function printManifests(config: ManifestsConfig, shell: Pick<Shell, "host">): Promise<number> {
  const taken = await pluginTexts(config, realWorld);
  if (!taken.ok) {
    await shell.host.write("stderr", taken.problems.map((problem) => `tidekeeper: ${problem}\n`).join(""));
    return 2;
  }
  const options = optionsOf(config, taken, currentVersion(shell.host.platform).version);
  const documents = installObjects(options).map(yamlOf);
  await shell.host.write("stdout", documents.join("---\n"));
  return 0;
}

function optionsOf(config: ManifestsConfig, { rules, texts }: PluginTexts, version: string): InstallOptions {
  const { namespace, image, replicas, shards, mode, logLevel, scope, watchNamespace, args, priorityClass } = config;
  const detectors = config.detectors?.map((one) => `${one.name}=${one.mode}`).join(",") ?? null;
  return {
    namespace,
    image,
    replicas,
    shards,
    mode,
    logLevel,
    scope,
    watchNamespace,
    args,
    priorityClass,
    // A program that was not built is of no version.
    version: version === "0.0.0" ? "" : version,
    managedBy: "tidekeeper",
    detectors,
    plugins: texts,
    rules: [...executorRules, ...rules],
    requests: { ...REQUESTS, ...config.requests },
    limits: { ...LIMITS, ...config.limits },
    parts: [...USUAL_PARTS.filter((part) => !config.without.includes(part)), ...config.with],
  };
}

/** One manifest as a YAML document. */
export function yamlOf(manifest: JsonObject): string {
  // Aliases are legal YAML, but kubectl's readers differ in how many they follow.
  return stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0 });
}
