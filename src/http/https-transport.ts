/** The transport to a real API server. */
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import {
  type ApiTransport,
  type CallLimits,
  type HttpRequest,
  type HttpResponse,
  TransportError,
} from "../base/index.ts";
import { hostOf, portOf, type Target } from "./dial.ts";
import { createKeptConnections, type KeptConnections } from "./kept-connections.ts";
import { CallDeadline } from "./call-deadline.ts";
import { type OpenedStream, openStream } from "./open-stream.ts";
import { type HeaderValues, nodeHeaders, requestText } from "./request-text.ts";
import { routeTo } from "./route.ts";
import { tlsOptions } from "./tls-options.ts";
import { transportFault } from "./transport-fault.ts";
import type { ApiTransportOptions } from "./options.ts";

/** A kept socket is closed after this long without use, before the API server does it (90 s) at a bad moment. */
const IDLE_SOCKET_MS = 50_000;

/**
 * An API server: requests over connections of our own, streams over `node:https` (or `node:http`). Unlike `fetch`,
 * neither has a process-wide cap on connections or minds proxy variables: a proxy is one that `options` name. Redirects
 * are replies; nothing is decompressed.
 *
 * A 401 makes it ask for credentials anew and repeat once. A GET that met a kept connection which the server had
 * closed is repeated once on a new one; a mutation never is, since it may have been carried out.
 */
export function createApiTransport(options: ApiTransportOptions): ApiTransport {
  const server = serverAt(options);

  const attempt = async (request: HttpRequest, limits: CallLimits, deadline: CallDeadline): Promise<HttpResponse> => {
    const { method, path, body } = request;
    const { maxBytes, truncate = false, permit } = limits;
    const what = (): string => server.what(request);
    let canRenew = false;
    const once = async (force: boolean): Promise<HttpResponse> => {
      const headers = await server.headersFor(request, { force, deadline });
      canRenew = "authorization" in headers;
      const { authority, base, kept } = server;
      const text = requestText({ method, authority, path: base + path, headers, body }, what);
      return kept.exchange({ what, text, maxBytes, truncate, permit, canRepeat: method === "GET" }, deadline);
    };
    const reply = await once(false);
    return reply.status === 401 && canRenew ? once(true) : reply;
  };

  return {
    async request(request, limits) {
      const deadline = new CallDeadline(limits, () => server.what(request));
      try {
        return await attempt(request, limits, deadline);
      } catch (error) {
        // Silence may be that of every kept connection, as when a path went dead without a word: the next call
        // gets a new one, or a leader would lose its Lease trying them one by one.
        if (error instanceof TransportError && error.code === "DEADLINE") server.kept.closeIdle();
        throw error;
      } finally {
        deadline.release();
      }
    },
    async stream(request, limits) {
      const deadline = new CallDeadline(limits, () => server.what(request));
      let canRenew = false;
      const once = async (force: boolean): Promise<OpenedStream> => {
        const headers = await server.headersFor(request, { force, deadline });
        canRenew = "authorization" in headers;
        const open = (onReply: (incoming: IncomingMessage) => void): ClientRequest =>
          server.open(request, headers, onReply);
        return openStream({ what: () => server.what(request), open, body: request.body }, deadline);
      };
      try {
        const first = await once(false);
        if (first.stream.status !== 401 || !canRenew) return first.stream;
        first.close();
        return (await once(true)).stream;
      } catch (error) {
        deadline.release();
        throw error;
      }
    },
  };
}

interface Server {
  /** Host and port as the server is told them. */
  readonly authority: string;
  /** Comes before every path. */
  readonly base: string;
  /** For requests. */
  readonly kept: KeptConnections;
  what(request: HttpRequest): string;
  headersFor(
    request: HttpRequest,
    ask: { readonly force: boolean; readonly deadline: CallDeadline },
  ): Promise<HeaderValues>;
  /** Begins a request on a connection of its own, without bound: for streams, which last. */
  open(request: HttpRequest, headers: HeaderValues, onReply: (incoming: IncomingMessage) => void): ClientRequest;
}

function serverAt(options: ApiTransportOptions): Server {
  const { origin, authorization } = options;
  const url = new URL(origin);
  const isTls = url.protocol === "https:";
  const { host, port } = { host: hostOf(url), port: portOf(url) };
  const target: Target = { host, port, tls: isTls ? options.tls : null };
  const route = routeTo(target, url.origin, options.proxy ?? null);
  const base = route.prefix + url.pathname.replace(/\/+$/, "");
  const always = {
    "accept-encoding": "identity",
    "user-agent": options.userAgent,
    ...route.headers,
    ...options.headers,
  };
  const kept = createKeptConnections({ open: route.open, limit: options.maxSockets ?? 64, idleMs: IDLE_SOCKET_MS });
  const AgentOf = isTls ? HttpsAgent : HttpAgent;
  const tls = isTls ? tlsOptions(options.tls, host) : {};
  const agent = new AgentOf({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY, ...tls });
  // One server and one identity: by default a name is built from whole certificates for every request.
  agent.getName = () => "api";
  if (route.connector !== null) agent.createConnection = route.connector;
  const send = isTls ? httpsRequest : httpRequest;
  // Queries are long and tell nobody anything.
  const what = (request: HttpRequest): string =>
    `${request.method} ${url.origin}${base.slice(route.prefix.length)}${request.path.split("?")[0]}`;
  return {
    authority: url.host,
    base,
    kept,
    what,
    async headersFor(request, { force, deadline }) {
      const credentials = await deadline.race(authorization(force)).catch((cause: unknown) => {
        throw credentialsFault(cause, what(request));
      });
      const headers: Record<string, string | readonly string[]> = { ...always, ...request.headers };
      if (credentials !== null) headers["authorization"] = credentials;
      return headers;
    },
    open: (request, headers, onReply) => {
      const line = { method: request.method, path: base + request.path, headers: nodeHeaders(headers) };
      return send({ host, port, ...line, agent }, onReply);
    },
  };
}

function credentialsFault(cause: unknown, what: string): TransportError {
  return transportFault(cause, what);
}
