/** Sidecars over plain HTTP, against servers that misbehave in every way we know of. */
import { expect, test } from "bun:test";
import type { Socket } from "node:net";
import { createDirectTransport } from "../../../src/cli/world/http-direct.ts";
import { caught } from "./caught.ts";
import { rawServer, reply } from "./raw-server.ts";

const GET = { method: "GET", path: "/v0/healthz" } as const;
const LIMITS = { deadlineMs: 150, maxBytes: 64 };
/** Sends `piece` every 10 ms for as long as somebody listens. */
const trickle = (socket: Socket, piece: string): void => {
  const timer = setInterval(() => socket.write(piece), 10);
  socket.on("close", () => clearInterval(timer));
};

test.each<[string, (socket: Socket) => void, string]>([
  ["a server that never answers meets the deadline", () => {}, "DEADLINE"],
  [
    "slow headers meet the deadline",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      trickle(socket, "x: y\r\n");
    },
    "DEADLINE",
  ],
  [
    "a slow body meets the deadline",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n");
      trickle(socket, "a");
    },
    "DEADLINE",
  ],
  [
    "interim replies without end meet the deadline",
    (socket) => trickle(socket, "HTTP/1.1 102 Processing\r\n\r\n"),
    "DEADLINE",
  ],
  [
    "a body without end meets the cap",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      trickle(socket, "a".repeat(60));
    },
    "TOO_LARGE",
  ],
  [
    "an announced body past the cap is not waited for",
    (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n"),
    "TOO_LARGE",
  ],
  [
    "headers past the limit are refused",
    (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}\r\n\r\n`),
    "TOO_LARGE",
  ],
  ["a reset before the reply is no reply", (socket) => socket.resetAndDestroy(), "UNREACHABLE"],
  ["a close before the reply is no reply", (socket) => socket.destroy(), "UNREACHABLE"],
  [
    "a body cut short is no reply",
    (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
    "UNREACHABLE",
  ],
  ["what is not HTTP is no reply", (socket) => socket.write("SSH-2.0-OpenSSH_9.9\r\n\r\n"), "UNREACHABLE"],
])("%s, and its socket is closed", async (_title, answer, code) => {
  await using server = await rawServer(answer);
  const error = await caught(createDirectTransport().request({ host: "127.0.0.1", port: server.port }, GET, LIMITS));
  expect(error.code as string).toBe(code);
  expect(error.message).toStartWith(`GET http://127.0.0.1:${server.port}/v0/healthz: got `);
  await server.idle();
});

test.each<[string, string, object, { status: number; body: string }]>([
  ["a reply comes whole", reply(503, "not ready"), {}, { status: 503, body: "not ready" }],
  [
    "interim replies are skipped",
    `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${reply(200, "ok")}`,
    {},
    { status: 200, body: "ok" },
  ],
  [
    "a redirect is a reply, and nobody goes there",
    reply(302, "", ["Location: http://127.0.0.1:1/"]),
    {},
    { status: 302, body: "" },
  ],
  [
    "a body past the cap can be cut, and the status counts",
    reply(200, "a".repeat(99)),
    { truncate: true },
    { status: 200, body: "a".repeat(64) },
  ],
  ["a body of exactly the cap is whole", reply(200, "a".repeat(64)), {}, { status: 200, body: "a".repeat(64) }],
  [
    "a compressed body stays as sent",
    reply(200, "\u001f?", ["Content-Encoding: gzip"]),
    {},
    { status: 200, body: "\u001f?" },
  ],
])("%s", async (_title, text, extra, want) => {
  await using server = await rawServer((socket) => socket.write(text));
  const got = await createDirectTransport().request({ host: "127.0.0.1", port: server.port }, GET, {
    ...LIMITS,
    ...extra,
  });
  expect({ status: got.status, body: Buffer.from(got.body).toString() }).toEqual(want);
  await server.idle();
});

test("a request says that its connection ends and that nothing may be compressed", async () => {
  await using server = await rawServer((socket) => socket.end(reply(201, "")));
  const post = {
    method: "POST",
    path: "/v0/tasks",
    headers: { "content-type": "application/json" },
    body: '{"a":"ü"}',
  } as const;
  await createDirectTransport().request({ host: "127.0.0.1", port: server.port }, post, LIMITS);
  const [head = ""] = server.heads;
  expect(head).toStartWith("POST /v0/tasks HTTP/1.1\r\n");
  for (const line of ["connection: close", "accept-encoding: identity", "content-length: 10"]) {
    expect(head.toLowerCase()).toContain(`\r\n${line}\r\n`);
  }
});

test("a refused connection is told by its cause", async () => {
  const server = await rawServer(() => {});
  await server[Symbol.asyncDispose]();
  const error = await caught(createDirectTransport().request({ host: "127.0.0.1", port: server.port }, GET, LIMITS));
  expect(error.code).toBe("UNREACHABLE");
  expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
});

test("waiting for a socket counts in the deadline, and those who gave up leave the line", async () => {
  await using server = await rawServer((socket, head) => {
    if (head.startsWith("GET /ok")) socket.end(reply(200, "ok"));
  });
  const direct = createDirectTransport({ maxSockets: 2 });
  const target = { host: "127.0.0.1", port: server.port };
  const deadlines = [150, 150, 50, 50, 50, 50];
  const hung = deadlines.map((deadlineMs) => caught(direct.request(target, GET, { ...LIMITS, deadlineMs })));
  const patient = direct.request(target, { method: "GET", path: "/ok" }, { ...LIMITS, deadlineMs: 5000 });
  expect((await Promise.all(hung)).map((error) => error.code)).toEqual(Array(6).fill("DEADLINE"));
  expect((await patient).status).toBe(200);
  expect(server.connections().made).toBe(3);
});

test("a signal ends a call at once, also one that came in late", async () => {
  await using server = await rawServer(() => abort.abort());
  const abort = new AbortController();
  const direct = createDirectTransport();
  const limits = { deadlineMs: 60_000, maxBytes: 64, signal: abort.signal };
  const target = { host: "127.0.0.1", port: server.port };
  expect((await caught(direct.request(target, GET, limits))).code).toBe("ABORTED");
  expect((await caught(direct.request(target, GET, limits))).code).toBe("ABORTED");
  await server.idle();
  expect(server.heads).toHaveLength(1);
});
