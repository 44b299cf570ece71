/** Pushes a fleet's readiness once and ends. Compiled by the test beside it. */
import { collectorAgent } from "../../src/host/index.ts";
import { createInstruments, type NodeState, readOtlpSettings, startOtlpPush } from "../../src/telemetry/index.ts";

const fleet: NodeState[] = Array.from({ length: 5_000 }, (_none, index) => ({
  namespace: `chain-${index % 7}`,
  name: `node-${index}`,
  phase: "Running",
  sidecar: index % 10 === 0 ? "notReady" : "ready",
  planActive: index % 10 === 0,
}));
const { settings, warnings } = readOtlpSettings(process.env, "9.9.9");
if (settings === null) throw new Error("no endpoint");
const instruments = createInstruments();
const problems: (string | null)[] = [];
const push = await startOtlpPush({
  settings,
  instruments,
  nodes: () => fleet,
  agent: (onReply) => collectorAgent(settings.url, { ca: null, cert: null, key: null }, onReply),
  timers: {
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  },
  onProblem: (problem) => problems.push(problem),
});
instruments.count("driftDetected", { detector: "sidecar-ready" }, 500);
instruments.observe("healTime", 0.2, { detector: "sidecar-ready" });
const started = performance.now();
await push.shutdown();
const shutdownMs = Math.round(performance.now() - started);
console.log(JSON.stringify({ warnings, problems, shutdownMs }));
process.exit(0);
