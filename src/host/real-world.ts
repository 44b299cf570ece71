/** The `World` of a real process, put together from the files of this folder. */
import { createApiTransport, createDirectTransport, timerDelay } from "../http/index.ts";
import { host } from "./host.ts";
import { files } from "./read-files.ts";
import { runProgram } from "./run-program.ts";
import type { World } from "./world.ts";

/** The world as it is. It and its neighbours in this folder alone touch globals and `node:*`. */
export const realWorld: World = {
  ...host,
  clock: { mono: () => performance.now(), wall: () => Date.now() },
  timers: {
    after(ms, run) {
      const timer = setTimeout(run, timerDelay(ms));
      return () => clearTimeout(timer);
    },
  },
  random: {
    u32: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
    uuid4: () => crypto.randomUUID(),
  },
  files,
  exec: runProgram,
  transports: { api: createApiTransport, direct: createDirectTransport },
};
