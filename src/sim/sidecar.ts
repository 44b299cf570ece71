/** One simulated sidecar process: a gate in memory, task records on the data volume (v0.0.31 and later). */
import { type HttpRequest, isObject, type Json, type JsonObject, type Timers } from "../base/index.ts";
import { objectIn, textIn } from "./json-path.ts";

/** A record in the sidecar's store. Times are RFC 3339. */
export interface TaskRecord {
  readonly id: string;
  readonly type: string;
  readonly status: "running" | "completed" | "failed";
  readonly run: number;
  readonly params: JsonObject;
  readonly error?: string;
  readonly submittedAt: string;
  readonly completedAt?: string;
}

/** The records of one volume, oldest first. Outlives processes and Pods. */
export type TaskStore = Map<string, TaskRecord>;

/** Options of one process. Times in milliseconds. */
export interface SidecarOptions {
  readonly store: TaskStore;
  readonly timers: Timers;
  readonly now: () => string;
  readonly uuid: () => string;
  readonly flipMs: () => number;
  readonly taskMs: () => number;
  /** The error a task of this type ends with; null = it completes. */
  readonly outcome: (type: string) => string | null;
  readonly onGate: (open: boolean) => void;
}

/** A running process. */
export interface Sidecar {
  isOpen(): boolean;
  serve(request: HttpRequest): { readonly status: number; readonly body: Json | undefined; readonly text?: string };
  /** Ends it: nothing of it runs on, running records stay `running`. */
  kill(): void;
}

/** Task types the sidecar takes. */
export const taskTypes: ReadonlySet<string> = new Set([
  "mark-ready",
  "mark-not-ready",
  "snapshot-restore",
  "configure-genesis",
  "config-apply",
  "config-validate",
  "config-patch",
  "config-reload",
  "configure-state-sync",
  "discover-peers",
  "snapshot-upload",
  "snapshot-upload-once",
  "await-condition",
  "restart-seid",
  "stop-seid",
  "reset-data",
  "generate-identity",
  "generate-gentx",
  "upload-genesis-artifacts",
  "set-genesis-peers",
  "assemble-and-upload-genesis",
]);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Starts a process: the gate is shut, records still `running` run again. */
export function startSidecar(options: SidecarOptions): Sidecar {
  const { store, timers, now } = options;
  const cancels = new Set<() => void>();
  let open = false;

  function setGate(next: boolean): void {
    const changed = open !== next;
    open = next;
    if (changed) options.onGate(next);
  }

  function finish(record: TaskRecord): void {
    const error = options.outcome(record.type);
    if (error === null && record.type === "mark-not-ready") {
      for (const [id, other] of Array.from(store)) if (other.type === "mark-ready") store.delete(id);
    }
    const end = error === null ? { status: "completed" as const } : { status: "failed" as const, error };
    store.set(record.id, { ...record, ...end, completedAt: now() });
    if (error === null && record.type === "mark-ready") setGate(true);
    if (error === null && record.type === "mark-not-ready") setGate(false);
  }

  function run(record: TaskRecord): void {
    const isGate = record.type === "mark-ready" || record.type === "mark-not-ready";
    const cancel = timers.after(isGate ? options.flipMs() : options.taskMs(), () => {
      cancels.delete(cancel);
      finish(record);
    });
    cancels.add(cancel);
  }

  function submit(body: string | undefined): ReturnType<Sidecar["serve"]> {
    const task = parseTask(body);
    const type = textIn(task ?? {}, "type");
    const given = textIn(task ?? {}, "id");
    if (task === null) return { status: 400, body: { error: "invalid request body" } };
    if (type === "") return { status: 400, body: { error: "type is required" } };
    if (given !== "" && !UUID.test(given)) return { status: 400, body: { error: `invalid task id: ${given}` } };
    const id = given === "" ? options.uuid() : given;
    const known = store.get(id);
    if (known && known.status !== "failed") return { status: 201, body: { id } };
    if (!taskTypes.has(type)) return { status: 400, body: { error: `unknown task type: ${type}` } };
    const fresh = {
      id,
      type,
      status: "running" as const,
      run: (known?.run ?? 0) + 1,
      params: objectIn(task, "params"),
      submittedAt: now(),
    };
    store.delete(id);
    store.set(id, fresh);
    run(fresh);
    return { status: 201, body: { id } };
  }

  function tasks({ method, body }: HttpRequest, id: string | null): ReturnType<Sidecar["serve"]> {
    if (id === null && method === "POST") return submit(body);
    if (id === null && method === "GET") return { status: 200, body: newestFirst(store) };
    if (id === null || (method !== "GET" && method !== "DELETE")) return notAllowed;
    const record = store.get(id);
    if (!record) return { status: 404, body: { error: "task not found" } };
    if (method === "GET") return { status: 200, body: { ...record } };
    store.delete(id);
    return { status: 204, body: undefined };
  }

  for (const record of Array.from(store.values())) if (record.status === "running") run(record);
  return {
    isOpen: () => open,
    serve(request) {
      const path = request.path.split("?")[0] ?? "";
      const task = /^\/v0\/tasks(?:\/([^/]+))?$/.exec(path);
      if (task) return tasks(request, task[1] ?? null);
      if (!["/v0/healthz", "/v0/startupz", "/v0/livez", "/v0/status"].includes(path)) return unknown;
      if (request.method !== "GET") return notAllowed;
      if (path === "/v0/status") return { status: 200, body: { status: open ? "Ready" : "Initializing" } };
      return { status: open || path === "/v0/livez" ? 200 : 503, body: undefined };
    },
    kill() {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}

const unknown = { status: 404, body: undefined, text: "404 page not found\n" };
const notAllowed = { status: 405, body: undefined, text: "Method Not Allowed\n" };

function newestFirst(store: TaskStore): readonly JsonObject[] {
  const records = Array.from(store.values(), (record): JsonObject => ({ ...record })).toReversed();
  return records.sort((a, b) => textIn(b, "submittedAt").localeCompare(textIn(a, "submittedAt"))).slice(0, 100);
}

function parseTask(body: string | undefined): JsonObject | null {
  try {
    const value: Json = JSON.parse(body ?? "");
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
