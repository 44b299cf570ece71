/** The detectors of a run: the built-in ones and the plugins that were named. */
import * as sdk from "../plugin/index.ts";
import type { DetectorChoice } from "../config/index.ts";
import type { Timers } from "../base/index.ts";
import { builtinDetectors } from "../drift/index.ts";
import { loadPlugins } from "../plugin/loading/index.ts";
import { registry, type RegistryReply } from "./registry.ts";
import { pluginFiles } from "../host/index.ts";

/** The detectors of this run, plugins read from their files; or every reason why not, a line each. */
export async function loadDetectors(
  { plugins, detectors }: { readonly plugins: readonly string[]; readonly detectors: readonly DetectorChoice[] | null },
  timers: Timers,
): Promise<RegistryReply> {
  const taken = builtinDetectors.map(({ name }) => name);
  const loaded = await loadPlugins(plugins, taken, { ...pluginFiles(sdk), timers });
  return loaded.ok ? registry(loaded.plugins, detectors) : loaded;
}
