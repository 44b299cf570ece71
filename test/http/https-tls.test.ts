/** Whom the API transport trusts, and whom it is trusted by, with certificates of a private CA. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { createApiTransport } from "../../src/http/https-transport.ts";
import type { ApiTls } from "../../src/http/options.ts";
import { caught } from "./caught.ts";
import { rawServer } from "./raw-server.ts";
import { certificate, type Identity } from "../../scripts/cluster/certificate.ts";

const GET = { method: "GET", path: "/api" } as const;
const LIMITS = { deadlineMs: 5000, maxBytes: 1024 };

const servers: Server[] = [];
const ours = await certificate({ name: "ours", days: 1, issuer: null });
const foreign = await certificate({ name: "foreign", days: 1, issuer: null });
const client = await certificate({ name: "client", days: 1, issuer: ours });
const stranger = await certificate({ name: "client", days: 1, issuer: foreign });
/** Certificates start a minute ago, so this one ended before it was made. */
const HALF_A_MINUTE = 30 / 86_400;
const origins: Record<string, string> = {};

/** Answers `hello NAME` to clients of our CA alone; anything else fails in the handshake. */
async function serve(name: string, identity: Identity): Promise<void> {
  const { certificatePem: cert, keyPem: key } = identity;
  const options = { cert, key, ca: ours.certificatePem, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (request, response) => {
    if (request.url === "/stream") response.write("first");
    else if (request.url === "/name") response.end(String("servername" in request.socket && request.socket.servername));
    else response.end("hello");
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  origins[name] = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const named = (host: string, days: number) => certificate({ name: "server", hosts: [host], days, issuer: ours });
  await serve("good", await named("127.0.0.1", 1));
  await serve("named", await named("kubernetes", 1));
  await serve("expired", await named("127.0.0.1", HALF_A_MINUTE));
});
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

function tls(changes: Partial<ApiTls> = {}): ApiTls {
  return {
    ca: ours.certificatePem,
    cert: client.certificatePem,
    key: client.keyPem,
    serverName: null,
    insecure: false,
    ...changes,
  };
}
function to(name: string, given: ApiTls) {
  const origin = origins[name] ?? "";
  return createApiTransport({ origin, tls: given, authorization: async () => null, userAgent: "test" });
}

test.each<[string, string, () => Partial<ApiTls>]>([
  ["our CA and a client certificate", "good", () => ({})],
  ["a server known by another name, when that name is given", "named", () => ({ serverName: "kubernetes" })],
  ["any server, when told to trust it", "expired", () => ({ ca: foreign.certificatePem, insecure: true })],
])("a request reaches %s", async (_title, name, changes) => {
  const reply = await to(name, tls(changes())).request(GET, LIMITS);
  expect(Buffer.from(reply.body).toString()).toBe("hello");
});

test("a stream reaches it too", async () => {
  const { body } = await to("good", tls()).stream({ method: "GET", path: "/stream" }, LIMITS);
  for await (const chunk of body) {
    expect(Buffer.from(chunk).toString()).toBe("first");
    break;
  }
});

test.each<[string, string, () => Partial<ApiTls>, string]>([
  ["another CA", "good", () => ({ ca: foreign.certificatePem }), "got a certificate of an unknown authority"],
  ["no CA, so the public roots", "good", () => ({ ca: null }), "got a certificate of an unknown authority"],
  ["another host's certificate", "named", () => ({}), "got a certificate for another name"],
  ["a wrong server name", "named", () => ({ serverName: "other" }), "got a certificate for another name"],
  ["an expired certificate", "expired", () => ({}), "got an expired certificate"],
])("%s is refused in one clear line", async (_title, name, changes, want) => {
  for (const call of ["request", "stream"] as const) {
    const error = await caught(to(name, tls(changes()))[call](GET, LIMITS));
    expect(error.code).toBe("TLS");
    expect(error.message).toContain(want);
    expect(error.message).not.toContain("\n");
  }
});

test.each<[string, () => Partial<ApiTls>]>([
  ["no client certificate", () => ({ cert: null, key: null })],
  ["a client certificate of another CA", () => ({ cert: stranger.certificatePem, key: stranger.keyPem })],
])("with %s the server does not let us in", async (_title, changes) => {
  const error = await caught(to("good", tls(changes())).request(GET, LIMITS));
  expect(["TLS", "UNREACHABLE"]).toContain(error.code);
});

test("a connection is kept, and one that the server closed meanwhile is replaced", async () => {
  const [server] = servers;
  let made = 0;
  server?.on("secureConnection", () => (made += 1));
  const api = to("good", tls());
  for (let call = 0; call < 3; call += 1) expect((await api.request(GET, LIMITS)).status).toBe(200);
  expect(made).toBe(1);
  server?.closeAllConnections();
  expect((await api.request(GET, LIMITS)).status).toBe(200);
  expect(made).toBe(2);
});

test.each<[string, string, string, Partial<ApiTls>]>([
  ["an address is no name", "127.0.0.1", "false", {}],
  ["the host's", "localhost", "localhost", {}],
  ["the one that was given", "127.0.0.1", "kubernetes", { serverName: "kubernetes" }],
])("the server is told a name: %s", async (_title, host, want, changes) => {
  const origin = (origins["good"] ?? "").replace("127.0.0.1", host);
  const given = tls({ insecure: true, ...changes });
  const api = createApiTransport({ origin, tls: given, authorization: async () => null, userAgent: "test" });
  const { body } = await api.request({ method: "GET", path: "/name" }, LIMITS);
  expect(Buffer.from(body).toString()).toBe(want);
});

test.each<[string, Partial<ApiTls>]>([["a key that is none", { key: "s3cret" }]])(
  "%s is a failed call, not a crash",
  async (_title, changes) => {
    const error = await caught(to("good", tls(changes)).request(GET, LIMITS));
    expect(error.message).toStartWith(`GET ${origins["good"]}/api: got `);
    expect(error.message).not.toContain("s3cret");
  },
);

test("a handshake that never ends meets the deadline, and its socket is closed", async () => {
  await using server = await rawServer(() => {});
  const origin = server.origin.replace("http:", "https:");
  const api = createApiTransport({ origin, tls: tls(), authorization: async () => null, userAgent: "test" });
  expect((await caught(api.request(GET, { deadlineMs: 100, maxBytes: 64 }))).code).toBe("DEADLINE");
  await server.idle();
  expect(server.connections().made).toBe(1);
});

test("a kept connection keeps no process alive", async () => {
  const program = `
      const { createApiTransport } = await import(${JSON.stringify(new URL("../../src/http/https-transport.ts", import.meta.url).href)});
      const options = { ...JSON.parse(process.env.CASE), authorization: async () => null, userAgent: "test" };
      const { status } = await createApiTransport(options).request({ method: "GET", path: "/" }, { deadlineMs: 5000, maxBytes: 100 });
      console.log(status);`;
  const CASE = JSON.stringify({ origin: origins["good"], tls: tls() });
  const child = Bun.spawn([process.execPath, "-e", program], { env: { CASE }, stderr: "ignore" });
  expect(await child.exited).toBe(0);
  expect((await new Response(child.stdout).text()).trim()).toBe("200");
});

test("NODE_TLS_REJECT_UNAUTHORIZED=0 and proxy variables change nothing", async () => {
  const program = `
      const { createApiTransport } = await import(${JSON.stringify(new URL("../../src/http/https-transport.ts", import.meta.url).href)});
      const { origin, good, bad } = JSON.parse(process.env.CASE);
      const run = (tls) => createApiTransport({ origin, tls, authorization: async () => null, userAgent: "test" })
        .request({ method: "GET", path: "/" }, { deadlineMs: 5000, maxBytes: 100 })
        .then((reply) => reply.status, (error) => error.code);
      console.log(JSON.stringify([await run(good), await run(bad)]));
      process.exit(0);`;
  const proxy = "http://127.0.0.1:1";
  const child = Bun.spawn([process.execPath, "-e", program], {
    env: {
      PATH: process.env["PATH"],
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
      HTTPS_PROXY: proxy,
      https_proxy: proxy,
      CASE: JSON.stringify({ origin: origins["good"], good: tls(), bad: tls({ ca: foreign.certificatePem }) }),
    },
    stderr: "ignore",
  });
  expect((await new Response(child.stdout).text()).trim()).toBe('[200,"TLS"]');
});
