/**
 * What a program sees of the world around it, through everything of the C library that the runtime uses: a line of JSON.
 * Run as it is and static by the test, which compares.
 */
import { dns, spawnSync } from "bun";
import { readdirSync, realpathSync, writeFileSync } from "node:fs";
import { lookup, resolve4 } from "node:dns/promises";
import os from "node:os";
import { Worker } from "node:worker_threads";

interface Asked {
  readonly names: readonly string[];
  readonly webPort: string;
  readonly tlsUrl: string;
  readonly ca: string;
}

const asked: Asked = JSON.parse(process.env["ASKED"] ?? "{}");

async function told(ask: () => unknown): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    return error instanceof Error
      ? Object.assign({}, error, { name: error.name, message: error.message })
      : String(error);
  }
}

async function resolved(): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const name of asked.names) {
    found[`getaddrinfo ${name}`] = await told(() => dns.lookup(name, { backend: "libc", family: 4 }));
    found[`c-ares ${name}`] = await told(async () => (await resolve4(name)).toSorted());
    found[`node ${name}`] = await told(() => lookup(name, { all: true, family: 4 }));
  }
  found["fetch"] = await told(async () => (await fetch(`http://${asked.names[0]}:${asked.webPort}/`)).text());
  return found;
}

async function overTls(): Promise<unknown> {
  const plain = await told(async () => (await fetch(asked.tlsUrl)).text());
  const trusted = await told(async () => (await fetch(asked.tlsUrl, { tls: { ca: asked.ca } })).text());
  return { plain, trusted };
}

/** A worker has a thread, and so a block of thread variables, of its own. */
function inWorker(): Promise<unknown> {
  const seen = `[21 * 2, process.env["TZ"], String(new Date(86400000)), Math.hypot(3, 4)]`;
  const worker = new Worker(`require("node:worker_threads").parentPort.postMessage(${seen})`, { eval: true });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  worker.on("message", (data) => {
    void worker.terminate();
    resolve(data);
  });
  return promise;
}

function children(): readonly unknown[] {
  // The root has no /dev/null to be read from.
  const options = { stdin: "inherit", env: { GIVEN: "by the parent" } } as const;
  const own = spawnSync([process.execPath, "child", "some words"], options);
  const missing = (): unknown => spawnSync(["/no/such/program"], { stdin: "inherit" }).exitCode;
  return [own.exitCode, own.stdout.toString(), own.stderr.toString(), told(missing)];
}

/** (module (func (export "f") (param i32 i32) (result i32) local.get 0 local.get 1 i32.mul)) */
const MULTIPLY = "0061736d0100000001070160027f7f017f03020100070501016600000a09010700200020016c0b";

async function webAssembly(): Promise<unknown> {
  const { instance } = await WebAssembly.instantiate(Uint8Array.fromHex(MULTIPLY));
  const f = instance.exports["f"];
  return typeof f === "function" ? f(6, 7) : null;
}

function dates(): unknown {
  const summer = new Date(Date.UTC(2026, 6, 1, 12));
  const winter = new Date(Date.UTC(2026, 0, 1, 12));
  const zones = ["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"];
  return {
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    offsets: [summer.getTimezoneOffset(), winter.getTimezoneOffset()],
    texts: [String(summer), String(winter)],
    others: zones.map((timeZone) => summer.toLocaleString("de-DE", { timeZone })),
    number: (1_234_567.891).toLocaleString("de-DE"),
  };
}

function depth(): number {
  let calls = 0;
  const deeper = (): void => {
    calls++;
    deeper();
  };
  try {
    deeper();
  } catch {
    return calls;
  }
  return 0;
}

async function all(): Promise<unknown> {
  const numbers = [0.1, 0.7, 1.5, 12.25, 1e-9, 123_456.789];
  const functions = [
    "acosh",
    "asinh",
    "atan",
    "cbrt",
    "cos",
    "cosh",
    "exp",
    "expm1",
    "log",
    "log10",
    "sin",
    "tan",
    "tanh",
  ] as const;
  const status = await told(async () =>
    (await Bun.file("/proc/self/status").text()).match(/^(?:Uid|Gid|CapEff|CapPrm|NoNewPrivs|Seccomp):.*$/gm),
  );
  return {
    confined: status,
    resolved: await resolved(),
    tls: await overTls(),
    worker: await inWorker(),
    children: await Promise.all(children()),
    wasm: await webAssembly(),
    dates: dates(),
    math: functions.map((name) => numbers.map((x) => Math[name](x))),
    powers: numbers.map((x) => [Math.pow(x, 1.3), Math.atan2(x, 2), Math.hypot(x, 3)]),
    user: await told(() => os.userInfo()),
    machine: [
      os.hostname(),
      os.arch(),
      os.cpus().length,
      Object.keys(os.networkInterfaces()),
      os.homedir(),
      os.tmpdir(),
    ],
    files: await Promise.all([
      told(() => readdirSync("/").toSorted()),
      told(() => realpathSync("/etc/../etc/hosts")),
      told(() => writeFileSync("/written", "")),
      told(() => readdirSync("/none")),
    ]),
    // The stack's size decides: it comes from /proc, or from the fallback.
    isDeep: depth() > 5_000,
    argv: process.argv.slice(2),
  };
}

if (process.argv[2] === "addon") {
  process.stdout.write(JSON.stringify(await told(() => process.dlopen({ exports: {} }, "/addon.node"))));
} else if (process.argv[2] === "child") {
  process.stderr.write("to stderr");
  process.stdout.write(
    JSON.stringify([process.argv.slice(3), process.env["GIVEN"], process.cwd(), process.getuid?.()]),
  );
  process.exitCode = 7;
} else {
  process.stdout.write(`${JSON.stringify(await all())}\n`);
  process.exit(0);
}
