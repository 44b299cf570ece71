/** Loads plugins the way the real program does; compiled by the test. */
import * as sdk from "../../../src/plugin/index.ts";
import { host, pluginFiles } from "../../../src/host/index.ts";
import { loadPlugins } from "../../../src/plugin/loading/index.ts";

const timers = {
  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const reply = await loadPlugins(host.argv, [], { ...pluginFiles(sdk), timers });
await host.write(
  "stdout",
  `${JSON.stringify(reply.ok ? reply.plugins.map(({ detector }) => detector.name) : reply.problems)}\n`,
);
host.exit(reply.ok ? 0 : 2);
