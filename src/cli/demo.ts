/** `tidekeeper demo`: the controller on the simulated cluster, and the script that runs on it. */
import type { DemoConfig } from "../config/index.ts";
import type { RegisteredDetector } from "../model/index.ts";
import { readPlatform } from "../seinode/platform/index.ts";
import { createInstruments, createLogger } from "../telemetry/index.ts";
import { currentVersion, ListenError, realWorld, wantsColor } from "../host/index.ts";
import {
  createSetup,
  createNarrator,
  DEADLINE_MS,
  openEndpoints,
  runScript,
  scaledTime,
  script,
} from "../demo/index.ts";
import { loadDetectors } from "../controller/index.ts";
import type { Shell } from "./shell.ts";

/**
 * `tidekeeper demo`: the controller on the simulated cluster. Returns the exit code: 0 the script came out as promised
 * or was stopped, 1 it did not or a port was taken, 2 a plugin cannot be loaded.
 */
export async function runDemo(config: DemoConfig, shell: Shell): Promise<number> {
  const list = await loadDetectors({ plugins: config.plugins, detectors: null }, realWorld.timers);
  if (list.ok) return runDemoScript(config, { shell, detectors: list.detectors });
  await shell.host.write("stderr", list.problems.map((problem) => `tidekeeper: ${problem}\n`).join(""));
  return 2;
}

async function runDemoScript(
  config: DemoConfig,
  { shell, detectors }: { readonly shell: Shell; readonly detectors: readonly RegisteredDetector[] },
): Promise<number> {
  const { host, stopping } = shell;
  // The demo is the same wherever it runs: the platform's environment is for `run`.
  const platform = readPlatform({});
  if (!platform.ok) throw new Error(platform.problems.join("; "));
  const { clock, timers } = scaledTime(realWorld, config.speed);
  // Sped up, the work itself takes more of the cluster's time: a slow machine is no failure.
  const deadlineMs = DEADLINE_MS * Math.max(1, config.speed);
  const instruments = createInstruments();
  const toPeople = (stream: "stdout" | "stderr") => (text: string) => void host.write(stream, text);
  const setup = createSetup({
    clock,
    timers,
    random: realWorld.random,
    detectors,
    platform: platform.platform,
    instruments,
    log: createLogger({ level: "warn", format: "console", sink: toPeople("stderr"), clock }),
    stopping,
  });
  const narrator = createNarrator({
    write: toPeople("stdout"),
    color: wantsColor(host.env, host.isTerminal.stdout),
    isBuilt: currentVersion(host.platform).commit !== "source",
  });
  try {
    const endpoints = config.keep ? openEndpoints(config, { setup, instruments }) : null;
    narrator.opening(config.speed);
    const isGood = await runScript(script, { setup, narrator, deadlineMs });
    if (isGood) narrator.closing(endpoints === null ? null : endpoints.lines);
    if (isGood && endpoints !== null) await stopped(stopping);
    await setup.stopController();
    await endpoints?.close();
    return isGood || stopping.aborted ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    await host.write("stderr", `tidekeeper: ${error.message}\n`);
    return 1;
  } finally {
    // Every line is out before the process ends.
    await host.write("stdout", "");
  }
}

function stopped(stopping: AbortSignal): Promise<void> {
  if (stopping.aborted) return Promise.resolve();
  return new Promise((resolve) => stopping.addEventListener("abort", () => resolve(), { once: true }));
}
