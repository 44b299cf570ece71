/**
 * The HTTP API of one sidecar: its gate and its tasks. Every answer is a union; nothing here throws but defects,
 * retries, or follows a redirect. Source: seictl's sidecar server, v0.0.30 and later.
 */
import {
  type ApiTransport,
  type DirectTransport,
  type HttpResponse,
  parseJson,
  type Permit,
  stringAt,
} from "../base/index.ts";
import { type Ask, askOver } from "./ask.ts";
import { askHealth, askTasks, type SidecarHealth } from "./health.ts";
import { oddStatus } from "./odd-status.ts";
import { safeText } from "./reply-text.ts";
import type { SidecarRoute } from "./route.ts";
import { parseTask, type SidecarTask } from "./task-reply.ts";

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
  /** Asks the gate, and behind a 503 the tasks. `deadlineMs` is that of the first question, default 2,000. */
  health(signal: AbortSignal, deadlineMs?: number): Promise<SidecarHealth>;
  /** `permit` is asked right before the task is sent; refused, the answer is `unreachable`, and nothing was sent. */
  submit(task: TaskSubmission, signal: AbortSignal, permit?: Permit): Promise<Submitted>;
  task(id: string, signal: AbortSignal): Promise<TaskAnswer>;
  /** Newest first, as many as it lists (100 at most); null when they could not be read. */
  tasks(signal: AbortSignal): Promise<readonly SidecarTask[] | null>;
}

/** Where the sidecar is and how to get there; the transport of the other route is not touched. */
export interface SidecarOptions {
  readonly route: SidecarRoute;
  readonly direct: DirectTransport;
  readonly api: Pick<ApiTransport, "request">;
}

/** An effect must end before a Lease that was renewed just before it can run out, so it gets 3 s. */
const CALL_DEADLINE_MS = 3_000;
const REPLY_BYTES = 64 * 1024;

/** The sidecar at `route`. */
export function createSidecar({ route, direct, api }: SidecarOptions): Sidecar {
  const ask = askOver(route, direct, api);
  return {
    health: (signal, deadlineMs) => askHealth(ask, signal, deadlineMs),
    submit: (task, signal, permit) => submit(ask, task, { signal, permit }),
    task: (id, signal) => readTask(ask, id, signal),
    async tasks(signal) {
      const read = await askTasks(ask, signal);
      return read.kind === "read" ? read.tasks : null;
    },
  };
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

function toSubmitted(task: TaskSubmission, reply: HttpResponse): Submitted {
  const code = reply.status;
  if (code === 201 || code === 202) return toAcknowledged(task, reply);
  if (code < 400 || code >= 500 || NOT_NOW.has(code)) return { kind: "unconfirmed", cause: oddStatus(code) };
  if (code === 401 || code === 403) return { kind: "rejected", status: code, cause: oddStatus(code) };
  const text = errorText(reply);
  const hint = /unknown task type/i.test(text) ? ". Is the sidecar older than this controller?" : "";
  const cause = `sidecar rejected ${task.type} (${code})${text === "" ? "" : `: ${text}`}${hint}`;
  return { kind: "rejected", status: code, cause };
}

function toAcknowledged(task: TaskSubmission, reply: HttpResponse): Submitted {
  const isJson = /^application\/json\s*(?:;|$)/i.test(reply.headers["content-type"] ?? "");
  const body = isJson ? parseJson(reply.body) : undefined;
  const got = stringAt(body, "id");
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

function errorText(reply: HttpResponse): string {
  const body = parseJson(reply.body);
  return safeText(stringAt(body, "error") ?? new TextDecoder().decode(reply.body.subarray(0, 2_000)));
}
