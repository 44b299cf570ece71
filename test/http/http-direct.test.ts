/** Sidecars over plain HTTP, against servers that misbehave in every way we know of. */
import { expect, spyOn, test } from "bun:test";
import dns from "node:dns";
import { existsSync, readdirSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createDirectTransport } from "../../src/http/http-direct.ts";
import { caught } from "./caught.ts";
import { rawServer, reply } from "./raw-server.ts";

const GET = { method: "GET", path: "/v0/healthz" } as const;
/** For what is to meet its deadline; what is to end otherwise gets the time of a busy machine. */
const LIMITS = { deadlineMs: 150, maxBytes: 64 };
const PATIENT = { ...LIMITS, deadlineMs: 5000 };
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
  const limits = code === "DEADLINE" ? LIMITS : PATIENT;
  const error = await caught(createDirectTransport().request({ host: "127.0.0.1", port: server.port }, GET, limits));
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
    ...PATIENT,
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
  await createDirectTransport().request({ host: "127.0.0.1", port: server.port }, post, PATIENT);
  const [head = ""] = server.heads;
  expect(head).toStartWith("POST /v0/tasks HTTP/1.1\r\n");
  for (const line of ["connection: close", "accept-encoding: identity", "content-length: 10"]) {
    expect(head.toLowerCase()).toContain(`\r\n${line}\r\n`);
  }
});

test("a refused connection is told by its cause", async () => {
  const server = await rawServer(() => {});
  await server[Symbol.asyncDispose]();
  const error = await caught(createDirectTransport().request({ host: "127.0.0.1", port: server.port }, GET, PATIENT));
  expect(error.code).toBe("UNREACHABLE");
  expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
});

test("waiting for a socket counts in the deadline, and those who gave up leave the line", async () => {
  await using server = await rawServer((socket, head) => {
    if (head.startsWith("GET /ok")) socket.end(reply(200, "ok"));
  });
  const direct = createDirectTransport({ maxSockets: 2 });
  const target = { host: "127.0.0.1", port: server.port };
  const deadlines = [1000, 1000, 50, 50, 50, 50];
  const hung = deadlines.map((deadlineMs) => caught(direct.request(target, GET, { ...LIMITS, deadlineMs })));
  const patient = direct.request(target, { method: "GET", path: "/ok" }, PATIENT);
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

test("a name whose first address refuses is answered by the next", async () => {
  await using server = await rawServer((socket) => socket.end(reply(200, "ok")));
  const addresses = ["127.0.0.2", "127.0.0.1"].map((address) => ({ address, family: 4 }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of all its forms the one that is called here
  const lookup = ((_name: string, _options: object, told: (error: null, all: object) => void) =>
    told(null, addresses)) as unknown as typeof dns.lookup;
  const spied = spyOn(dns, "lookup").mockImplementation(lookup);
  try {
    const target = { host: "sei-0.sei.ns.svc.cluster.local", port: server.port };
    expect((await createDirectTransport().request(target, GET, PATIENT)).status).toBe(200);
    expect(spied).toHaveBeenCalledTimes(1);
  } finally {
    spied.mockRestore();
  }
});

test("a name without an address is told by its cause", async () => {
  const limits = { ...LIMITS, deadlineMs: 4000 };
  const error = await caught(createDirectTransport().request({ host: "nobody.invalid", port: 1 }, GET, limits));
  // Where nobody can be asked for names, the call may also end without an answer.
  if (error.code !== "DEADLINE")
    expect(error.cause).toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_)/) });
});

test("an IPv6 address is dialled, and stands in brackets", async () => {
  const heads: string[] = [];
  const server = createServer((socket) => {
    socket.on("data", (data) => {
      heads.push(data.toString());
      socket.end(reply(200, "ok"));
    });
  });
  const isHeard = await new Promise<boolean>((resolve) => {
    server.on("error", () => resolve(false));
    server.listen(0, "::1", () => resolve(true));
  });
  if (!isHeard) return;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  const got = await createDirectTransport().request({ host: "::1", port }, GET, PATIENT);
  expect(got.status).toBe(200);
  expect(heads[0]).toContain(`\r\nhost: [::1]:${port}\r\n`);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const error = await caught(createDirectTransport().request({ host: "::1", port }, GET, PATIENT));
  expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
});

test.each(["GET", "POST"] as const)("a %s whose connection is broken off is not sent again", async (method) => {
  await using server = await rawServer((socket) => socket.resetAndDestroy());
  const request = { method, path: "/v0/tasks", ...(method === "POST" ? { body: "{}" } : {}) };
  const error = await caught(
    createDirectTransport().request({ host: "127.0.0.1", port: server.port }, request, PATIENT),
  );
  expect(error.code).toBe("UNREACHABLE");
  expect(server.connections().made).toBe(1);
});

