/**
 * The HTTP API of one sidecar: its gate and its tasks. Every answer is a union; nothing here throws but defects,
 * retries, or follows a redirect. Source: seictl's sidecar server, v0.0.30 and later.
 */
import { type Ask, type Asked, askOver, isRecord, parseJson } from "./ask.ts";
import { safeText } from "./reply-text.ts";
import type { SidecarRoute } from "./route.ts";
import { parseTask, parseTasks, type SidecarTask } from "./task-reply.ts";
import type { DirectTransport, Permit, ProxyTransport, SidecarReply } from "./transport.ts";

/** What one probe came to. Only `notReady`, which is HTTP 503 from the sidecar itself, is evidence of drift. */
export type SidecarHealth =
  | { readonly state: "ready" }
  | { readonly state: "notReady" }
  | { readonly state: "unreachable"; readonly cause: string }
  | { readonly state: "probeError"; readonly cause: string };

/** What a submission came to. After `unreachable` and `unconfirmed` the same id may be sent again; `rejected` is final. */
export type Submitted =
  | { readonly kind: "accepted" }
  | { readonly kind: "unreachable"; readonly cause: string }
  | { readonly kind: "rejected"; readonly status: number; readonly cause: string }
  | { readonly kind: "unconfirmed"; readonly cause: string };

/** What the question for one task came to. */
export type TaskAnswer =
  | { readonly kind: "found"; readonly task: SidecarTask }
  | { readonly kind: "notFound" }
  | { readonly kind: "unreachable"; readonly cause: string };

