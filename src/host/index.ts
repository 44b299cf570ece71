/**
 * The real world: clock, files, programs, listening sockets, the terminal, the process. This room and `http` alone touch
 * globals and `node:*` (test/house/globals.test.ts).
 *
 * Invariants:
 * - the first SIGTERM asks for the end, the second ends (test/host/host.test.ts);
 * - a file or a program is read up to its cap (test/host/read-files.test.ts, test/host/run-program.test.ts).
 */
export { collectorAgent, type CollectorTls } from "./collector-agent.ts";
export { wantsColor } from "./color.ts";
export { giveBackMemory } from "./give-back-memory.ts";
export { guardProcess, host, type Host } from "./host.ts";
export { pluginFiles } from "./import-plugin.ts";
export { listen, type Listener, ListenError } from "./listen.ts";
export { watchLoopLag } from "./loop-lag.ts";
export { certificateEnd, keyFits } from "./pem.ts";
export { processUsage } from "./process-usage.ts";
export { files } from "./read-files.ts";
export { realWorld } from "./real-world.ts";
export { currentVersion, versionText } from "./version.ts";
export type { ExecOutcome, World } from "./world.ts";
