/** One life of one sidecar: its memory, its gate, its HTTP server on the Pod's own address. */
import { type Answer, type Behaviour, type Life, type Stamp, stamp, type Submission } from "./sidecar-journal.ts";
import { takenAs } from "./taken-as.ts";
import type { TaskResult, TaskStore } from "./task-store.ts";

/** Whose sidecar, where it answers, and what it keeps on disk. */
export interface SidecarOptions {
  readonly namespace: string;
  readonly node: string;
  readonly pod: string;
  readonly podUid: string;
  readonly restartCount: number;
  readonly ip: string;
  readonly port: number;
  readonly store: TaskStore;
  /** Asked for every request, so that a test can change it in mid-life. */
  readonly behaviour: () => Behaviour;
  /** Called when a task has opened the gate. */
  readonly opened: () => void;
}

const TASK_TYPES: ReadonlySet<string> = new Set([
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
  "generate-identity",
  "generate-gentx",
  "upload-genesis-artifacts",
  "set-genesis-peers",
  "snapshot-upload-once",
  "await-condition",
  "restart-seid",
]);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const METHODS: Readonly<Record<string, string>> = {
  "/v0/healthz": "GET",
  "/v0/startupz": "GET",
  "/v0/livez": "GET",
  "/v0/status": "GET",
  "/v0/metrics": "GET",
  "/v0/tasks": "GET POST",
};

/** A sidecar from the start of its container on. */
export class SidecarProcess {
  readonly #options: SidecarOptions;
  readonly #ipSeenAt = stamp();
  readonly #submissions: Submission[] = [];
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #listener: { stop(closeConnections?: boolean): unknown } | null = null;
  #listensRaw = false;
  #listeningAt: Stamp | null = null;
  #endedAt: Stamp | null = null;
  #firstNotReady: Life["firstNotReady"] = null;
  #shutAt: Stamp | null = null;
  #openedAt: Stamp | null = null;
  #ready = false;
  #probes = 0;
  #error: string | null = null;

  constructor(options: SidecarOptions) {
    this.#options = options;
    const [least, most] = options.behaviour().startDelayMs;
    const delayMs = least + Math.random() * (most - least);
    if (delayMs < 1) this.#comeUp();
    else this.#after(delayMs, () => this.#comeUp());
  }

  /** Its page of the journal. */
  journal(): Life {
    const { namespace, node, pod, podUid, restartCount, ip, port } = this.#options;
    return {
      namespace,
      node,
      pod,
      podUid,
      restartCount,
      ip,
      port,
      ipSeenAt: this.#ipSeenAt,
      listeningAt: this.#listeningAt,
      endedAt: this.#endedAt,
      firstNotReady: this.#firstNotReady,
      shutAt: this.#shutAt,
      openedAt: this.#openedAt,
      ready: this.#ready,
      probes: this.#probes,
      submissions: this.#submissions,
      error: this.#error,
    };
  }

  /** Shuts or opens the gate behind everybody's back. */
  setGate(open: boolean): void {
    this.#ready = open;
    if (open) {
      this.#openedAt = stamp();
    } else {
      this.#firstNotReady = null;
      this.#shutAt = stamp();
    }
  }

