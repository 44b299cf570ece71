/** The whole simulated cluster behind its two doors. */
import {
  type ApiTransport,
  type Clock,
  type DirectTransport,
  type HttpRequest,
  type HttpResponse,
  type JsonObject,
  type Random,
  type Timers,
  TransportError,
} from "../base/index.ts";
import { type ApiReply, badRequest, failure, notFound } from "./api-reply.ts";
import { header, isWatch, serve } from "./api-server.ts";
import type { ByteStream } from "./byte-stream.ts";
import { type Answer, call } from "./call.ts";
import { type AuditLine, type Control, createControl, type Submission } from "./control.ts";
import { runGarbage } from "./garbage.ts";
import { textIn } from "./json-path.ts";
import { type KubeletLags, runKubelet } from "./kubelet.ts";
import { pods } from "./resource.ts";
import { Disorder, veiled } from "./disorder.ts";
import { createNewest } from "./newest.ts";
import { routeOf } from "./route.ts";
import { startSidecar, type TaskStore } from "./sidecar.ts";
import { createRevisionStore, type Revision } from "./revision-store.ts";
import { runStatefulSets } from "./statefulset-controller.ts";
import { watch } from "./watch.ts";

/** What befalls a request: `lose` = carried out, its reply lost; `refuse` = never arrives; `hang` = never answered, not carried out. */
export type Fault =
  | { readonly kind: "lose" }
  | { readonly kind: "refuse" }
  | { readonly kind: "hang" }
  | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number };

/** Knobs, all optional. Times in milliseconds. */
export interface SimOptions extends Partial<KubeletLags> {
  readonly apiLatencyMs?: () => number;
  readonly sidecarLatencyMs?: () => number;
  /** From the answer to its arrival; default 0. */
  readonly apiReplyMs?: (request: HttpRequest) => number;
  /** The same of sidecars. */
  readonly sidecarReplyMs?: (request: HttpRequest) => number;
  readonly controllerLagMs?: () => number;
  /** From an accepted gate task to the gate's move. */
  readonly flipMs?: () => number;
  readonly taskMs?: () => number;
  readonly watchDelayMs?: (revision: Revision) => number;
  /** Asked for each request to the API server; null = nothing befalls it. */
  readonly beforeReply?: (request: HttpRequest) => Fault | null;
  readonly badImages?: readonly string[];
  /** Makes the errors of both doors; give the client's own class. */
  /** Revisions kept for watches and `history()`; default 100,000. */
  readonly keepRevisions?: number;
  /** Lines kept for `requests()` and for `submissions()`, up to twice as many for a while; default 10,000. */
  readonly keepLines?: number;
}

/** What to build a cluster from. */
export interface SimInput {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly options?: SimOptions;
}

/** A running simulated cluster. Deterministic, given its clock, timers and random. */
export interface SimCluster {
  readonly api: ApiTransport;
  readonly sidecars: DirectTransport;
  readonly control: Control;
}

