/** A second API server on the same etcd, with flags of its own: the running one's command line, changed. */
import { readFileSync } from "node:fs";

/** It runs until it is stopped. */
export interface SecondServer {
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

/** Starts one and returns at once: its first answers are refused connections and excuses. */
export function startSecondServer(dir: string, port: number, flags: readonly string[]): SecondServer {
  const pid = /^(\d+) kube-apiserver$/m.exec(readFileSync(`${dir}/pids`, "utf8"))?.[1] ?? "";
  const running = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  const own = { "--secure-port": String(port), "--audit-log-path": `${dir}/audit-${port}.log` };
  const changed = running.map(
    (word, index) => Object.entries(own).find(([name]) => name === running[index - 1])?.[1] ?? word,
  );
  const child = Bun.spawn([...changed, ...flags], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: Bun.file(`${dir}/logs/kube-apiserver-${port}.log`),
  });
  return {
    origin: `https://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