  /** To be called when its behaviour changed: bytes that are no HTTP need another listener. */
  behaviourChanged(): void {
    const raw = this.#options.behaviour().answer === "garbage";
    if (this.#listener === null || raw === this.#listensRaw) return;
    void this.#listener.stop(true);
    this.#listener = null;
    this.#listen();
  }

  /** The container has ended: connections are cut and refused, memory is gone, the records stay. */
  end(): void {
    if (this.#endedAt !== null) return;
    this.#endedAt = stamp();
    for (const timer of this.#timers) clearTimeout(timer);
    void this.#listener?.stop(true);
    this.#listener = null;
  }

  #after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  #comeUp(): void {
    const holds = this.#options.store.unfinished().filter((row) => row.type === "mark-not-ready");
    for (const row of holds) this.#finish(row);
    for (const row of this.#options.store.unfinished()) {
      const superseded = row.type === "mark-ready" && holds.some((hold) => hold.submittedAt >= row.submittedAt);
      if (superseded) this.#options.store.finish(row.id, "superseded by hold");
      else this.#run(row);
    }
    this.#listen();
  }

  #listen(): void {
    const { ip, port } = this.#options;
    this.#listensRaw = this.#options.behaviour().answer === "garbage";
    try {
      this.#listener = this.#listensRaw
        ? Bun.listen({
            hostname: ip,
            port,
            socket: { data: (socket) => void socket.end("\u0000garbage, not HTTP\r\n\r\n") },
          })
        : Bun.serve({ hostname: ip, port, idleTimeout: 255, fetch: (request) => this.#answer(request) });
      this.#listeningAt ??= stamp();
      this.#error = null;
    } catch (error) {
      // The address may still be in the hands of the sidecar that had it before.
      this.#error = String(error);
      this.#after(20, () => this.#listen());
    }
  }

  async #answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const userAgent = request.headers.get("user-agent") ?? "";
    const { answer, submitAnswer, listAnswer } = this.#options.behaviour();
    if (path === "/v0/tasks" && request.method === "POST") {
      const body = await request.text();
      return this.#submit(body, userAgent, answer === "sidecar" ? submitAnswer : answer);
    }
    if (path === "/v0/healthz") this.#probes += 1;
    const reply = await scripted(path === "/v0/tasks" && answer === "sidecar" ? listAnswer : answer);
    return reply ?? this.#read(request.method, path, userAgent);
  }

  #read(method: string, path: string, userAgent: string): Response {
    const id = /^\/v0\/tasks\/([^/]+)$/.exec(path)?.[1];
    if (id !== undefined) return this.#task(method, id);
    const methods = METHODS[path];
    if (methods === undefined) return new Response("404 page not found\n", { status: 404 });
    if (!methods.split(" ").includes(method)) return new Response("Method Not Allowed\n", { status: 405 });
    if (path === "/v0/livez") return new Response(null, { status: 200 });
    if (path === "/v0/status") return Response.json({ status: this.#ready ? "Ready" : "Initializing" });
    if (path === "/v0/metrics") return new Response("# no metrics here\n");
    if (path === "/v0/tasks") return Response.json(this.#options.store.list());
    if (this.#ready) return new Response(null, { status: 200 });
    if (path === "/v0/healthz") this.#firstNotReady ??= { at: stamp(), userAgent };
    return new Response(null, { status: 503 });
  }

  #task(method: string, id: string): Response {
    const row = this.#options.store.get(id);
    if (method !== "GET" && method !== "DELETE") return new Response("Method Not Allowed\n", { status: 405 });
    if (row === null) return Response.json({ error: "task not found" }, { status: 404 });
    if (method === "GET") return Response.json(row);
    this.#options.store.remove(id);
    return new Response(null, { status: 204 });
  }

  async #submit(body: string, userAgent: string, answer: Answer): Promise<Response> {
    const task = taskOf(body);
    const at = stamp();
    const note = (status: number): void =>
      void this.#submissions.push({ at, id: task.id, type: task.type, body, status, userAgent });
    if (answer !== "sidecar" && answer !== "lost") {
      note(typeof answer === "string" ? 0 : answer.status);
      return (await scripted(answer)) ?? new Response(null, { status: 500 });
    }
    if (task.error !== null) {
      note(400);
      return Response.json({ error: task.error }, { status: 400 });
    }
    const row = this.#options.store.submit(task.id, task.type, task.params);
    // The reply goes out before the task has run, as in life: 201, and the gate still shut.
    if (row !== null) this.#run(row);
    note(answer === "lost" ? 0 : 201);
    return (await scripted(answer)) ?? Response.json({ id: task.id }, { status: 201 });
  }

  #run(row: TaskResult): void {
    this.#after(this.#options.behaviour().taskMs, () => this.#finish(row));
  }

  #finish(row: TaskResult): void {
    const error = this.#options.behaviour().failing[row.type] ?? null;
    const cancelled = this.#options.store.get(row.id)?.run !== row.run;
    if (cancelled) return;
    if (error === null && row.type === "mark-ready") {
      this.#ready = true;
      this.#openedAt = stamp();
      this.#options.opened();
    }
    if (error === null && row.type === "mark-not-ready") {
      this.#options.store.removeType("mark-ready");
      this.#ready = false;
    }
    this.#options.store.finish(row.id, error);
  }
}

/** Null = as a sidecar does. */
async function scripted(answer: Answer): Promise<Response | null> {
  if (answer === "sidecar" || answer === "garbage") return null;
  if (answer === "hang" || answer === "lost") return Promise.withResolvers<Response>().promise;
  return new Response(answer.body ?? null, { status: answer.status, headers: answer.headers ?? {} });
}

interface SubmittedTask {
  readonly id: string;
  readonly type: string;
  readonly params: unknown;
  readonly error: string | null;
}

function taskOf(body: string): SubmittedTask {
  const refused = (error: string, id = "", type = ""): SubmittedTask => ({ id, type, params: null, error });
  let json: { readonly id?: unknown; readonly type?: unknown; readonly params?: unknown } | null;
  try {
    json = takenAs(JSON.parse(body));
  } catch {
    return refused("invalid request body");
  }
  const id = typeof json?.id === "string" ? json.id : crypto.randomUUID();
  const type = typeof json?.type === "string" ? json.type : "";
  if (type === "") return refused("type is required", id);
  if (!TASK_TYPES.has(type)) return refused(`unknown task type: ${type}`, id, type);
  if (!UUID.test(id)) return refused("id is not a UUID", id, type);
  return { id, type, params: json?.params, error: null };
}