/** Starts a simulated cluster. */
export function createSimCluster({ clock, timers, random, options = {} }: SimInput): SimCluster {
  const seconds = (): string => new Date(clock.wall()).toISOString().replace(/\.\d+Z$/, "Z");
  const store = createRevisionStore({ wall: () => clock.wall(), keep: options.keepRevisions ?? 100_000 });
  const disorder = new Disorder(() => clock.mono());
  const context = { store, now: seconds, uuid: () => random.uuid4(), admit: disorder.admit };
  const volumes = new Map<string, TaskStore>();
  const outcomes = new Map<string, string>();
  const badImages = new Set(options.badImages ?? []);
  const submissions = createNewest<Submission>(options.keepLines ?? 10_000);
  const audit = createNewest<AuditLine>(options.keepLines ?? 10_000);
  const apiLatency = options.apiLatencyMs ?? (() => 1);
  const lags: KubeletLags = {
    podStartMs: options.podStartMs ?? (() => 50),
    sidecarStartMs: options.sidecarStartMs ?? (() => 100),
    readyMs: options.readyMs ?? (() => 50),
    terminateMs: options.terminateMs ?? (() => 100),
    reusesAddresses: options.reusesAddresses ?? (() => false),
  };
  const kubelet = runKubelet({
    context,
    timers,
    lags,
    badImages,
    startSidecar(_pod, volumeUid, onGate) {
      const volume: TaskStore = volumes.get(volumeUid) ?? new Map();
      volumes.set(volumeUid, volume);
      const outcome = (type: string): string | null => {
        const error = outcomes.get(type) ?? null;
        outcomes.delete(type);
        return error;
      };
      const now = (): string => new Date(clock.wall()).toISOString();
      const times = { flipMs: options.flipMs ?? (() => 2), taskMs: options.taskMs ?? (() => 20) };
      return startSidecar({ store: volume, timers, now, uuid: context.uuid, ...times, outcome, onGate });
    },
  });
  runStatefulSets({ context, timers, lagMs: options.controllerLagMs ?? (() => 10) });
  runGarbage(context, timers, options.controllerLagMs ?? (() => 10));

  function askSidecar(host: string, port: number, request: HttpRequest): Answer {
    const machine = kubelet.machineAt(host);
    if (!machine?.sidecar || port !== 7777) return { kind: "refuse" };
    if (machine.hung) return { kind: "hang" };
    const other = veiled(machine.veil, request.path);
    if (other !== null) return { kind: "reply", reply: bytes({ status: other.status, body: other.text }) };
    const { status, body, text } = machine.sidecar.serve(request);
    if (request.method === "POST") {
      submissions.add({
        at: clock.wall(),
        namespace: machine.namespace,
        pod: machine.pod,
        podUid: machine.uid,
        body: request.body ?? "",
        status,
      });
    }
    const type = text === undefined ? "application/json" : "text/plain; charset=utf-8";
    return {
      kind: "reply",
      reply: bytes({
        status,
        body: text ?? (body === undefined ? "" : JSON.stringify(body)),
        headers: { "content-type": type },
      }),
    };
  }

  function proxied(namespace: string, pod: string, port: number, request: HttpRequest): Answer {
    const found = store.get(pods, namespace, pod);
    if (!found) return { kind: "reply", reply: bytes(notFound(pods, pod)) };
    const ip = textIn(found, "status", "podIP");
    if (ip === "") return { kind: "reply", reply: bytes(badRequest("address not allowed")) };
    const answer = askSidecar(ip, port, request);
    if (answer.kind !== "refuse") return answer;
    const why = `error trying to reach service: dial tcp ${ip}:${port}: connect: connection refused`;
    return { kind: "reply", reply: bytes(failure(503, "ServiceUnavailable", why)) };
  }

  function answer(request: HttpRequest): Answer {
    const fault = options.beforeReply?.(request) ?? null;
    const done = faulted(fault) ?? carryOut(request);
    const status = done.kind === "reply" ? done.reply.status : 0;
    audit.add({
      at: clock.wall(),
      method: request.method,
      path: request.path,
      userAgent: header(request, "user-agent"),
      status,
    });
    return fault?.kind === "lose" ? { kind: "refuse" } : done;
  }
  function carryOut(request: HttpRequest): Answer {
    const route = routeOf(request.path);
    if (route.kind !== "proxy") return { kind: "reply", reply: bytes(serve(context, route, request)) };
    return proxied(route.namespace, route.pod, route.port, { ...request, path: route.rest });
  }

  const api: ApiTransport = {
    request: (request, limits) =>
      call(
        {
          timers,
          limits,
          latencyMs: apiLatency(),
          replyMs: options.apiReplyMs?.(request) ?? 0,
          where: `${request.method} ${request.path}`,
        },
        () => answer(request),
      ),
    async stream(request, limits) {
      const where = `${request.method} ${request.path}`;
      const base = { timers, limits, latencyMs: apiLatency(), where };
      const opened: ByteStream[] = [];
      const reply = await call(base, () => {
        const route = routeOf(request.path);
        const fault = faulted(options.beforeReply?.(request) ?? null);
        if (fault) return fault;
        if (!isWatch(request) || route.kind !== "object") return answer(request);
        const name = /^metadata\.name==?(.+)$/.exec(route.query.get("fieldSelector") ?? "")?.[1];
        const { isDead, forget } = disorder.opened({
          plural: route.resource.plural,
          ...(name === undefined ? {} : { name }),
        });
        const started = watch({
          store,
          timers,
          mono: () => clock.mono(),
          delayMs: options.watchDelayMs ?? (() => 0),
          isDead,
          ...route,
        });
        if ("chunks" in started) {
          opened.push(started);
          started.onClose(forget);
        } else forget();
        audit.add({
          at: clock.wall(),
          method: "GET",
          path: request.path,
          userAgent: header(request, "user-agent"),
          status: 200,
        });
        return { kind: "reply", reply: bytes("chunks" in started ? { status: 200, body: "" } : started) };
      });
      const [live] = opened;
      if (!live) return { ...reply, body: once(reply.body) };
      const abort = (): void => live.fail(new TransportError("ABORTED", `watch given up: ${where}`));
      if (limits.signal?.aborted) abort();
      limits.signal?.addEventListener("abort", abort, { once: true });
      const forget = control.addWatch(live);
      live.onClose(() => {
        forget();
        limits.signal?.removeEventListener("abort", abort);
      });
      return { status: 200, headers: { "content-type": "application/json" }, body: live.chunks };
    },
  };
  const sidecars: DirectTransport = {
    request: (target, request, limits) =>
      call(
        {
          timers,
          limits,
          latencyMs: (options.sidecarLatencyMs ?? (() => 1))(),
          replyMs: options.sidecarReplyMs?.(request) ?? 0,
          where: `${target.host}:${target.port}`,
        },
        () => askSidecar(target.host, target.port, request),
      ),
  };
  const control = createControl({ api, context, kubelet, badImages, outcomes, submissions, audit, disorder, volumes });
  return { api, sidecars, control };
}

function faulted(fault: Fault | null): Answer | null {
  if (fault === null || fault.kind === "lose") return null;
  if (fault.kind !== "status") return { kind: fault.kind };
  const headers = fault.retryAfterSeconds === undefined ? {} : { "retry-after": String(fault.retryAfterSeconds) };
  const reason = fault.status === 429 ? "TooManyRequests" : "InternalError";
  return { kind: "reply", reply: bytes({ ...failure(fault.status, reason, "a fault was asked for"), headers }) };
}

function bytes({
  status,
  body,
  headers,
}: ApiReply | { status: number; body: JsonObject | string; headers?: Record<string, string> }): HttpResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  return { status, headers: { "content-type": type, ...headers }, body: new TextEncoder().encode(text) };
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}
