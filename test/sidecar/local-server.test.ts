/** The same answers from a real socket, through a plain `node:http` door that behaves as the contract says. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { request as httpRequest } from "node:http";
import { createSidecar } from "../../src/sidecar/sidecar.ts";
import type { DirectTransport, HttpResponse } from "../../src/base/index.ts";
import { failure, never } from "./scripted.ts";

const ID = "bfc1314a-0b03-5197-8db4-1b7f37264be3";
const tasks = new Map<string, object>();
let ready = false;
let followed = false;
let server: ReturnType<typeof Bun.serve>;

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/v0/healthz") return new Response(null, { status: ready ? 200 : 503 });
      if (pathname === "/v0/tasks" && request.method === "POST") {
        const { id, type } = postedTask(await request.json());
        if (type === "move") return Response.redirect("/followed", 307);
        if (type !== "mark-ready") return Response.json({ error: `unknown task type: ${type}` }, { status: 400 });
        tasks.set(id, { id, type, status: "completed", submittedAt: "2026-01-02T03:04:05Z" });
        ready = true;
        return Response.json({ id }, { status: 201 });
      }
      if (pathname === "/v0/tasks") return Response.json([...tasks.values()]);
      if (pathname === "/followed") followed = true;
      const task = tasks.get(pathname.slice("/v0/tasks/".length));
      return task === undefined ? Response.json({ error: "task not found" }, { status: 404 }) : Response.json(task);
    },
  });
});
afterAll(() => server.stop(true));

function postedTask(raw: unknown): { id: string; type: string } {
  if (typeof raw !== "object" || raw === null || !("id" in raw) || !("type" in raw)) throw new Error("no task");
  return { id: String(raw.id), type: String(raw.type) };
}

const plainHttp: DirectTransport = {
  request(target, { method, path, headers, body }, { maxBytes, truncate = false }) {
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    // Loopback is no Pod's address, so the Pod's stands for it.
    const call = httpRequest(
      { ...target, host: "127.0.0.1", method, path, headers: { ...headers }, agent: false },
      (incoming) => {
        const chunks: Uint8Array[] = [];
        incoming.on("data", (chunk: Uint8Array) => chunks.push(chunk));
        incoming.on("end", () => {
          const whole = Buffer.concat(chunks);
          if (whole.length > maxBytes && !truncate) return reject(failure("TOO_LARGE"));
          const told = Object.fromEntries(Object.entries(incoming.headers).map(([key, value]) => [key, String(value)]));
          return resolve({ status: incoming.statusCode ?? 0, headers: told, body: whole.subarray(0, maxBytes) });
        });
      },
    );
    call.on("error", (cause) => reject(Object.assign(new Error("no reply", { cause }), { code: "UNREACHABLE" })));
    call.end(body);
    return promise;
  },
};
const sidecarAt = (port: number) =>
  createSidecar({ route: { kind: "direct", host: "10.0.0.7", port }, direct: plainHttp, api: plainHttpNever });
const plainHttpNever = { request: () => Promise.reject(new Error("the other route was taken")) };

test("a gate is opened, and the task that opened it can be read", async () => {
  const sidecar = sidecarAt(server.port ?? 0);
  expect(await sidecar.health(never)).toEqual({ state: "notReady", tasks: [] });
  expect(await sidecar.task(ID, never)).toEqual({ kind: "notFound" });
  expect(await sidecar.submit({ id: ID, type: "mark-ready" }, never)).toEqual({ kind: "accepted" });
  expect(await sidecar.health(never)).toEqual({ state: "ready" });
  const task = {
    id: ID,
    type: "mark-ready",
    status: "completed" as const,
    error: null,
    submittedAt: "2026-01-02T03:04:05Z",
    run: null,
  };
  expect(await sidecar.task(ID, never)).toEqual({ kind: "found", task });
  expect(await sidecar.tasks(never)).toEqual([task]);
});

test("an unknown task is refused in the sidecar's words", async () => {
  expect(await sidecarAt(server.port ?? 0).submit({ id: ID, type: "fly" }, never)).toEqual({
    kind: "rejected",
    status: 400,
    cause: "sidecar rejected fly (400): unknown task type: fly. Is the sidecar older than this controller?",
  });
});

test("a redirect is told, not followed", async () => {
  const cause = "sidecar replied 307; redirects are not followed";
  expect(await sidecarAt(server.port ?? 0).submit({ id: ID, type: "move" }, never)).toEqual({
    kind: "unconfirmed",
    cause,
  });
  expect(followed).toBe(false);
});

test("a closed port is unreachable", async () => {
  const gone = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const port = gone.port ?? 0;
  await gone.stop(true);
  const cause = "the sidecar cannot be reached: connection refused";
  expect(await sidecarAt(port).health(never)).toEqual({ state: "unreachable", cause });
});
