/** The API transport over plain sockets: limits, credentials, kept connections, streams. */
import { expect, test } from "bun:test";
import type { Socket } from "node:net";
import { createApiTransport } from "../../src/http/https-transport.ts";
import type { ApiTransport, CallLimits, HttpRequest } from "../../src/base/index.ts";
import { caught } from "./caught.ts";
import { rawServer, reply } from "./raw-server.ts";

const GET = { method: "GET", path: "/api/v1/pods?limit=5" } as const;
const PATCH = { method: "PATCH", path: "/api/v1/pods/a", body: "{}" } as const;
/** For what is to meet its deadline; what is to end otherwise gets the time of a busy machine. */
const LIMITS = { deadlineMs: 150, maxBytes: 64 };
const PATIENT = { deadlineMs: 5000, maxBytes: 64 };
const NO_TLS = { ca: null, cert: null, key: null, serverName: null, insecure: false };

function transportTo(
  origin: string,
  authorization: (force: boolean) => Promise<string | null> = async () => null,
): ApiTransport {
  return createApiTransport({ origin, tls: NO_TLS, authorization, userAgent: "tidekeeper/test" });
}

test.each<[string, (socket: Socket) => void, string]>([
  ["a server that never answers meets the deadline", () => {}, "DEADLINE"],
  [
    "a body that stops meets the deadline",
    (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
    "DEADLINE",
  ],
  ["a body past the cap is refused", (socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${"a".repeat(65)}`), "TOO_LARGE"],
  ["a reset is no reply", (socket) => socket.resetAndDestroy(), "UNREACHABLE"],
])("%s, its socket is closed and the query stays out of the message", async (_title, answer, code) => {
  await using server = await rawServer(answer);
  const limits = code === "DEADLINE" ? LIMITS : PATIENT;
  const error = await caught(transportTo(server.origin).request(GET, limits));
  expect(error.code as string).toBe(code);
  expect(error.message).toStartWith(`GET ${server.origin}/api/v1/pods: got `);
  await server.idle();
  expect(server.connections().made).toBe(1);
});

test("a body past the cap is cut where that was asked for: of a probe only the status counts", async () => {
  await using server = await rawServer((socket) => socket.write(reply(200, "a".repeat(4000))));
  const { status, body } = await transportTo(server.origin).request(GET, { ...PATIENT, truncate: true });
  expect([status, body.length]).toEqual([200, 64]);
});

test("a connection is kept for the next request, but not after a timeout", async () => {
  await using server = await rawServer((socket, head) => {
    if (!head.startsWith("GET /hang")) socket.write(reply(200, "ok"));
  });
  const api = transportTo(server.origin);
  await api.request(GET, PATIENT);
  await api.request(PATCH, PATIENT);
  expect(server.connections().made).toBe(1);
  expect((await caught(api.request({ method: "GET", path: "/hang" }, LIMITS))).code).toBe("DEADLINE");
  await server.idle();
  expect((await api.request(GET, PATIENT)).status).toBe(200);
  expect(server.connections().made).toBe(2);
});

test("after a timeout no kept connection is trusted: a path that went dead costs one call, not one a connection", async () => {
  let isDead = false;
  const dead = new Set<Socket>();
  await using server = await rawServer((socket, head) => {
    if (isDead && !head.startsWith("GET /new")) dead.add(socket);
    if (!dead.has(socket)) setTimeout(() => socket.write(reply(200, "ok")), 20);
  });
  const api = transportTo(server.origin);
  // Three at once make three connections, which are then kept.
  await Promise.all([1, 2, 3].map(() => api.request(GET, PATIENT)));
  expect(server.connections().made).toBe(3);
  isDead = true;
  expect((await caught(api.request(PATCH, LIMITS))).code).toBe("DEADLINE");
  await server.idle();
  expect((await api.request({ method: "GET", path: "/new" }, PATIENT)).status).toBe(200);
  expect(server.connections().made).toBe(4);
});

test("requests beyond 64 wait within their deadline, and those that gave up block nobody", async () => {
  await using server = await rawServer((socket, head) => {
    if (!head.startsWith("GET /hang")) socket.write(reply(200, "ok"));
  });
  const api = transportTo(server.origin);
  const abort = new AbortController();
  const hang = (limits: Partial<CallLimits>) =>
    caught(api.request({ method: "GET", path: "/hang" }, { ...LIMITS, ...limits }));
  const held = Array.from({ length: 64 }, () => hang({ deadlineMs: 60_000, signal: abort.signal }));
  const waiting = Array.from({ length: 86 }, () => hang({}));
  expect(new Set((await Promise.all(waiting)).map((error) => error.code))).toEqual(new Set(["DEADLINE"]));
  expect(server.connections().made).toBe(64);
  abort.abort();
  expect(new Set((await Promise.all(held)).map((error) => error.code))).toEqual(new Set(["ABORTED"]));
  expect((await api.request(GET, PATIENT)).status).toBe(200);
});

test.each<[string, HttpRequest, number | string, number]>([
  ["a GET that met a closed connection is repeated on a new one", GET, 200, 3],
  ["a mutation that met a closed connection is never repeated", PATCH, "UNREACHABLE", 2],
])("%s", async (_title, request, want, seen) => {
  await using server = await rawServer((socket, _head, count) => {
    if (count === 1) socket.write(reply(200, "ok"));
    else socket.resetAndDestroy();
  });
  const api = transportTo(server.origin);
  await api.request(GET, PATIENT);
  const got: number | string = await api.request(request, PATIENT).then(
    ({ status }) => status,
    (error: { code: string }) => error.code,
  );
  expect(got).toBe(want);
  expect(server.heads).toHaveLength(seen);
});

test("a GET whose first connection breaks is not repeated", async () => {
  await using server = await rawServer((socket) => socket.resetAndDestroy());
  expect((await caught(transportTo(server.origin).request(GET, PATIENT))).code).toBe("UNREACHABLE");
  expect(server.heads).toHaveLength(1);
});

test.each<[string, string, number, boolean[]]>([
  ["a 401 makes the credentials be read anew, and the request is repeated", "Bearer new", 200, [false, true]],
  ["a second 401 is the answer", "Bearer wrong", 401, [false, true]],
])("%s", async (_title, renewed, status, asked) => {
  await using server = await rawServer((socket, head) =>
    socket.write(reply(head.includes("Bearer new") ? 200 : 401, "")),
  );
  const asks: boolean[] = [];
  const api = transportTo(server.origin, async (force) => {
    asks.push(force);
    return force ? renewed : "Bearer old";
  });
  expect((await api.request(PATCH, PATIENT)).status).toBe(status);
  expect(asks).toEqual(asked);
  const stream = await api.stream(GET, PATIENT);
  expect(stream.status).toBe(status);
  expect(asks).toEqual([...asked, ...asked]);
});

test("a 401 without credentials is the answer", async () => {
  await using server = await rawServer((socket) => socket.write(reply(401, "")));
  expect((await transportTo(server.origin).request(GET, PATIENT)).status).toBe(401);
  expect(server.heads).toHaveLength(1);
});

test("credentials that never come meet the deadline, and those that fail are told without their text", async () => {
  await using server = await rawServer(() => {});
  const never = transportTo(server.origin, () => new Promise(() => {}));
  expect((await caught(never.request(GET, LIMITS))).code).toBe("DEADLINE");
  const failing = transportTo(server.origin, () => Promise.reject(new Error("token s3cret")));
  expect((await caught(failing.request(GET, LIMITS))).message).not.toContain("s3cret");
  const broken = transportTo(server.origin, async () => "Bearer s3cret\r\nx: y");
  const error = await caught(broken.request(GET, LIMITS));
  expect(error.message).not.toContain("s3cret");
  expect(server.heads).toHaveLength(0);
});

test("a redirect is a reply, and the path of the origin comes before every path", async () => {
  await using server = await rawServer((socket) => socket.write(reply(307, "", ["Location: /elsewhere"])));
  expect((await transportTo(`${server.origin}/k8s/one/`).request(GET, PATIENT)).status).toBe(307);
  expect(server.heads).toHaveLength(1);
  expect(server.heads[0]).toStartWith("GET /k8s/one/api/v1/pods?limit=5 HTTP/1.1\r\n");
  expect(server.heads[0]?.toLowerCase()).toContain("\r\nuser-agent: tidekeeper/test\r\n");
});

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

test("a stream that is broken off closes its socket", async () => {
  await using server = await rawServer((socket) => socket.write(`${CHUNKED}3\r\none\r\n`));
  const { body } = await transportTo(server.origin).stream(GET, PATIENT);
  for await (const chunk of body) {
    expect(Buffer.from(chunk).toString()).toBe("one");
    break;
  }
  await server.idle();
});

test("the deadline of a stream ends at its headers, and its signal does not", async () => {
  const abort = new AbortController();
  await using server = await rawServer((socket) => {
    socket.write(CHUNKED);
    setTimeout(() => socket.write("3\r\none\r\n"), 2200);
  });
  const { body } = await transportTo(server.origin).stream(GET, { deadlineMs: 2000, signal: abort.signal });
  let chunks = 0;
  const read = async (): Promise<void> => {
    for await (const _chunk of body) {
      chunks += 1;
      abort.abort();
    }
  };
  expect((await caught(read())).code).toBe("ABORTED");
  expect(chunks).toBe(1);
  await server.idle();
});

test.each<[string, (socket: Socket) => void, string]>([
  ["a stream whose headers never come meets the deadline", () => {}, "DEADLINE"],
  [
    "a stream that is reset fails while it is read",
    (socket) => {
      socket.write(`${CHUNKED}3\r\none\r\n`, () => socket.resetAndDestroy());
    },
    "UNREACHABLE",
  ],
  [
    "a stream without its last chunk fails while it is read",
    (socket) => socket.end(`${CHUNKED}3\r\none\r\n`),
    "UNREACHABLE",
  ],
])("%s", async (_title, answer, code) => {
  await using server = await rawServer(answer);
  const read = async (): Promise<void> => {
    const { body } = await transportTo(server.origin).stream(GET, code === "DEADLINE" ? LIMITS : PATIENT);
    for await (const chunk of body) expect(chunk.length).toBe(3);
  };
  expect((await caught(read())).code as string).toBe(code);
  await server.idle();
});

test("a stream that is aborted before anybody reads it is no crash, and says so when read", async () => {
  const abort = new AbortController();
  await using server = await rawServer((socket) => socket.write(CHUNKED));
  const { body } = await transportTo(server.origin).stream(GET, { deadlineMs: 5000, signal: abort.signal });
  abort.abort();
  await server.idle();
  const read = async (): Promise<void> => {
    for await (const chunk of body) expect(chunk.length).toBe(0);
  };
  expect((await caught(read())).code).toBe("ABORTED");
});

test("300 open streams do not delay a request", async () => {
  await using server = await rawServer((socket, head) => {
    socket.write(head.startsWith("GET /watch") ? CHUNKED : reply(200, "ok"));
  });
  const abort = new AbortController();
  const api = transportTo(server.origin);
  const watch = { method: "GET", path: "/watch" } as const;
  const streams = Array.from({ length: 300 }, () => api.stream(watch, { deadlineMs: 20_000, signal: abort.signal }));
  await Promise.all(streams);
  expect(server.connections().open).toBe(300);
  expect((await api.request(GET, PATIENT)).status).toBe(200);
  abort.abort();
});

test.each<[string, (calls: number) => string | null, number]>([
  ["a request whose permit stands is sent", () => null, 1],
  ["a request whose permit is refused is not sent", () => "the Lease is not held", 0],
])("%s", async (_title, permit, sent) => {
  await using server = await rawServer((socket) => socket.write(reply(200, "ok")));
  let asked = 0;
  const call = transportTo(server.origin).request(PATCH, { ...PATIENT, permit: () => permit((asked += 1)) });
  const got = await call.then(
    ({ status }) => status,
    ({ code }: { code: string }) => code,
  );
  expect([got, server.heads.length, asked]).toEqual([sent === 1 ? 200 : "WITHHELD", sent, 1]);
});

test("a permit is asked when credentials have come, for each try", async () => {
  await using server = await rawServer((socket, _head, count) => socket.write(reply(count === 1 ? 401 : 200, "ok")));
  let mayAct = true;
  const api = transportTo(server.origin, async (force) => {
    if (force) mayAct = false;
    return "Bearer x";
  });
  const error = await caught(api.request(PATCH, { ...PATIENT, permit: () => (mayAct ? null : "lost") }));
  expect([error.code, error.message, server.heads.length]).toEqual(["WITHHELD", "lost", 1]);
});
