/** A door to the API server that can stop one request, before it goes in or after it was carried out. */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, request as httpsRequest } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Cluster } from "./cluster.ts";
import type { Installation } from "./controller.ts";
import { takenAs } from "./taken-as.ts";

/** A request on its way. */
export interface PassingRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly body: string;
}

/** `before` = the API server never hears of it; `after` = it is carried out, and its reply is never heard. */
export type HoldPoint = "before" | "after";

/** The door. One hold at a time. */
export interface HoldProxy {
  /** The installation as seen through this door. */
  readonly installation: Installation;
  /** Stops the next request that `isIt` knows, for ever or until `go`; resolves when it stands there. */
  readonly hold: (point: HoldPoint, isIt: (request: PassingRequest) => boolean) => Promise<void>;
  /** Lets what was stopped last go on: to the API server, or its reply back. */
  readonly go: () => void;
  /** Holds nothing from now on. */
  readonly release: () => void;
  readonly close: () => void;
}

interface Hold {
  readonly point: HoldPoint;
  readonly isIt: (request: PassingRequest) => boolean;
  readonly reached: () => void;
  readonly gone: Promise<void>;
}

/** Opens the door: TLS ends here, in the name of the API server; the bearer token goes through. */
export async function holdProxy(cluster: Cluster, installation: Installation): Promise<HoldProxy> {
  const file = (name: string): string => readFileSync(`${cluster.dir}/certs/${name}`, "utf8");
  let wanted: Hold | null = null;
  let letGo = (): void => undefined;
  /** The hold this request is stopped by, at most one a hold. */
  const taken = (request: PassingRequest): Hold | null => {
    if (wanted === null || !wanted.isIt(request)) return null;
    const hold = wanted;
    wanted = null;
    return hold;
  };
  const serve = async (incoming: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(takenAs<Uint8Array>(chunk)));
    const body = Buffer.concat(chunks);
    const url = incoming.url ?? "/";
    const method = incoming.method ?? "GET";
    const hold = taken({ method, path: url.split("?")[0] ?? "", body: body.toString("utf8") });
    if (hold?.point === "before") {
      hold.reached();
      await hold.gone;
    }
    const onward = httpsRequest(
      new URL(url, cluster.server),
      { method, headers: { ...incoming.headers, "content-length": body.length }, ca: file("ca.crt") },
      (answer) => {
        if (hold?.point === "after") {
          const held: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => held.push(chunk));
          answer.on("end", () => {
            hold.reached();
            void hold.gone.then(() =>
              reply.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(held)),
            );
          });
          return;
        }
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        reply.flushHeaders();
        answer.pipe(reply);
        answer.on("error", () => reply.destroy());
      },
    );
    onward.on("error", () => reply.destroy());
    reply.on("close", () => onward.destroy());
    onward.end(body);
  };
  const server = createServer({ cert: file("apiserver.crt"), key: file("apiserver.key") }, (incoming, reply) => {
    serve(incoming, reply).catch(() => reply.destroy());
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", () => resolve());
  await listening;
  const { port } = takenAs<AddressInfo>(server.address());
  return {
    installation: throughPort(cluster, installation, port),
    hold(point, isIt) {
      const { promise, resolve: reached } = Promise.withResolvers<void>();
      const { promise: gone, resolve: go } = Promise.withResolvers<void>();
      letGo = go;
      wanted = { point, isIt, reached, gone };
      return promise;
    },
    go: () => letGo(),
    release: () => void (wanted = null),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The same installation with its API server at another port of this machine. */
export function throughPort(cluster: Cluster, installation: Installation, port: number): Installation {
  const kubeconfigPath = `${installation.kubeconfigPath}-${port}`;
  const text = readFileSync(installation.kubeconfigPath, "utf8");
  writeFileSync(kubeconfigPath, text.replaceAll(cluster.server, `https://127.0.0.1:${port}`), { mode: 0o600 });
  return { ...installation, kubeconfigPath };
}
