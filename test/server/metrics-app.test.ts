import { expect, test } from "bun:test";
import { metricsApp } from "../../src/server/index.ts";

test("metrics are rendered anew for each request, as text of format 0.0.4", async () => {
  let count = 0;
  const app = metricsApp({ render: () => `requests ${(count += 1)}\n` });
  await app.request("/metrics");
  const reply = await app.request("/metrics");
  expect(await reply.text()).toBe("requests 2\n");
  expect(reply.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
});

test.each(["/", "/metrics/x", "/livez", "/debug"])("%s is not there", async (path) => {
  expect((await metricsApp({ render: () => "x 1\n" }).request(path)).status).toBe(404);
});

test("a defect in rendering is a failed scrape that tells nothing", async () => {
  const app = metricsApp({
    render() {
      throw new Error("secret");
    },
  });
  const reply = await app.request("/metrics");
  expect([reply.status, await reply.text()]).toEqual([500, "metrics cannot be rendered\n"]);
});