/** A task to submit. `id` is a UUID; sidecars remember ids across Pods and run each only once. */
export interface TaskSubmission {
  readonly id: string;
  readonly type: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** The sidecar of one Pod. */
export interface Sidecar {
  /** Asks the gate. `deadlineMs` covers everything, default 2,000. */
  health(signal: AbortSignal, deadlineMs?: number): Promise<SidecarHealth>;
  /** `permit` is asked right before the task is sent; refused, the answer is `unreachable`, and nothing was sent. */
  submit(task: TaskSubmission, signal: AbortSignal, permit?: Permit): Promise<Submitted>;
  task(id: string, signal: AbortSignal): Promise<TaskAnswer>;
  /** Newest first, at most 100; null when they could not be read. */
  tasks(signal: AbortSignal): Promise<readonly SidecarTask[] | null>;
}

/** Where the sidecar is and how to get there; the transport of the other route is not touched. */
export interface SidecarOptions {
  readonly route: SidecarRoute;
  readonly direct: DirectTransport;
  readonly api: ProxyTransport;
}

const PROBE_DEADLINE_MS = 2_000;
/** An effect must end before a Lease that was renewed just before it can run out, so it gets 3 s. */
const CALL_DEADLINE_MS = 3_000;
const HEALTH_BYTES = 4 * 1024;
const REPLY_BYTES = 64 * 1024;
/** A hundred tasks with their params and results. */
const LIST_BYTES = 1024 * 1024;

/** The sidecar at `route`. */
export function createSidecar({ route, direct, api }: SidecarOptions): Sidecar {
  const ask = askOver(route, direct, api);
  return {
    async health(signal, deadlineMs = PROBE_DEADLINE_MS) {
      const limits = { deadlineMs, maxBytes: HEALTH_BYTES, truncate: true, signal };
      return toHealth(await ask({ method: "GET", path: "/v0/healthz" }, limits));
    },
    submit: (task, signal, permit) => submit(ask, task, { signal, permit }),
    task: (id, signal) => readTask(ask, id, signal),
    async tasks(signal) {
      const limits = { deadlineMs: CALL_DEADLINE_MS, maxBytes: LIST_BYTES, signal };
      const asked = await ask({ method: "GET", path: "/v0/tasks" }, limits);
      return asked.kind === "replied" && asked.reply.status === 200 ? parseTasks(parseJson(asked.reply.body)) : null;
    },
  };
}

function toHealth(asked: Asked): SidecarHealth {
  switch (asked.kind) {
    case "silent":
      return { state: "unreachable", cause: asked.cause };
    case "badRoute":
    case "forbidden":
      return { state: "probeError", cause: asked.cause };
    case "tooLarge":
      return { state: "probeError", cause: "sidecar replied with too large a body" };
    case "replied":
      if (asked.reply.status === 200) return { state: "ready" };
      if (asked.reply.status === 503) return { state: "notReady" };
      return { state: "probeError", cause: oddStatus(asked.reply.status) };
  }
}

async function submit(
  ask: Ask,
  task: TaskSubmission,
  { signal, permit }: { readonly signal: AbortSignal; readonly permit?: Permit | undefined },
): Promise<Submitted> {
  const { id, type, params = {} } = task;
  const body = JSON.stringify(Object.keys(params).length === 0 ? { id, type } : { id, type, params });
  const asked = await ask(
    { method: "POST", path: "/v0/tasks", headers: { "content-type": "application/json" }, body },
    { deadlineMs: CALL_DEADLINE_MS, maxBytes: REPLY_BYTES, signal, ...(permit === undefined ? {} : { permit }) },
  );
  switch (asked.kind) {
    case "silent":
    case "badRoute":
      return { kind: "unreachable", cause: asked.cause };
    case "forbidden":
      return { kind: "rejected", status: asked.status, cause: asked.cause };
    case "tooLarge":
      return { kind: "unconfirmed", cause: `sidecar acknowledged task ${id} with too large a body` };
    case "replied":
      return toSubmitted(task, asked.reply);
  }
}

/** Statuses of a busy server: refused now, not for good. */
const NOT_NOW: ReadonlySet<number> = new Set([408, 425, 429]);

function toSubmitted(task: TaskSubmission, reply: SidecarReply): Submitted {
  const code = reply.status;
  if (code === 201 || code === 202) return toAcknowledged(task, reply);
  if (code < 400 || code >= 500 || NOT_NOW.has(code)) return { kind: "unconfirmed", cause: oddStatus(code) };
  if (code === 401 || code === 403) return { kind: "rejected", status: code, cause: oddStatus(code) };
  const text = errorText(reply);
  const hint = /unknown task type/i.test(text) ? ". Is the sidecar older than this controller?" : "";
  const cause = `sidecar rejected ${task.type} (${code})${text === "" ? "" : `: ${text}`}${hint}`;
  return { kind: "rejected", status: code, cause };
}

function toAcknowledged(task: TaskSubmission, reply: SidecarReply): Submitted {
  const isJson = /^application\/json\s*(?:;|$)/i.test(reply.headers["content-type"] ?? "");
  const body = isJson ? parseJson(reply.body) : undefined;
  const got = isRecord(body) && typeof body.id === "string" ? body.id : null;
  if (got !== null && got.toLowerCase() === task.id.toLowerCase()) return { kind: "accepted" };
  const told = got === null ? "no id" : `id ${safeText(got, 64)}`;
  return { kind: "unconfirmed", cause: `sidecar acknowledged task ${task.id} with ${told}` };
}

async function readTask(ask: Ask, id: string, signal: AbortSignal): Promise<TaskAnswer> {
  const asked = await ask(
    { method: "GET", path: `/v0/tasks/${encodeURIComponent(id)}` },
    { deadlineMs: CALL_DEADLINE_MS, maxBytes: REPLY_BYTES, signal },
  );
  switch (asked.kind) {
    case "silent":
    case "badRoute":
    case "forbidden":
      return { kind: "unreachable", cause: asked.cause };
    case "tooLarge":
      return { kind: "unreachable", cause: "sidecar told of the task with too large a body" };
    case "replied": {
      if (asked.reply.status === 404) return { kind: "notFound" };
      if (asked.reply.status !== 200) return { kind: "unreachable", cause: oddStatus(asked.reply.status) };
      const task = parseTask(parseJson(asked.reply.body));
      if (task === null) return { kind: "unreachable", cause: "sidecar replied with something that is no task" };
      if (task.id.toLowerCase() === id.toLowerCase()) return { kind: "found", task };
      return { kind: "unreachable", cause: "sidecar told of another task than it was asked for" };
    }
  }
}

/** What a status that was not asked for means. */
function oddStatus(status: number): string {
  if (status >= 300 && status < 400) return `sidecar replied ${status}; redirects are not followed`;
  if (status === 401 || status === 403) {
    return `sidecar refused our identity (${status}): check the seinodetasks create permission`;
  }
  return `sidecar replied ${status}`;
}

function errorText(reply: SidecarReply): string {
  const body = parseJson(reply.body);
  if (isRecord(body) && typeof body.error === "string") return safeText(body.error);
  return safeText(new TextDecoder().decode(reply.body.subarray(0, 2_000)));
}
