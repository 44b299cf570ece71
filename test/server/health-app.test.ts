/** The health app: /healthz, /livez and /readyz, and what they say of checks that fail. */
import { expect, test } from "bun:test";
import { healthApp, type HealthCheck } from "../../src/server/health-app.ts";

const good = (name: string): HealthCheck => ({ name, check: () => ({ ok: true }) });
const bad = (name: string, why: string): HealthCheck => ({ name, check: () => ({ ok: false, why }) });
const thrower: HealthCheck = {
  name: "defect",
  check() {
    throw new Error("secret");
  },
};
const live = [good("loop")];
const ready = [good("lease"), bad("watch-pods", "no event for 50 s\n\u001b[31m")];
const escaped = "[-]watch-pods failed: no event for 50 s\\u000a\\u001b[31m";

type Row = [string, { live: HealthCheck[]; ready: HealthCheck[] }, string, number, string];
test.each<Row>([
  ["live", { live, ready }, "/livez", 200, "ok\n"],
  ["healthz is live", { live, ready }, "/healthz", 200, "ok\n"],
  ["live, told at length", { live, ready }, "/livez?verbose", 200, "[+]loop ok\nlivez check passed\n"],
  ["not ready says why", { live, ready }, "/readyz", 503, `[+]lease ok\n${escaped}\nreadyz check failed\n`],
  [
    "what a check notes is told where all are listed",
    { live, ready: [{ name: "shards", check: () => ({ ok: true, note: "2 of 8 held\n" }) }] },
    "/readyz?verbose",
    200,
    "[+]shards ok: 2 of 8 held\\u000a\nreadyz check passed\n",
  ],
  [
    "and nowhere else",
    { live, ready: [{ name: "shards", check: () => ({ ok: true, note: "x" }) }] },
    "/readyz",
    200,
    "ok\n",
  ],
  [
    "one that is asked for alone tells its note where that is wanted",
    { live, ready: [bad("cache", "x"), { name: "leader", check: () => ({ ok: true, note: "this one leads: a" }) }] },
    "/readyz/leader?verbose",
    200,
    "[+]leader ok: this one leads: a\nreadyz check passed\n",
  ],
  ["without the bad one", { live, ready }, "/readyz?exclude=watch-pods", 200, "ok\n"],
  [
    "without one there is not",
    { live, ready },
    "/readyz?exclude=watch-pods&exclude=x&verbose",
    200,
    "[+]lease ok\n[+]watch-pods excluded: ok\nwarn: no check to exclude: x\nreadyz check passed\n",
  ],
  [
    "no more is left out than there is reason to name",
    { live, ready },
    `/readyz?${"exclude=x&".repeat(32)}exclude=watch-pods`,
    503,
    `[+]lease ok\n${escaped}\nwarn: no check to exclude: x\nreadyz check failed\n`,
  ],
  ["one check that holds", { live, ready }, "/readyz/lease", 200, "ok\n"],
  ["one check that does not", { live, ready }, "/readyz/watch-pods", 503, `${escaped}\nreadyz check failed\n`],
  ["one check there is not", { live, ready }, "/readyz/nope", 404, "not found\n"],
  [
    "a check that throws",
    { live: [thrower], ready },
    "/livez",
    503,
    "[-]defect failed: the check itself failed\nlivez check failed\n",
  ],
  ["nothing to check", { live: [], ready: [] }, "/readyz", 200, "ok\n"],
  ["the root", { live, ready }, "/", 404, "not found\n"],
  ["metrics are elsewhere", { live, ready }, "/metrics", 404, "not found\n"],
  ["a slash too many", { live, ready }, "/readyz/lease/x", 404, "not found\n"],
])("%s", async (...[, options, path, status, body]) => {
  const reply = await healthApp(options).request(path);
  expect([reply.status, await reply.text()]).toEqual([status, body]);
});

test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s is not for us", async (method) => {
  expect((await healthApp({ live, ready }).request("/livez", { method })).status).toBe(404);
});
