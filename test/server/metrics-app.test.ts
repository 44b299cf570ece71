/** The metrics app: its route, its pages, and what it refuses. */
import { expect, test } from "bun:test";
import { metricsApp } from "../../src/server/metrics-app.ts";

test("the pieces of a page are one text of format 0.0.4, and its length is told", async () => {
  const app = metricsApp({ render: async () => [Buffer.from("a 1\n"), Buffer.from("b 2\n")] });
  const reply = await app.request("/metrics");
  expect(reply.headers.get("content-length")).toBe("8");
  expect(await reply.text()).toBe("a 1\nb 2\n");
  expect(reply.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
});

test("a page is passed on as it is: a slow reader keeps no copy", async () => {
  const piece = Buffer.from("a 1\n");
  const app = metricsApp({ render: async () => [piece] });
  const passed: Uint8Array[] = [];
  for await (const chunk of (await app.request("/metrics")).body ?? []) passed.push(chunk);
  expect(passed[0]).toBe(piece);
});

test.each(["/", "/metrics/x", "/livez", "/debug"])("%s is not there", async (path) => {
  expect((await metricsApp({ render: async () => [] }).request(path)).status).toBe(404);
});

test("a defect in rendering is a failed scrape that tells nothing", async () => {
  const app = metricsApp({ render: () => Promise.reject(new Error("secret")) });
  const reply = await app.request("/metrics");
  expect([reply.status, await reply.text()]).toEqual([500, "metrics cannot be rendered\n"]);
});
