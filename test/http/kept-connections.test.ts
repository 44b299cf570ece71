/** Connections that are kept between exchanges: which, for how long, and who gets them. */
import { expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { HttpConnection, type Exchange } from "../../src/http/http-connection.ts";
import { createKeptConnections } from "../../src/http/kept-connections.ts";
import { CallDeadline } from "../../src/http/call-deadline.ts";
import { requestText } from "../../src/http/request-text.ts";
import { caught } from "./caught.ts";
import { type RawServer, rawServer, reply } from "./raw-server.ts";

const PATIENT_MS = 5000;

function call(path: string, body?: string): Exchange {
  const what = (): string => `GET ${path}`;
  const text = requestText({ method: "GET", authority: "host", path, headers: {}, body }, what);
  return { what, text, maxBytes: 8, truncate: true };
}

function patient(signal?: AbortSignal): CallDeadline {
  return new CallDeadline({ deadlineMs: PATIENT_MS, signal }, () => "GET /");
}

function opened({ port }: RawServer): HttpConnection {
  return new HttpConnection(connect({ host: "127.0.0.1", port }));
}

function keptTo(server: RawServer, { limit = 64, idleMs = 60_000 } = {}) {
  const kept = createKeptConnections({ open: () => opened(server), limit, idleMs });
  const get = async (path: string, { deadline = patient(), body }: { deadline?: CallDeadline; body?: string } = {}) => {
    try {
      const got = await kept.exchange({ ...call(path, body), canRepeat: false }, deadline);
      return Buffer.from(got.body).toString();
    } finally {
      deadline.release();
    }
  };
  return { get, closeIdle: () => kept.closeIdle() };
}

async function closing(connection: HttpConnection): Promise<void> {
  while (connection.isOpen) await Bun.sleep(1);
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n";

test.each<[string, string, number]>([
  ["a reply with a length", reply(200, "ok"), 1],
  ["a reply in chunks", `${CHUNKED}\r\n`, 1],
  ["a reply in chunks with trailers", `${CHUNKED}a: b\r\nc: d\r\n\r\n`, 1],
  ["a reply that has no body", "HTTP/1.1 204 X\r\n\r\n", 1],
  ["a reply that tells the length of a body it has not", "HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n", 1],
  ["a reply after an interim one", `HTTP/1.1 103 X\r\n\r\n${reply(200, "ok")}`, 1],
  ["a server that closes", reply(200, "ok", ["Connection: foo, Close"]), 2],
  ["an old server", "HTTP/1.0 200 X\r\nContent-Length: 0\r\n\r\n", 2],
  ["a body that was cut", reply(200, "a".repeat(9)), 2],
  ["bytes behind a body", `${reply(200, "ok")}x`, 2],
  ["bytes behind chunks", `${CHUNKED}\r\nx`, 2],
  ["bytes behind no body", "HTTP/1.1 204 X\r\n\r\nx", 2],
])("%s leaves a connection that is used again, or not", async (_title, text, made) => {
  await using server = await rawServer((socket) => socket.write(text));
  const { get } = keptTo(server);
  expect(await get("/")).toBe(await get("/"));
  expect(server.connections().made).toBe(made);
});

test("a body that only the end of its connection ends is whole, and the next one has another", async () => {
  await using server = await rawServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nok"));
  const { get } = keptTo(server);
  expect([await get("/"), await get("/")]).toEqual(["ok", "ok"]);
  expect(server.connections().made).toBe(2);
});

test("a reply that came before its request was sent leaves a connection that nobody else gets", async () => {
  await using server = await rawServer((socket, _piece, count) => {
    if (count > 1) return;
    socket.pause();
    socket.write(reply(413, "no"), () => setTimeout(() => socket.resume(), 20));
  });
  const { get } = keptTo(server);
  expect(await get("/", { body: "b".repeat(32_000_000) })).toBe("no");
  expect(await get("/")).toBe("no");
  expect(server.connections().made).toBe(2);
});

test.each<[string, (socket: Socket) => void]>([
  ["is closed by the server", (socket) => socket.end()],
  ["is reset by the server", (socket) => socket.resetAndDestroy()],
  ["gets bytes that nobody asked for", (socket) => socket.write(reply(200, "evil"))],
])("an unused connection that %s is dropped without a word", async (_title, then) => {
  const sockets: Socket[] = [];
  await using server = await rawServer((socket) => {
    sockets.push(socket);
    socket.write(reply(200, "ok"));
  });
  const connection = opened(server);
  await connection.exchange(call("/"), patient());
  expect(connection.isOpen).toBe(true);
  for (const socket of sockets) then(socket);
  await closing(connection);
  expect(connection.isStale).toBe(false);
  await server.idle();
});

test("an unused connection is closed after a while, and one in use never", async () => {
  await using server = await rawServer((socket) => setTimeout(() => socket.write(reply(200, "ok")), 60));
  const { get } = keptTo(server, { idleMs: 40 });
  for (let call = 0; call < 3; call += 1) await get("/");
  expect(server.connections().made).toBe(1);
  await server.idle();
  await get("/");
  expect(server.connections().made).toBe(2);
});

test("of unused connections the last used one is taken, so those of a burst may end", async () => {
  const numbers = new Map<Socket, number>();
  const early = Promise.withResolvers<void>();
  await using server = await rawServer((socket, head) => {
    if (!numbers.has(socket)) numbers.set(socket, numbers.size);
    const write = (): boolean => socket.write(reply(200, String(numbers.get(socket))));
    if (head.startsWith("GET /late")) void early.promise.then(write);
    else write();
  });
  const { get, closeIdle } = keptTo(server);
  const late = get("/late");
  const first = await get("/");
  early.resolve();
  expect([await late, first]).toEqual(["0", "1"]);
  expect([await get("/"), await get("/")]).toEqual(["0", "0"]);
  closeIdle();
  await server.idle();
  expect(await get("/")).toBe("2");
});

test("calls beyond the limit are served in order, and one that gave up leaves the line at once", async () => {
  await using server = await rawServer((socket) => setTimeout(() => socket.write(reply(200, "ok")), 10));
  const { get } = keptTo(server, { limit: 1 });
  const abort = new AbortController();
  const ends: string[] = [];
  const ended = (path: string) => (): number => ends.push(path);
  const first = get("/first").then(ended("/first"));
  const impatient = caught(get("/second", { deadline: patient(abort.signal) }));
  const rest = ["/third", "/fourth"].map((path) => get(path).then(ended(path)));
  abort.abort();
  expect((await impatient).code).toBe("ABORTED");
  expect(ends).toEqual([]);
  await Promise.all([first, ...rest]);
  expect(ends).toEqual(["/first", "/third", "/fourth"]);
  expect(server.heads.map((head) => head.split(" ")[1])).toEqual(["/first", "/third", "/fourth"]);
  expect(server.connections().made).toBe(1);
});

test("a deadline that is over after its exchange does not cut the connection of the next one", async () => {
  await using server = await rawServer((socket) => socket.write(reply(200, "ok")));
  const connection = opened(server);
  const abort = new AbortController();
  await connection.exchange(call("/"), patient(abort.signal));
  abort.abort();
  expect(connection.isOpen).toBe(true);
  expect((await connection.exchange(call("/"), patient())).status).toBe(200);
  connection.close();
});

test.each<[string, string, boolean]>([
  ["before a byte of a reply is stale", "", true],
  ["within a reply is not: something was done", "HTTP/1.1 2", false],
])("a kept connection that breaks %s", async (_title, text, isStale) => {
  await using server = await rawServer((socket, _head, count) => {
    if (count === 1) socket.write(reply(200, "ok"));
    else socket.end(text);
  });
  const connection = opened(server);
  await connection.exchange(call("/"), patient());
  expect((await caught(connection.exchange(call("/"), patient()))).code).toBe("UNREACHABLE");
  expect(connection.isStale).toBe(isStale);
});
