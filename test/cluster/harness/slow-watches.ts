/** A man in the middle with the API server's own key: watches come late, everything else passes at once. */
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as httpsRequest } from "node:https";
import type { Installation } from "./controller.ts";
import { takenAs } from "./taken-as.ts";

/** What stands between. */
export interface SlowWatches {
  /** The same permissions, by way of the man in the middle. */
  readonly installation: Installation;
  /** From now on each piece of a watch is held this long. */
  readonly setDelayMs: (ms: number) => void;
  readonly stop: () => void;
}

/** Opens it for an installation whose kubeconfig holds a bearer token. */
export async function slowWatches(
  dir: string,
  server: string,
  { namespace, kubeconfigPath }: Installation,
): Promise<SlowWatches> {
  const read = (name: string): string => readFileSync(`${dir}/certs/${name}`, "utf8");
  const to = new URL(server);
  const agent = new Agent({ keepAlive: true, ca: read("ca.crt") });
  let delayMs = 0;
  const pass = (near: IncomingMessage, reply: ServerResponse): void => {
    const isWatch = (near.url ?? "").includes("watch=true");
    const { method, url, headers } = near;
    const far = httpsRequest({ agent, host: to.hostname, port: to.port, method, path: url, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 0, answer.headers);
      // One delay for all keeps the order.
      const held = (run: () => void): void => void (isWatch && delayMs > 0 ? setTimeout(run, delayMs) : run());
      answer.on("data", (bytes) => held(() => reply.write(bytes)));
      answer.on("end", () => held(() => reply.end()));
      answer.on("error", () => reply.destroy());
    });
    far.on("error", () => reply.destroy());
    reply.on("close", () => far.destroy());
    near.pipe(far);
  };
  const listener = createServer({ cert: read("apiserver.crt"), key: read("apiserver.key") }, pass);
  await new Promise<void>((resolve) => void listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const path = `${kubeconfigPath}-slow`;
  const config = takenAs<{ clusters: { name: string; cluster: object }[] }>(
    JSON.parse(readFileSync(kubeconfigPath, "utf8")),
  );
  const clusters = config.clusters.map((one) => ({
    ...one,
    cluster: { ...one.cluster, server: `https://127.0.0.1:${port}` },
  }));
  writeFileSync(path, JSON.stringify({ ...config, clusters }), { mode: 0o600 });
  return {
    installation: { namespace, kubeconfigPath: path },
    setDelayMs: (ms) => void (delayMs = ms),
    stop: () => {
      listener.closeAllConnections();
      listener.close();
      agent.destroy();
    },
  };
}
