/** The simulated cluster: writes, watches, StatefulSets, kubelets and sidecars. */
import { describe, expect, test } from "bun:test";
import { createSimCluster, type SimOptions } from "../../src/sim/cluster.ts";
import { virtualTime } from "./virtual-time.ts";

const nodesPath = "/apis/sei.io/v1alpha1/namespaces/sei/seinodes";
const setsPath = "/apis/apps/v1/namespaces/sei/statefulsets";
const limits = { deadlineMs: 5000, maxBytes: 1 << 20 };

type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

function start(options: SimOptions = {}) {
  const time = virtualTime();
  const sim = createSimCluster({ ...time, options });
  async function ask(method: Method, path: string, body?: unknown, type = "application/merge-patch+json") {
    const request = {
      method,
      path,
      headers: { "content-type": type },
      ...(body ? { body: JSON.stringify(body) } : {}),
    };
    const reply = await time.until(sim.api.request(request, limits));
    const text = new TextDecoder().decode(reply.body);
    return { status: reply.status, body: text.startsWith("{") ? JSON.parse(text) : text };
  }
  const applied = (path: string, body: unknown, query = "fieldManager=tidekeeper") =>
    ask("PATCH", `${path}?${query}`, body, "application/apply-patch+yaml");
  const node = (name = "a") => ({
    apiVersion: "sei.io/v1alpha1",
    kind: "SeiNode",
    metadata: { name },
    spec: { image: "sei:1" },
  });
  const set = (image = "sei:1", owner?: string) => ({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      name: "a",
      ...(owner ? { ownerReferences: [{ kind: "SeiNode", name: "a", uid: owner, controller: true }] } : {}),
    },
    spec: {
      replicas: 1,
      serviceName: "a",
      updateStrategy: { type: "OnDelete" },
      selector: { matchLabels: { "sei.io/node": "a" } },
      template: {
        metadata: { labels: { "sei.io/node": "a" } },
        spec: {
          initContainers: [
            { name: "seid-init", image },
            { name: "sei-sidecar", image: "seictl:1", restartPolicy: "Always" },
          ],
          containers: [{ name: "seid", image, env: [{ name: "TMPDIR", value: "/sei/tmp" }] }],
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-a" } }],
        },
      },
    },
  });
  async function up(image = "sei:1") {
    const made = await ask("POST", nodesPath, node());
    await ask("POST", "/api/v1/namespaces/sei/persistentvolumeclaims", { metadata: { name: "data-a" } });
    await applied(`${setsPath}/a`, set(image, made.body.metadata.uid));
    await time.run(1000);
  }
  const pod = () => ask("GET", "/api/v1/namespaces/sei/pods/a-0");
  async function sidecar(method: "GET" | "POST", path: string, body?: unknown) {
    const request = { method, path, ...(body ? { body: JSON.stringify(body) } : {}) };
    const target = { host: "a-0.a.sei.svc.cluster.local", port: 7777 };
    return (await time.until(sim.sidecars.request(target, request, limits))).status;
  }
  return { time, sim, ask, applied, node, set, up, pod, sidecar };
}

