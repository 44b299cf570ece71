import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import {
  type ApiTransport,
  type CallLimits,
  type HttpRequest,
  type HttpResponse,
  TransportError,
} from "../../kube/transport.ts";
import { exchange } from "./exchange.ts";
import { Leash } from "./leash.ts";
import { openStream, type OpenedStream } from "./open-stream.ts";
import { transportFault } from "./transport-fault.ts";
import type { ApiTls, ApiTransportOptions } from "./world.ts";

/** A kept socket is closed after this long without use, before the API server does it (90 s) at a bad moment. */
const IDLE_SOCKET_MS = 50_000;

/**
 * An API server over `node:https` (or `node:http`), which unlike `fetch` has no process-wide cap on connections
 * and ignores proxy variables. Redirects are replies; nothing is decompressed.
 *
 * A 401 makes it ask for credentials anew and repeat once. A GET that met a kept connection which the server had
 * closed is repeated once on a new one; a mutation never is, since it may have been carried out.
 */
export function createApiTransport(options: ApiTransportOptions): ApiTransport {
  const server = serverAt(options);

  const attempt = async (request: HttpRequest, limits: CallLimits, leash: Leash): Promise<HttpResponse> => {
    let canRenew = false;
    const what = (): string => server.what(request);
    const once = async (force: boolean, agent: Agent) => {
      const headers = await server.headersFor(request, { force, leash });
      canRenew = "authorization" in headers;
      const open = (onReply: (incoming: IncomingMessage) => void): ClientRequest =>
        server.open(request, { headers, agent }, onReply);
      const { maxBytes, truncate = false } = limits;
      return exchange({ what, open, body: request.body, maxBytes, truncate }, leash);
    };
    const settle = async (force: boolean): Promise<HttpResponse> => {
      const first = await once(force, server.kept);
      if (first.kind === "reply") return first.reply;
      if (request.method !== "GET") throw first.fault;
      const second = await once(force, server.single);
      if (second.kind === "reply") return second.reply;
      throw second.fault;
    };
    const reply = await settle(false);
    return reply.status === 401 && canRenew ? settle(true) : reply;
  };

  return {
    async request(request, limits) {
      const leash = new Leash(limits, () => server.what(request));
      try {
        return await attempt(request, limits, leash);
      } catch (error) {
        // Silence may be that of every kept connection, as when a path went dead without a word: the next call
        // gets a new one, or a leader would lose its Lease trying them one by one.
        if (error instanceof TransportError && error.code === "DEADLINE") closeIdle(server.kept);
        throw error;
      } finally {
        leash.release();
      }
    },
    async stream(request, limits) {
      const leash = new Leash(limits, () => server.what(request));
      let canRenew = false;
      const once = async (force: boolean): Promise<OpenedStream> => {
        const headers = await server.headersFor(request, { force, leash });
        canRenew = "authorization" in headers;
        const open = (onReply: (incoming: IncomingMessage) => void): ClientRequest =>
          server.open(request, { headers, agent: server.single }, onReply);
        return openStream({ what: () => server.what(request), open, body: request.body }, leash);
      };
      try {
        const first = await once(false);
        if (first.stream.status !== 401 || !canRenew) return first.stream;
        first.close();
        return (await once(true)).stream;
      } catch (error) {
        leash.release();
        throw error;
      }
    },
  };
}

/** Closes the connections that no call is using. */
function closeIdle(agent: Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

type Agent = HttpAgent | HttpsAgent;
type Headers = Readonly<Record<string, string>>;

interface Server {
  /** Keeps connections for requests. */
  readonly kept: Agent;
  /** A connection a call, without bound: for streams, which last, and for repeats. */
  readonly single: Agent;
  what(request: HttpRequest): string;
  headersFor(request: HttpRequest, ask: { readonly force: boolean; readonly leash: Leash }): Promise<Headers>;
  open(
    request: HttpRequest,
    via: { readonly headers: Headers; readonly agent: Agent },
    onReply: (incoming: IncomingMessage) => void,
  ): ClientRequest;
}

function serverAt(options: ApiTransportOptions): Server {
  const { origin, authorization } = options;
  const url = new URL(origin);
  const isTls = url.protocol === "https:";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (isTls ? 443 : 80) : Number(url.port);
  const base = url.pathname.replace(/\/+$/, "");
  const always = { "accept-encoding": "identity", "user-agent": options.userAgent, ...options.headers };
  const tls = isTls ? tlsOptions(options.tls) : {};
  const AgentOf = isTls ? HttpsAgent : HttpAgent;
  const kept = new AgentOf({
    keepAlive: true,
    maxSockets: options.maxSockets ?? 64,
    maxFreeSockets: options.maxSockets ?? 64,
    timeout: IDLE_SOCKET_MS,
    ...tls,
  });
  const single = new AgentOf({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY, ...tls });
  // One server and one identity an agent: by default a name is built from whole certificates for every request.
  kept.getName = single.getName = () => "api";
  const send = isTls ? httpsRequest : httpRequest;
  // Queries are long and tell nobody anything.
  const what = (request: HttpRequest): string => `${request.method} ${url.origin}${base}${request.path.split("?")[0]}`;
  return {
    kept,
    single,
    what,
    async headersFor(request, { force, leash }) {
      const credentials = await leash.race(authorization(force)).catch((cause: unknown) => {
        throw credentialsFault(cause, what(request));
      });
      const headers: Record<string, string> = { ...always, ...request.headers };
      if (credentials !== null) headers["authorization"] = credentials;
      if (request.body !== undefined) headers["content-length"] = String(Buffer.byteLength(request.body));
      return headers;
    },
    open: (request, { headers, agent }, onReply) =>
      send({ host, port, path: base + request.path, method: request.method, headers, agent }, onReply),
  };
}

function credentialsFault(cause: unknown, what: string): TransportError {
  return transportFault(cause, `${what}: credentials`);
}

/** `rejectUnauthorized` is always said, or `NODE_TLS_REJECT_UNAUTHORIZED` would decide. */
function tlsOptions(tls: ApiTls): Record<string, string | boolean> {
  return {
    rejectUnauthorized: !tls.insecure,
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(tls.key === null ? {} : { key: tls.key }),
    ...(tls.serverName === null ? {} : { servername: tls.serverName }),
  };
}
