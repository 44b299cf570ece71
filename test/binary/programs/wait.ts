/** Waits for a signal behind the same guard as the real program; compiled by the test. */
import { guardProcess, host } from "../../../src/host/index.ts";

const { promise, resolve } = Promise.withResolvers<string>();
guardProcess({ onStop: resolve, onCrash: (error) => `defect: ${String(error)}\n` });
const timer = setInterval(() => {}, 1_000);
if (host.argv[0] === "crash") void Promise.reject(new Error("nobody caught it"));
await host.write("stdout", `pid ${process.pid}\n`);
await host.write("stdout", `stopped by ${await promise}\n`);
clearInterval(timer);
host.exit(0);
