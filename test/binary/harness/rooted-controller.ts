/** `tidekeeper run` from the small root: PID 1, uid 65532, nothing around it. */
import { eventually } from "../../cluster/harness/eventually.ts";
import type { SmallRoot } from "../small-root.ts";

/** How to start it. Health and metrics are served on 127.0.0.1; the other flags are the caller's. */
export interface RootedOptions {
  readonly flags: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A running one. */
export interface RootedController {
  readonly healthUrl: string;
  readonly metricsUrl: string;
  /** Everything it wrote so far, stdout and stderr. */
  readonly log: () => string;
  /** Code, once it has ended. */
  readonly exited: Promise<number>;
  /** Status and text of `/readyz`; null while nobody answers. */
  readonly readiness: () => Promise<{ readonly ok: boolean; readonly text: string } | null>;
  readonly untilReady: (withinMs?: number) => Promise<void>;
  readonly untilLogged: (text: string, withinMs?: number) => Promise<void>;
  /** Text of `/metrics`. */
  readonly metrics: () => Promise<string>;
  /** Sends SIGTERM to PID 1 of its namespace; code and how long it took. */
  readonly stop: () => Promise<{ readonly code: number; readonly tookMs: number }>;
}

let nextPort = 19_000;

/** Starts it; `stop` must follow. */
export function startRooted(root: SmallRoot, { flags, env = {} }: RootedOptions): RootedController {
  const [health, metrics] = [nextPort++, nextPort++];
  const argv = [
    "/tidekeeper",
    "run",
    `--health-probe-bind-address=127.0.0.1:${health}`,
    `--metrics-bind-address=127.0.0.1:${metrics}`,
    ...flags,
  ];
  const child = root.start(argv, { env });
  let log = "";
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) log += decoder.decode(chunk, { stream: true });
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const exited = child.exited.then(async (code) => {
    await collected;
    return code;
  });
  const metricsUrl = `http://127.0.0.1:${metrics}/metrics`;
  const healthUrl = `http://127.0.0.1:${health}`;
  const readiness = async (): Promise<{ ok: boolean; text: string } | null> => {
    if (child.exitCode !== null) throw new Error(`the controller ended with ${child.exitCode}: ${log}`);
    const reply = await fetch(`${healthUrl}/readyz`).catch(() => null);
    return reply === null ? null : { ok: reply.ok, text: await reply.text() };
  };
  return {
    healthUrl,
    metricsUrl,
    log: () => log,
    exited,
    readiness,
    untilReady: async (withinMs = 20_000) => {
      await eventually("the controller to be ready", async () => (await readiness())?.ok ?? false, withinMs);
    },
    untilLogged: async (text, withinMs = 20_000) => {
      await eventually(`the log to hold ${text}`, async () => log.includes(text), withinMs);
    },
    metrics: async () => (await fetch(metricsUrl)).text(),
    async stop() {
      const startedAt = performance.now();
      const pid = child.exitCode === null ? await firstChildOf(child.pid) : 0;
      // It may have ended by itself meanwhile: 0 would be this test's own group.
      if (pid > 0) process.kill(pid, "SIGTERM");
      return { code: await exited, tookMs: performance.now() - startedAt };
    },
  };
}

/** `unshare --fork` waits for one child: the program, which is PID 1 to itself. */
export async function firstChildOf(pid: number): Promise<number> {
  const children = await Bun.file(`/proc/${pid}/task/${pid}/children`).text();
  return Number(children.trim().split(" ")[0]);
}
