import { expect, test } from "bun:test";
import { listen, ListenError } from "../../../src/cli/world/listen.ts";

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
