/** Requests and streams through proxies of each kind, to servers with TLS and without. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { certificate } from "../../scripts/cluster/certificate.ts";
import { createApiTransport } from "../../src/http/https-transport.ts";
import type { ApiTls } from "../../src/http/options.ts";
import { caught } from "./caught.ts";

const root = await certificate({ name: "root", days: 1, issuer: null });
const kube = await certificate({ name: "kube", hosts: ["kube.internal", "proxy.internal"], days: 1, issuer: root });
const LIMITS = { deadlineMs: 5000, maxBytes: 4096 };
const TLS: ApiTls = { ca: root.certificatePem, cert: null, key: null, serverName: "kube.internal", insecure: false };

const servers: Server[] = [];
const sockets = new Set<Socket>();
/** What was asked of each proxy, and the credentials that came with it. */
const asked: string[] = [];
const ports = { tls: 0, plain: 0, http: 0, https: 0, socks: 0, refusing: 0, silent: 0 };

async function listening(name: keyof typeof ports, server: Server): Promise<void> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  ports[name] = (server.address() as AddressInfo).port;
}

/** Whatever name is asked for leads to the port on this machine. */
function joined(socket: Socket, port: number): void {
  const onward = connect(port, "127.0.0.1");
  sockets.add(onward);
  onward.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  socket.on("close", () => onward.destroy());
  socket.pipe(onward);
  onward.pipe(socket);
}

function httpProxy(socket: Socket): void {
  socket.on("error", () => {});
  socket.once("data", (data: Buffer) => {
    const head = data.toString("latin1");
    const [line = ""] = head.split("\r\n");
    asked.push(`${line} ${/proxy-authorization: (.*)\r/i.exec(head)?.[1] ?? "-"}`);
    const port = Number(/:(\d+)/.exec(line)?.[1]);
    if (line.startsWith("CONNECT")) {
      socket.write("HTTP/1.1 200 HttpConnection established\r\n\r\n");
      return joined(socket, port);
    }
    joined(socket, port);
    socket.unshift(data);
  });
}

function socksProxy(socket: Socket): void {
  let step = 0;
  socket.on("data", function talk(data: Buffer) {
    step += 1;
    if (step === 1) return void socket.write(Buffer.from([5, data.includes(2, 2) ? 2 : 0]));
    if (step === 2 && data[0] === 1) {
      asked.push(`socks login ${data.toString("latin1").replaceAll(/[^\w]/g, " ").trim()}`);
      return void socket.write(Buffer.from([1, 0]));
    }
    socket.off("data", talk);
    asked.push(`socks ${data[3] === 3 ? data.subarray(5, -2).toString() : data.subarray(4, -2).join(".")}`);
    socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    joined(socket, data.readUInt16BE(data.length - 2));
  });
}

beforeAll(async () => {
  const { certificatePem: cert, keyPem: key } = kube;
  await listening(
    "tls",
    createHttpsServer({ cert, key }, (request, response) => response.end(`tls ${request.url}`)),
  );
  await listening(
    "plain",
    createHttpServer((request, response) => response.end(`plain ${request.url}`)),
  );
  await listening("http", createServer(httpProxy));
  await listening("https", createTlsServer({ cert, key }, httpProxy));
  await listening("socks", createServer(socksProxy));
  await listening(
    "refusing",
    createServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 403 No\r\n\r\n"))),
  );
  await listening("silent", createServer());
});
afterAll(() => {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
});

function through(proxy: string, target: "tls" | "plain") {
  const origin = target === "tls" ? `https://kube.internal:${ports.tls}` : `http://kube.internal:${ports.plain}`;
  return createApiTransport({
    origin: `${origin}/base`,
    tls: TLS,
    proxy,
    authorization: async () => null,
    userAgent: "t",
  });
}

test.each<[string, "tls" | "plain", () => string, () => readonly string[]]>([
  [
    "an http proxy",
    "tls",
    () => `http://127.0.0.1:${ports.http}`,
    () => [`CONNECT kube.internal:${ports.tls} HTTP/1.1 -`],
  ],
  [
    "an http proxy with a login",
    "tls",
    () => `http://me:p%40ss@127.0.0.1:${ports.http}`,
    () => [`CONNECT kube.internal:${ports.tls} HTTP/1.1 Basic ${Buffer.from("me:p@ss").toString("base64")}`],
  ],
  [
    "an https proxy",
    "tls",
    () => `https://127.0.0.1:${ports.https}`,
    () => [`CONNECT kube.internal:${ports.tls} HTTP/1.1 -`],
  ],
  ["a socks proxy", "tls", () => `socks5://127.0.0.1:${ports.socks}`, () => ["socks kube.internal"]],
  [
    "a socks proxy with a login",
    "tls",
    () => `socks5://me:pw@127.0.0.1:${ports.socks}`,
    () => ["socks login me pw", "socks kube.internal"],
  ],
  ["a socks proxy to http", "plain", () => `socks5://127.0.0.1:${ports.socks}`, () => ["socks kube.internal"]],
  [
    "an http proxy to http",
    "plain",
    () => `http://me:pw@127.0.0.1:${ports.http}`,
    () => [`GET http://kube.internal:${ports.plain}/base/x HTTP/1.1 Basic ${Buffer.from("me:pw").toString("base64")}`],
  ],
])("through %s to %s, a request and a stream arrive", async (_title, target, proxy, want) => {
  const api = through(proxy(), target);
  for (const call of ["request", "stream"] as const) {
    asked.length = 0;
    const { body } = await api[call]({ method: "GET", path: "/x" }, LIMITS);
    const pieces: Uint8Array[] = [];
    if (body instanceof Uint8Array) pieces.push(body);
    else for await (const piece of body) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toEndWith("/base/x");
    expect(asked).toEqual([...want()]);
  }
});

test("the connection through a proxy is kept", async () => {
  const api = through(`http://127.0.0.1:${ports.http}`, "tls");
  asked.length = 0;
  for (let n = 0; n < 3; n += 1) await api.request({ method: "GET", path: "/x" }, LIMITS);
  expect(asked.length).toBe(1);
});

test.each<[string, () => string, string, string]>([
  [
    "a proxy that refuses",
    () => `http://127.0.0.1:${ports.refusing}`,
    "UNREACHABLE",
    "got no way through the proxy (status 403), want a connection. Check proxy-url and HTTPS_PROXY",
  ],
  [
    "a proxy that is not there",
    () => "socks5://127.0.0.1:1",
    "UNREACHABLE",
    "got no way through the proxy (connection refused)",
  ],
  ["a proxy that is silent", () => `http://127.0.0.1:${ports.silent}`, "DEADLINE", "got a timeout after 0.2 s"],
])("%s is told in one line that names no password", async (_title, proxy, code, why) => {
  const api = through(proxy().replace("//", "//me:canary@"), "tls");
  for (const call of ["request", "stream"] as const) {
    const error = await caught(api[call]({ method: "GET", path: "/x" }, { ...LIMITS, deadlineMs: 200 }));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(why)]);
    expect(error.message).not.toContain("canary");
  }
});
