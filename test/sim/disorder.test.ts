/** What the simulated cluster does when it is out of order; what it says of it is held by test/conformance where a real one says it too. */
import { expect, test } from "bun:test";
import { createSimCluster, type SimOptions } from "../../src/sim/cluster.ts";
import type { Veil } from "../../src/sim/disorder.ts";
import { virtualTime } from "./virtual-time.ts";

const limits = { deadlineMs: 5000, maxBytes: 1 << 20 };
const leases = "/apis/coordination.k8s.io/v1/namespaces/sei/leases";
const pods = "/api/v1/namespaces/sei/pods";

function start(options: SimOptions = {}) {
  const time = virtualTime();
  const sim = createSimCluster({ ...time, options });
  async function ask(method: "GET" | "POST" | "DELETE", path: string, body?: object) {
    const request = { method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const reply = await time.until(sim.api.request(request, limits));
    return { status: reply.status, body: JSON.parse(new TextDecoder().decode(reply.body)) };
  }
  /** A set of one Pod with a sidecar. */
  async function set(name: string) {
    const labels = { app: name };
    const initContainers = [{ name: "sei-sidecar", image: "sidecar:1", restartPolicy: "Always" }];
    const template = { metadata: { labels }, spec: { initContainers, containers: [{ name: "seid", image: "sei:1" }] } };
    const spec = { serviceName: name, selector: { matchLabels: labels }, template };
    await ask("POST", "/apis/apps/v1/namespaces/sei/statefulsets", { metadata: { name }, spec });
    await time.run(1_000);
  }
  const healthz = async (host: string): Promise<string> => {
    const request = { method: "GET", path: "/v0/healthz" } as const;
    const reply = await time.until(sim.sidecars.request({ host, port: 7777 }, request, limits));
    return `${reply.status} ${new TextDecoder().decode(reply.body).slice(0, 8)}`.trim();
  };
  const ipOf = (pod: string): string => sim.control.placedPods().find((one) => one.pod === pod)?.ip ?? "";
  return { time, sim, ask, set, healthz, ipOf };
}

test("a watch that fell silent tells nothing and does not end; another kind's, and one that is opened later, do", async () => {
  const { time, sim, ask } = start();
  const told: string[] = [];
  const follow = async (name: string, path: string): Promise<void> => {
    const stream = await time.until(
      sim.api.stream({ method: "GET", path: `${path}?watch=true&timeoutSeconds=20` }, limits),
    );
    void (async () => {
      for await (const chunk of stream.body) if (chunk.length > 0) told.push(name);
      told.push(`${name} ends`);
    })();
  };
  await follow("silent", leases);
  await follow("other", pods);
  sim.control.silence({ plural: "leases" }, 5_000);
  await follow("new and silent", leases);
  await ask("POST", leases, { metadata: { name: "a" } });
  await ask("POST", pods, { metadata: { name: "p" }, spec: {} });
  await time.run(6_000);
  await follow("late", leases);
  await time.run(60_000);
  expect(new Set(told)).toEqual(new Set(["other", "other ends", "late", "late ends"]));
});

test("a new watch is heard for its time of grace, and by name where one name is meant", async () => {
  const { time, sim, ask } = start();
  sim.control.silence({ plural: "leases", name: "a" }, 60_000, 1_000);
  const told: string[] = [];
  for (const name of ["a", "b"]) {
    const path = `${leases}?watch=true&fieldSelector=metadata.name%3D${name}`;
    const stream = await time.until(sim.api.stream({ method: "GET", path }, limits));
    void (async () => {
      for await (const chunk of stream.body)
        told.push(JSON.parse(new TextDecoder().decode(chunk)).object.metadata.name);
    })();
  }
  for (const name of ["a", "b"]) await ask("POST", leases, { metadata: { name } });
  await time.run(2_000);
  for (const name of ["a", "b"]) await ask("DELETE", `${leases}/${name}`);
  await time.run(100);
  expect(told).toEqual(["a", "b", "b"]);
});

test.each<[Veil, string]>([
  ["envoy", "503 upstream"],
  ["empty", "503"],
  ["status", '503 {"kind":'],
  ["html", "503 <html><b"],
  ["tasks", "503"],
])("%s answers in the sidecar's place", async (veil, want) => {
  const { sim, set, healthz, ipOf } = start();
  await set("a");
  sim.control.veilSidecar("sei", "a", veil);
  expect(await healthz(ipOf("a-0"))).toBe(want);
});

test("a Pod gets the address that another had", async () => {
  const { time, sim, ask, set, ipOf } = start();
  await set("a");
  await set("b");
  const mine = ipOf("a-0");
  await ask("DELETE", `${pods}/a-0`, { gracePeriodSeconds: 0 });
  sim.control.leaseAddress("sei", "b", mine);
  await ask("DELETE", `${pods}/b-0`, { gracePeriodSeconds: 0 });
  await time.run(1_000);
  expect([ipOf("b-0"), ipOf("a-0") === mine]).toEqual([mine, false]);
});

test("what admission refuses the cluster's own controllers is tried again", async () => {
  const { time, sim, set, ipOf } = start();
  sim.control.admission(({ plural }) => (plural === "pods" ? { denied: "no Pods", status: 403 } : null));
  await set("a");
  expect(ipOf("a-0")).toBe("");
  sim.control.admission(null);
  await time.run(2_000);
  expect(ipOf("a-0")).not.toBe("");
});

test("a reply that comes late was carried out, and one that comes too late is none", async () => {
  const { time, sim, ask } = start({ apiReplyMs: ({ method }) => (method === "POST" ? 4_000 : 6_000) });
  expect((await ask("POST", leases, { metadata: { name: "a" } })).status).toBe(201);
  const late = sim.api
    .request({ method: "GET", path: `${leases}/a` }, limits)
    .catch((error: { code: string }) => error.code);
  expect(await time.until(late)).toBe("DEADLINE");
});
