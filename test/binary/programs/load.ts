/** Loads plugins the way the real program does; compiled by the test. */
import { host } from "../../../src/cli/world/host.ts";
import { pluginFiles } from "../../../src/cli/world/import-plugin.ts";
import { loadPlugins } from "../../../src/plugin/load.ts";

const timers = {
  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const reply = await loadPlugins(host.argv, [], { ...pluginFiles(), timers });
await host.write(
  "stdout",
  `${JSON.stringify(reply.ok ? reply.plugins.map(({ detector }) => detector.name) : reply.problems)}\n`,
);
host.exit(reply.ok ? 0 : 2);
