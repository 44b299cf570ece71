/** Listening sockets: serving, stopping, a port that is taken. */
import { expect, test } from "bun:test";
import { connect } from "node:net";
import { listen, ListenError } from "../../src/host/listen.ts";

const fetchHere = (request: Request) => new Response(new URL(request.url).pathname);
const loopback = { host: "127.0.0.1", port: 0 };

test("serves, refuses bodies, and stops", async () => {
  const listener = listen({ name: "metrics", address: loopback, fetch: fetchHere });
  const url = `http://127.0.0.1:${listener.port}/metrics`;
  expect(await (await fetch(url)).text()).toBe("/metrics");
  expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(413);
  await listener.stop();
  expect(fetch(url)).rejects.toThrow();
});

test("a null host serves every interface", async () => {
  const listener = listen({ name: "metrics", address: { host: null, port: 0 }, fetch: fetchHere });
  expect((await fetch(`http://127.0.0.1:${listener.port}/`)).status).toBe(200);
  await listener.stop();
});

test("a port that is taken is named", async () => {
  const first = listen({ name: "health", address: loopback, fetch: fetchHere });
  const again = () => listen({ name: "metrics", address: { ...loopback, port: first.port }, fetch: fetchHere });
  expect(again).toThrow(ListenError);
  expect(again).toThrow(`metrics: cannot listen on 127.0.0.1:${first.port}: address in use`);
  await first.stop();
});

test("an address that is not ours is named", () => {
  const bad = () => listen({ name: "metrics", address: { host: "192.0.2.1", port: 9 }, fetch: fetchHere });
  expect(bad).toThrow("metrics: cannot listen on 192.0.2.1:9: no such address on this machine");
});

/** A client that says `text` as soon as it is connected. */
function client(port: number, text: string): { readonly ended: Promise<string>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  let said = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(text));
  socket.on("data", (bytes) => (said += bytes.toString()));
  socket.on("error", () => {});
  socket.on("close", () => resolve(said));
  return { ended: promise, end: () => socket.destroy() };
}

const ask = (path: string, rest = ""): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${rest}\r\n`;
const close = "connection: close\r\n";

test("questions that come in one piece are answered in order", async () => {
  const listener = listen({ name: "health", address: loopback, fetch: fetchHere });
  const said = await client(listener.port, ask("/a") + ask("/b") + ask("/c", close)).ended;
  expect(said.match(/^\/./gm)).toEqual(["/a", "/b", "/c"]);
  await listener.stop();
});

test("HEAD tells the length alone", async () => {
  const listener = listen({ name: "health", address: loopback, fetch: fetchHere });
  const said = await client(listener.port, `HEAD /abc HTTP/1.1\r\n${close}\r\n`).ended;
  expect(said).toContain("content-length: 4");
  expect(said).toEndWith("\r\n\r\n");
  await listener.stop();
});

test.each([
  ["nonsense\r\n\r\n", "400"],
  [`GET /${"x".repeat(9000)}`, "431"],
  [ask("/", "content-length: 5\r\n"), "413"],
])("what is no question of ours ends the connection", async (text, status) => {
  const listener = listen({ name: "health", address: loopback, fetch: fetchHere });
  expect(await client(listener.port, text).ended).toStartWith(`HTTP/1.1 ${status} `);
  await listener.stop();
});

test("an answer that throws is told as such", async () => {
  const broken = () => Promise.reject(new Error("secret"));
  const listener = listen({ name: "health", address: loopback, fetch: broken });
  expect(await client(listener.port, ask("/")).ended).toMatch(/^HTTP\/1\.1 500 (?!.*secret)/s);
  await listener.stop();
});

test("a crowd that only stands there is bounded, and keeps nobody out", async () => {
  const listener = listen({ name: "health", address: loopback, fetch: fetchHere });
  const crowd = Array.from({ length: 200 }, () => client(listener.port, "GET / HT"));
  const gone = crowd.slice(0, 130).map(({ ended }) => ended);
  expect(await client(listener.port, ask("/in", close)).ended).toContain("/in");
  await Promise.all(gone);
  for (const { end } of crowd) end();
  await listener.stop();
});

test("a crowd that asks more than there is room for is answered for the most part, and nobody for ever", async () => {
  const listener = listen({ name: "health", address: loopback, fetch: fetchHere });
  const said = await Promise.all(Array.from({ length: 150 }, () => client(listener.port, ask("/in", close)).ended));
  expect(said.filter((text) => text.endsWith("/in")).length).toBeGreaterThanOrEqual(64);
  await listener.stop();
});

test("timers that are due come before the next questions", async () => {
  const order: string[] = [];
  const slow = (): Response => {
    for (const until = performance.now() + 2; performance.now() < until;);
    if (order.length === 0) setTimeout(() => order.push("timer"), 0);
    order.push("answer");
    return new Response("ok");
  };
  const listener = listen({ name: "health", address: loopback, fetch: slow });
  await Promise.all(Array.from({ length: 40 }, () => client(listener.port, ask("/", close)).ended));
  expect(order.indexOf("timer")).toBeGreaterThan(0);
  expect(order.indexOf("timer")).toBeLessThan(12);
  await listener.stop();
});

test("a page larger than a socket's buffer arrives whole", async () => {
  const page = "x".repeat(8_000_000);
  const listener = listen({ name: "metrics", address: loopback, fetch: () => new Response(page) });
  const url = `http://127.0.0.1:${listener.port}/`;
  const bodies = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()));
  expect(bodies.map((body) => body === page)).toEqual([true, true, true]);
  await listener.stop();
});

test("who was told the end and does not go is let go", async () => {
  const listener = listen({ name: "health", address: loopback, fetch: fetchHere, limitMs: 200 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect({ port: listener.port, host: "127.0.0.1", allowHalfOpen: true }, () => {
    socket.write(ask("/a", close));
  });
  socket.on("data", () => {});
  socket.on("error", () => resolve());
  // The other half stays open; writing finds out that nobody is there.
  const drip = setInterval(() => socket.write("x"), 100);
  socket.on("close", () => resolve());
  await promise;
  clearInterval(drip);
  await listener.stop();
});

test("who says no more is let go, and who drips bytes too", async () => {
  const listener = listen({ name: "health", address: loopback, fetch: fetchHere, limitMs: 200 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(listener.port, "127.0.0.1");
  const drip = setInterval(() => socket.write("x"), 50);
  socket.on("error", () => {});
  socket.on("close", () => resolve());
  await Promise.all([promise, client(listener.port, ask("/a")).ended]);
  clearInterval(drip);
  await listener.stop();
});