describe("writing", () => {
  test("generation counts spec changes only, and status has its own path", async () => {
    const { ask, node } = start();
    expect((await ask("POST", nodesPath, { ...node(), status: { phase: "Running" } })).body.status).toBeUndefined();
    const byMain = await ask("PATCH", `${nodesPath}/a`, { status: { phase: "Running" } });
    expect([byMain.body.status, byMain.body.metadata.generation]).toEqual([undefined, 1]);
    const byStatus = await ask("PATCH", `${nodesPath}/a/status`, {
      spec: { image: "no" },
      status: { phase: "Running" },
    });
    expect([byStatus.body.status.phase, byStatus.body.spec.image, byStatus.body.metadata.generation]).toEqual([
      "Running",
      "sei:1",
      1,
    ]);
    expect((await ask("PATCH", `${nodesPath}/a`, { spec: { image: "sei:2" } })).body.metadata.generation).toBe(2);
  });

  test("a write that changes nothing makes no revision", async () => {
    const { ask, node, applied, set } = start();
    const made = await ask("POST", nodesPath, node());
    const again = await ask("PATCH", `${nodesPath}/a`, { spec: { image: "sei:1" } });
    expect(again.body.metadata.resourceVersion).toBe(made.body.metadata.resourceVersion);
    expect((await applied(`${setsPath}/x`, { ...set(), metadata: { name: "x" } })).status).toBe(201);
    const before = await ask("GET", `${setsPath}/x`);
    await applied(`${setsPath}/x`, { ...set(), metadata: { name: "x" } });
    expect((await ask("GET", `${setsPath}/x`)).body.metadata.generation).toBe(before.body.metadata.generation);
  });

  test.each<[string, { method: Method; path: string; body?: unknown }, number, string]>([
    ["an absent object", { method: "GET", path: `${nodesPath}/none` }, 404, "NotFound"],
    [
      "a name that is taken",
      { method: "POST", path: nodesPath, body: { metadata: { name: "a" } } },
      409,
      "AlreadyExists",
    ],
    [
      "a stale version",
      { method: "PATCH", path: `${nodesPath}/a`, body: { metadata: { resourceVersion: "1" } } },
      409,
      "Conflict",
    ],
    [
      "another UID",
      { method: "DELETE", path: `${nodesPath}/a`, body: { preconditions: { uid: "x" } } },
      409,
      "Conflict",
    ],
    ["an unknown resource", { method: "GET", path: "/apis/sei.io/v1alpha1/namespaces/sei/others" }, 404, "NotFound"],
    ["a version to come", { method: "GET", path: `${nodesPath}?resourceVersion=99999` }, 504, "Timeout"],
  ])("%s is refused with a Status", async (_title, { method, path, body }, status, reason) => {
    const { ask, node } = start();
    await ask("POST", nodesPath, node());
    const reply = await ask(method, path, body);
    const { kind, code } = reply.body;
    expect([reply.status, kind, reply.body.reason, code]).toEqual([status, "Status", reason, status]);
  });

  test("server-side apply keeps what others own, gives up what it no longer names, and refuses conflicts", async () => {
    const { ask, applied, set } = start();
    await applied(`${setsPath}/a`, set());
    const path = `${setsPath}/a`;
    const other = {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "a", labels: { team: "x" } },
      spec: { replicas: 0 },
    };
    const refused = await applied(path, other, "fieldManager=other");
    expect([refused.status, refused.body.details.causes[0].field]).toEqual([409, ".spec.replicas"]);
    await applied(path, other, "fieldManager=other&force=true");
    const bare = set();
    const { env: _env, ...seid } = bare.spec.template.spec.containers[0] ?? { env: [] };
    const { replicas: _replicas, ...spec } = bare.spec;
    await applied(path, {
      ...bare,
      spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers: [seid] } } },
    });
    const live = (await ask("GET", path)).body;
    expect([live.spec.replicas, live.metadata.labels.team]).toEqual([0, "x"]);
    expect(live.spec.template.spec.containers[0].env ?? []).toEqual([]);
  });
});

