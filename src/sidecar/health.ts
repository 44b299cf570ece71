/**
 * Whether the gate is open. A shut one takes two answers of one address: 503 with an empty body on `/v0/healthz`, and a
 * list on `/v0/tasks`. Either alone a proxy, a mesh or a load balancer gives too, in place of a sidecar that is down.
 */
import { parseJson } from "../base/index.ts";
import { type Ask, type Asked, proxiedCause, statusIn } from "./ask.ts";
import { oddStatus } from "./odd-status.ts";
import { parseTasks, type SidecarTask } from "./task-reply.ts";

/** What one probe came to. Only `notReady` is evidence of drift, and it carries the proof that the sidecar said it. */
export type SidecarHealth =
  | { readonly state: "ready" }
  /** `tasks` as of `Sidecar.tasks`, read right behind the 503. */
  | { readonly state: "notReady"; readonly tasks: readonly SidecarTask[] }
  | { readonly state: "unreachable"; readonly cause: string }
  | { readonly state: "probeError"; readonly cause: string };

/** The list of tasks, or why there is none to go by. */
export type ReadTasks =
  | { readonly kind: "read"; readonly tasks: readonly SidecarTask[] }
  | { readonly kind: "unread"; readonly cause: string };

const PROBE_DEADLINE_MS = 2_000;
const LIST_DEADLINE_MS = 3_000;
const HEALTH_BYTES = 4 * 1024;
/** A hundred tasks with their params and results. */
const LIST_BYTES = 1024 * 1024;

/** Asks the gate; behind a 503 the tasks too. `deadlineMs` is that of the first question. */
export async function askHealth(ask: Ask, signal: AbortSignal, deadlineMs = PROBE_DEADLINE_MS): Promise<SidecarHealth> {
  const limits = { deadlineMs, maxBytes: HEALTH_BYTES, truncate: true, signal };
  const asked = await ask({ method: "GET", path: "/v0/healthz" }, limits);
  if (asked.kind !== "replied" || asked.reply.status !== 503) return withoutTasks(asked);
  const { body } = asked.reply;
  const apiServer = statusIn(asked.reply);
  if (apiServer !== null) {
    return { state: "unreachable", cause: `an API server replied 503 for the sidecar: ${proxiedCause(apiServer)}` };
  }
  if (body.length > 0) return { state: "probeError", cause: NOT_ITS_OWN };
  const read = await askTasks(ask, signal);
  if (read.kind === "read") return { state: "notReady", tasks: read.tasks };
  return { state: "probeError", cause: `${UNPROVEN}: ${read.cause}` };
}

const NOT_ITS_OWN = "503 with a body, which a sidecar's has not. Does a proxy or a mesh reply in its place?";
const UNPROVEN = "503, but the sidecar's tasks cannot be read at the same address";

function withoutTasks(asked: Asked): SidecarHealth {
  switch (asked.kind) {
    case "silent":
      return { state: "unreachable", cause: asked.cause };
    case "badRoute":
    case "forbidden":
      return { state: "probeError", cause: asked.cause };
    case "tooLarge":
      return { state: "probeError", cause: "sidecar replied with too large a body" };
    case "replied":
      return asked.reply.status === 200
        ? { state: "ready" }
        : { state: "probeError", cause: oddStatus(asked.reply.status) };
  }
}

/** Asks for the tasks. */
export async function askTasks(ask: Ask, signal: AbortSignal): Promise<ReadTasks> {
  const limits = { deadlineMs: LIST_DEADLINE_MS, maxBytes: LIST_BYTES, signal };
  const asked = await ask({ method: "GET", path: "/v0/tasks" }, limits);
  switch (asked.kind) {
    case "silent":
    case "badRoute":
    case "forbidden":
      return { kind: "unread", cause: asked.cause };
    case "tooLarge":
      return { kind: "unread", cause: "the list of tasks is too large" };
    case "replied": {
      if (asked.reply.status !== 200) return { kind: "unread", cause: oddStatus(asked.reply.status) };
      const tasks = parseTasks(parseJson(asked.reply.body));
      return tasks === null ? { kind: "unread", cause: "got no list of tasks" } : { kind: "read", tasks };
    }
  }
}
