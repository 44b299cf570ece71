import type { DemoConfig } from "../config/index.ts";
import { readPlatform } from "../seinode/index.ts";
import { createInstruments, createLogger } from "../telemetry/index.ts";
import { wantsColor } from "./color.ts";
import { play } from "./demo/play.ts";
import { scaledTime } from "./demo/scaled-time.ts";
import { createStage } from "./demo/stage.ts";
import { story } from "./demo/story.ts";
import { createTeller } from "./demo/teller.ts";
import { registry } from "./registry.ts";
import type { Shell } from "./shell.ts";
import { realWorld } from "./world/real-world.ts";

/** `tidekeeper demo`: the controller on the simulated cluster. Returns the exit code. */
export async function runDemo(config: DemoConfig, { host, stopping }: Shell): Promise<number> {
  const list = registry([], null);
  // The demo is the same wherever it runs: the platform's environment is for `run`.
  const platform = readPlatform({});
  if (!list.ok || !platform.ok) throw new Error("the built-in configuration is refused");
  const { clock, timers } = scaledTime(realWorld, config.speed);
  const color = wantsColor(host.env, host.isTerminal.stdout);
  const teller = createTeller({ write: (text) => void host.write("stdout", text), color });
  const stage = createStage({
    clock,
    timers,
    random: realWorld.random,
    detectors: list.detectors,
    platform: platform.platform,
    instruments: createInstruments(),
    log: createLogger({ level: "warn", format: "console", sink: (line) => void host.write("stderr", line), clock }),
    stopping,
  });
  teller.opening(config.speed);
  const ok = await play(story, stage, teller);
  if (ok) teller.closing(null);
  await stage.stopController();
  await host.write("stdout", "");
  return ok || stopping.aborted ? 0 : 1;
}