describe("watching", () => {
  test("each change comes once, in order, as a line; a compacted revision is an in-stream 410", async () => {
    const { time, sim, ask, node } = start();
    const first = await ask("POST", nodesPath, node());
    const from = first.body.metadata.resourceVersion;
    await ask("POST", nodesPath, node("b"));
    const lines = async (rv: string) => {
      const path = `${nodesPath}?watch=true&resourceVersion=${rv}&allowWatchBookmarks=true&timeoutSeconds=10`;
      const stream = await time.until(sim.api.stream({ method: "GET", path }, { deadlineMs: 1000 }));
      const seen: string[] = [];
      const reading = (async () => {
        for await (const chunk of stream.body) seen.push(...new TextDecoder().decode(chunk).trim().split("\n"));
      })();
      await time.run(1000);
      await ask("DELETE", `${nodesPath}/b`);
      await time.until(reading);
      return seen
        .map((line) => JSON.parse(line))
        .map(({ type, object }) => `${type} ${object.metadata.name ?? object.code ?? ""}`);
    };
    expect(await lines(from)).toEqual(["ADDED b", "DELETED b", "BOOKMARK "]);
    sim.control.compact();
    expect(await lines(from)).toEqual(["ERROR 410"]);
  });

  test("a bookmark overtakes no event that is on its way", async () => {
    const { time, sim, ask, node } = start({ watchDelayMs: () => 5_000 });
    const from = (await ask("POST", nodesPath, node())).body.metadata.resourceVersion;
    const path = `${nodesPath}?watch=true&resourceVersion=${from}&allowWatchBookmarks=true&timeoutSeconds=10`;
    const stream = await time.until(sim.api.stream({ method: "GET", path }, { deadlineMs: 1000 }));
    const reading = (async () => {
      let text = "";
      for await (const chunk of stream.body) text += new TextDecoder().decode(chunk);
      return text;
    })();
    // The bookmark is due at 8 s, the end at 10 s, the event of this at 12 s.
    await time.run(7_000);
    await ask("POST", nodesPath, node("b"));
    expect(await time.until(reading)).toBe("");
  });

  test("pages of a list are one snapshot", async () => {
    const { ask, node } = start();
    for (const name of ["a", "b", "c"]) await ask("POST", nodesPath, node(name));
    const page = await ask("GET", `${nodesPath}?limit=2`);
    await ask("DELETE", `${nodesPath}/c`);
    const rest = await ask("GET", `${nodesPath}?limit=2&continue=${page.body.metadata.continue}`);
    expect(rest.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(["c"]);
  });
});

describe("the machines", () => {
  test("a set's Pod comes up, its gate is opened by mark-ready, and its successor's is shut again", async () => {
    const { time, sim, ask, up, pod, sidecar } = start();
    await up();
    const first = (await pod()).body;
    expect([first.status.phase, first.status.podIP !== "", await sidecar("GET", "/v0/healthz")]).toEqual([
      "Running",
      true,
      503,
    ]);
    const id = "bfc1314a-0b03-5197-8db4-1b7f37264be3";
    expect(await sidecar("POST", "/v0/tasks", { id, type: "mark-ready" })).toBe(201);
    await time.run(500);
    expect(await sidecar("GET", "/v0/healthz")).toBe(200);
    expect((await ask("GET", `${setsPath}/a`)).body.status.readyReplicas).toBe(1);
    await time.until(sim.control.replacePod("sei", "a"));
    await time.run(2000);
    expect((await pod()).body.metadata.uid).not.toBe(first.metadata.uid);
    expect(await sidecar("GET", "/v0/healthz")).toBe(503);
    expect(await sidecar("POST", "/v0/tasks", { id, type: "mark-ready" })).toBe(201);
    await time.run(500);
    expect(await sidecar("GET", "/v0/healthz")).toBe(503);
  });

  test("with OnDelete a new template waits for the Pod to be deleted; a bad image never runs", async () => {
    const { time, sim, ask, applied, set, up, pod } = start({ badImages: ["sei:bad"] });
    await up();
    const before = (await pod()).body.metadata.uid;
    await applied(`${setsPath}/a`, set("sei:bad"));
    await time.run(1000);
    expect((await pod()).body.metadata.uid).toBe(before);
    expect((await ask("GET", `${setsPath}/a`)).body.status.updatedReplicas).toBeUndefined();
    await time.until(sim.control.replacePod("sei", "a"));
    await time.run(2000);
    const { status } = (await pod()).body;
    expect([status.phase, status.initContainerStatuses[0].state.waiting.reason]).toEqual([
      "Pending",
      "ImagePullBackOff",
    ]);
    sim.control.setImageBad("sei:bad", false);
    await time.run(1000);
    expect((await pod()).body.status.phase).toBe("Running");
  });

  test("a restarted sidecar has its gate shut and a higher count; through the proxy a refusal is a Status", async () => {
    const { time, sim, ask, up, pod, sidecar } = start();
    await up();
    await sidecar("POST", "/v0/tasks", { type: "mark-ready" });
    await time.run(500);
    sim.control.restartSidecar("sei", "a");
    const refused = await ask("GET", "/api/v1/namespaces/sei/pods/a-0:7777/proxy/v0/healthz");
    expect([refused.status, refused.body.kind]).toEqual([503, "Status"]);
    await time.run(500);
    const shut = await ask("GET", "/api/v1/namespaces/sei/pods/a-0:7777/proxy/v0/healthz");
    expect([shut.status, shut.body]).toEqual([503, ""]);
    expect((await pod()).body.status.initContainerStatuses[1].restartCount).toBe(1);
  });

  test.each([
    ["an unknown type", { type: "dance" }, 400],
    ["an id that is no UUID", { type: "mark-ready", id: "1" }, 400],
    ["no type", {}, 400],
  ])("the sidecar refuses %s", async (_title, body, status) => {
    const { up, sidecar } = start();
    await up();
    expect(await sidecar("POST", "/v0/tasks", body)).toBe(status);
  });

  test("what a deleted node owns is collected", async () => {
    const { time, ask, up, pod } = start();
    await up();
    await ask("DELETE", `${nodesPath}/a`);
    await time.run(2000);
    expect([(await ask("GET", `${setsPath}/a`)).status, (await pod()).status]).toEqual([404, 404]);
  });
});

describe("faults", () => {
  test("a lost reply was carried out; a hung sidecar ends at the deadline", async () => {
    const { time, sim, up, sidecar } = start({
      beforeReply: ({ method }) => (method === "PUT" ? { kind: "lose" } : null),
    });
    await up();
    const body = JSON.stringify({ spec: { image: "sei:9" } });
    const lost = sim.api.request({ method: "PUT", path: `${nodesPath}/a`, body }, limits);
    expect(
      await time.until(
        lost.then(
          () => "",
          (error: { code: string }) => error.code,
        ),
      ),
    ).toBe("UNREACHABLE");
    expect(sim.control.history().at(-1)?.object["spec"]).toEqual({ image: "sei:9" });
    sim.control.hangSidecar("sei", "a", true);
    expect(
      await sidecar("GET", "/v0/healthz").then(
        () => "",
        (error: { code: string }) => error.code,
      ),
    ).toBe("DEADLINE");
  });
});