test.each<[string, { path?: string; headers?: Record<string, string> }]>([
  ["in a value", { headers: { accept: "x\r\nhost: other" } }],
  ["in a name", { headers: { "x\r\ny": "z" } }],
  ["in a path", { path: "/a\r\nhost: other" }],
  ["a line break beyond ASCII", { headers: { accept: "\u0085" } }],
])("what would begin a line of its own is never sent: %s", async (_title, changes) => {
  await using server = await rawServer((socket) => socket.end(reply(200, "ok")));
  const target = { host: "127.0.0.1", port: server.port };
  const error = await caught(createDirectTransport().request(target, { ...GET, ...changes }, PATIENT));
  expect(error.cause).toMatchObject({ code: "ERR_INVALID_CHAR" });
  expect(server.connections().made).toBe(0);
});

test("a refused call gives its slot to the next", async () => {
  await using server = await rawServer((socket) => socket.end(reply(200, "ok")));
  const gone = await rawServer(() => {});
  await gone[Symbol.asyncDispose]();
  const direct = createDirectTransport({ maxSockets: 1 });
  const ask = (port: number) => direct.request({ host: "127.0.0.1", port }, GET, PATIENT);
  const refused = [caught(ask(gone.port)), caught(ask(gone.port)), caught(ask(gone.port))];
  const answered = ask(server.port);
  expect((await Promise.all(refused)).map((error) => error.code)).toEqual(Array(3).fill("UNREACHABLE"));
  expect((await answered).status).toBe(200);
});

test("proxy variables change nothing", async () => {
  await using proxy = await rawServer((socket) => socket.end(reply(200, "proxy")));
  await using server = await rawServer((socket) => socket.end(reply(200, "sidecar")));
  const program = `
      const { createDirectTransport } = await import(${JSON.stringify(new URL("../../src/http/http-direct.ts", import.meta.url).href)});
      const target = { host: "127.0.0.1", port: ${server.port} };
      const got = await createDirectTransport().request(target, { method: "GET", path: "/" }, { deadlineMs: 5000, maxBytes: 64 });
      console.log(new TextDecoder().decode(got.body));
      process.exit(0);`;
  const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
  const proxies = Object.fromEntries(names.map((name) => [name, `http://127.0.0.1:${proxy.port}`]));
  const child = Bun.spawn([process.execPath, "-e", program], { env: { PATH: process.env["PATH"], ...proxies } });
  expect((await new Response(child.stdout).text()).trim()).toBe("sidecar");
  expect(proxy.connections().made).toBe(0);
});

/** A port whose accept queue is full, so that the kernel drops every SYN, as a Pod that is gone does. */
async function silentPort(): Promise<{ readonly port: number } & Disposable> {
  const listen = `
      const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
        require("node:fs").writeSync(1, String(server.address().port) + "\\n");
        Bun.sleepSync(60_000);
        process.exit(0);
      });`;
  const child = Bun.spawn([process.execPath, "-e", listen], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  const port = Number(Buffer.from(value ?? []).toString());
  const fillers: Socket[] = [];
  // Bun asks for a queue of 512; each that is in it has been accepted by the kernel alone.
  for (let isFull = false; !isFull && fillers.length < 2048;) {
    const filler = connect({ host: "127.0.0.1", port }).on("error", () => {});
    fillers.push(filler);
    isFull = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), 100);
      filler.on("connect", () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  }
  return {
    port,
    [Symbol.dispose]() {
      for (const filler of fillers) filler.destroy();
      child.kill("SIGKILL");
    },
  };
}

test.skipIf(!existsSync("/proc/self/fd"))("a peer that drops SYNs meets the deadline and the signal", async () => {
  using silent = await silentPort();
  const direct = createDirectTransport();
  const target = { host: "127.0.0.1", port: silent.port };
  const before = readdirSync("/proc/self/fd").length;
  expect((await caught(direct.request(target, GET, LIMITS))).code).toBe("DEADLINE");
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 20);
  const limits = { deadlineMs: 60_000, maxBytes: 64, signal: abort.signal };
  expect((await caught(direct.request(target, GET, limits))).code).toBe("ABORTED");
  // Whatever else the process opens meanwhile, a socket left behind would stay for two minutes.
  expect(readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(before);
});

test("what may not be sent any more when its socket is free is not sent", async () => {
  await using server = await rawServer((socket) => socket.end(reply(200, "ok")));
  const target = { host: "127.0.0.1", port: server.port };
  const error = await caught(
    createDirectTransport().request(target, { method: "POST", path: "/v0/tasks" }, { ...PATIENT, permit: () => "no" }),
  );
  expect([error.code, server.heads.length]).toEqual(["WITHHELD", 0]);
});
