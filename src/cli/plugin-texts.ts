/** Plugins that go into a cluster with the controller: their texts, and what they and the built-in detectors read. */
import type { ManifestsConfig } from "../config/index.ts";
import { registry } from "../controller/index.ts";
import { builtinDetectors } from "../drift/index.ts";
import { pluginFiles, type World } from "../host/index.ts";
import type { RbacRule } from "../model/index.ts";
import * as sdk from "../plugin/index.ts";
import { loadPlugins, type Plugin } from "../plugin/loading/index.ts";

/** Texts by file name, and the rules of every detector that is not off. */
export interface PluginTexts {
  readonly texts: Readonly<Record<string, string>>;
  readonly rules: readonly RbacRule[];
}

/** Those, or every reason why not, a line each. */
export type PluginTextsReply =
  | ({ readonly ok: true } & PluginTexts)
  | { readonly ok: false; readonly problems: readonly string[] };

/** Loads the plugins as `run` would, and reads them. */
export async function pluginTexts(
  { plugins: paths, detectors }: Pick<ManifestsConfig, "plugins" | "detectors">,
  world: Pick<World, "files" | "timers">,
): Promise<PluginTextsReply> {
  const taken = builtinDetectors.map(({ name }) => name);
  const loaded = await loadPlugins(paths, taken, { ...pluginFiles(sdk), timers: world.timers });
  if (!loaded.ok) return loaded;
  const known = registry(loaded.plugins, detectors);
  if (!known.ok) return known;
  const texts: Record<string, string> = {};
  const problems: string[] = [];
  for (const { file } of loaded.plugins) {
    const read = await world.files.readText(file);
    const name = file.slice(file.lastIndexOf("/") + 1);
    const problem = read.ok ? whyNot(name, read.text, texts) : read.message;
    if (problem !== null) problems.push(`plugin ${file}: ${problem}`);
    if (read.ok) texts[name] = read.text;
  }
  const isOff = new Set((detectors ?? []).filter(({ mode }) => mode === "off").map(({ name }) => name));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, texts, rules: rulesOf(loaded.plugins, isOff) };
}

/** A ConfigMap is a flat folder. */
function whyNot(name: string, text: string, texts: Readonly<Record<string, string>>): string | null {
  if (Object.hasOwn(texts, name))
    return `got a second file named ${name}, want each name once: they go into one ConfigMap`;
  const [, own] = /\bfrom\s*["'](\.[^"']*)["']/.exec(text) ?? [];
  return own === undefined ? null : `got an import of ${own}, want one file alone: a ConfigMap has no folders`;
}

function rulesOf(plugins: readonly Plugin[], isOff: ReadonlySet<string>): readonly RbacRule[] {
  const detectors = [...builtinDetectors, ...plugins.map(({ detector }) => detector)];
  return detectors.filter(({ name }) => !isOff.has(name)).flatMap(({ rbac }) => rbac ?? []);
}
