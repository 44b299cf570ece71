/** A door between a controller and the API server that a test can shut in part: refuse, hold up, cut. */
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request as httpsRequest } from "node:https";
import type { Cluster } from "./cluster.ts";
import type { Installation } from "./controller.ts";
import { takenAs } from "./taken-as.ts";

/** The door. Patterns are matched against path and query. */
export interface ApiProxy {
  /** The same installation, through this door. */
  readonly installation: Installation;
  /** New requests that match are answered 403. */
  readonly deny: (path: RegExp) => void;
  /** Bytes of matching replies stand still, those under way too; new requests that match wait. */
  readonly stall: (path: RegExp) => void;
  /** What was asked so far, as `GET /api/v1/…`, oldest first. */
  readonly asked: readonly string[];
  /** The server's clock, as its replies tell it, is so much ahead from now on. */
  readonly setClockAhead: (ms: number) => void;
  /** Ends the connections of matching requests under way. */
  readonly cut: (path: RegExp) => void;
  /** Everything passes again, and what stood still goes on. */
  readonly heal: () => void;
  readonly close: () => void;
}

let nextPort = 17_000;

/** Opens a door of its own for one installation. */
export async function startApiProxy(cluster: Cluster, installation: Installation): Promise<ApiProxy> {
  const certificate = (name: string): Buffer => readFileSync(`${cluster.dir}/certs/${name}`);
  const ca = certificate("ca.crt");
  const asked: string[] = [];
  const underWay = new Map<ServerResponse, string>();
  let denied: RegExp | null = null;
  let stalled: RegExp | null = null;
  let healed = Promise.withResolvers<void>();
  let aheadMs = 0;

  const passage = async (path: string): Promise<void> => {
    while (stalled?.test(path) === true) await healed.promise;
  };

  const forward = async (path: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    await passage(path);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const upstream = httpsRequest(new URL(path, cluster.server), {
      method: incoming.method ?? "GET",
      headers: { ...incoming.headers, host: new URL(cluster.server).host },
      ca,
    });
    upstream.on("response", resolve);
    upstream.on("error", reject);
    // A client that dies while it sends is noticed before anybody awaits the reply.
    promise.catch(() => undefined);
    outgoing.on("close", () => upstream.destroy());
    const body: Buffer[] = [];
    for await (const chunk of incoming) body.push(Buffer.from(chunk));
    upstream.end(Buffer.concat(body));
    const reply = await promise;
    const { connection: _connection, "transfer-encoding": _encoding, ...headers } = reply.headers;
    const date = new Date(Date.parse(reply.headers.date ?? "") + aheadMs).toUTCString();
    outgoing.writeHead(reply.statusCode ?? 502, { ...headers, date });
    outgoing.flushHeaders();
    for await (const chunk of reply) {
      await passage(path);
      outgoing.write(chunk);
    }
    outgoing.end();
  };

  const server = createServer({ cert: certificate("apiserver.crt"), key: certificate("apiserver.key") });
  server.on("request", (incoming, outgoing) => {
    const path = incoming.url ?? "/";
    if (denied?.test(path) === true) {
      const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "Forbidden", code: 403 };
      outgoing.writeHead(403, { "content-type": "application/json" });
      outgoing.end(JSON.stringify(status));
      return;
    }
    asked.push(`${incoming.method ?? "GET"} ${path}`);
    underWay.set(outgoing, path);
    outgoing.on("close", () => underWay.delete(outgoing));
    forward(path, incoming, outgoing).catch(() => outgoing.destroy());
  });
  const port = nextPort++;
  await new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", resolve));

  const config = takenAs<{ clusters: readonly { readonly cluster: object }[] }>(
    JSON.parse(readFileSync(installation.kubeconfigPath, "utf8")),
  );
  const clusters = config.clusters.map((one) => ({
    ...one,
    cluster: { ...one.cluster, server: `https://127.0.0.1:${port}` },
  }));
  const kubeconfigPath = `${installation.kubeconfigPath}-through-${port}`;
  writeFileSync(kubeconfigPath, JSON.stringify({ ...config, clusters }), { mode: 0o600 });
  return {
    installation: { ...installation, kubeconfigPath },
    asked,
    deny: (path) => void (denied = path),
    stall: (path) => void (stalled = path),
    setClockAhead: (ms) => void (aheadMs = ms),
    cut(path) {
      for (const [outgoing, of] of underWay) if (path.test(of)) outgoing.destroy();
    },
    heal() {
      denied = null;
      stalled = null;
      healed.resolve();
      healed = Promise.withResolvers<void>();
    },
    close: () => void server.close(),
  };
}
