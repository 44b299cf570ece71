/** The byte-level door to the test cluster, as its administrator. */
import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import { parse } from "yaml";
import {
  TransportError,
  type ApiTransport,
  type Clock,
  type HttpRequest,
  type Random,
  type Timers,
} from "../../../src/kube/transport.ts";
import { textAt, valueAt } from "../../../src/kube/watch-event.ts";

/** Time and dice of this machine. */
export const hostTime: { readonly clock: Clock; readonly timers: Timers; readonly random: Random } = {
  clock: { mono: () => performance.now(), wall: () => Date.now() },
  timers: {
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  },
  random: { u32: () => Math.floor(Math.random() * 2 ** 32), uuid4: () => crypto.randomUUID() },
};

/** A transport with the credentials of a kubeconfig whose data is inline or in files. */
export function clusterTransport(kubeconfigPath: string): ApiTransport {
  const config: unknown = parse(readFileSync(kubeconfigPath, "utf8"));
  const cluster = valueAt(firstOf(config, "clusters"), "cluster");
  const user = valueAt(firstOf(config, "users"), "user");
  const agent = new Agent({
    keepAlive: true,
    ca: pem(cluster, "certificate-authority"),
    cert: pem(user, "client-certificate"),
    key: pem(user, "client-key"),
  });
  const server = new URL(textAt(cluster, "server"));
  const send = (request: HttpRequest, signal: AbortSignal | undefined, deadlineMs: number) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { method, path, headers } = request;
      const call = httpsRequest({
        host: server.hostname,
        port: server.port,
        agent,
        method,
        path,
        headers: { ...headers },
      });
      const timer = setTimeout(() => call.destroy(new Error("deadline")), deadlineMs);
      const abort = () => call.destroy(new Error("aborted"));
      if (signal?.aborted === true) abort();
      signal?.addEventListener("abort", abort, { once: true });
      call.on("response", (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      call.on("error", (error) => {
        clearTimeout(timer);
        reject(new TransportError("UNREACHABLE", error.message));
      });
      call.end(request.body);
    });
  return {
    request: async (request, { signal, deadlineMs }) => {
      const reply = await send(request, signal, deadlineMs);
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytesOf(reply)) chunks.push(chunk);
      return { status: reply.statusCode ?? 0, headers: headersOf(reply), body: Buffer.concat(chunks) };
    },
    stream: async (request, { signal, deadlineMs }) => {
      const reply = await send(request, signal, deadlineMs);
      return { status: reply.statusCode ?? 0, headers: headersOf(reply), body: bytesOf(reply) };
    },
  };
}

async function* bytesOf(reply: IncomingMessage): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of reply) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    throw new TransportError("UNREACHABLE", String(error));
  }
}

function headersOf(reply: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
}

function firstOf(config: unknown, name: string): unknown {
  const all = valueAt(config, name);
  return Array.isArray(all) ? all[0] : null;
}

function pem(from: unknown, name: string): string {
  const data = textAt(from, `${name}-data`);
  return data === "" ? readFileSync(textAt(from, name), "utf8") : Buffer.from(data, "base64").toString("utf8");
}
