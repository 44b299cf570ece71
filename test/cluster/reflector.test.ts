/** List and watch on a real API server and etcd. */
import { expect, test } from "bun:test";
import { identityOf, type ReflectorReport, startReflector } from "../../src/kube/watch/index.ts";
import { createStore } from "../../src/kube/store/index.ts";
import type { ApiTransport, HttpRequest } from "../../src/base/index.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { compactEtcd } from "./harness/etcd.ts";
import { clusterTransport, hostTime } from "./harness/real-doors.ts";
import { startSecondServer } from "./harness/second-server.ts";
import { tcpProxy } from "./harness/tcp-proxy.ts";

const SLOW_MS = 240_000;

/** This machine's time, `factor` times as fast: what is silent for 50 s is so after 50 s / factor. */
function hurried(factor: number): typeof hostTime {
  const { clock, timers, random } = hostTime;
  return {
    random,
    clock: { ...clock, mono: () => clock.mono() * factor },
    timers: { after: (ms, run) => timers.after(ms / factor, run) },
  };
}

/** A way to the server on which requests can be changed. */
function changed(transport: ApiTransport, change: (request: HttpRequest) => HttpRequest): ApiTransport {
  return {
    request: (request, limits) => transport.request(change(request), limits),
    stream: (request, limits) => transport.stream(change(request), limits),
  };
}

describeCluster("reflector", ({ dir, server, kubeconfigPath, api, namespace }) => {
  const mirror = (path: string, transport = clusterTransport(kubeconfigPath), time = hostTime) => {
    const store = createStore<{ key: string; version: string }>({
      keyOf: ({ key }) => key,
      versionOf: ({ version }) => version,
    });
    const told: string[] = [];
    const reports: ReflectorReport[] = [];
    store.reader.subscribe(({ type, key }) => told.push(`${type} ${key.split("/")[1]}`));
    const stop = new AbortController();
    const reflector = startReflector({
      ...time,
      transport,
      path,
      store,
      signal: stop.signal,
      query: { labelSelector: "test" },
      project: identityOf,
      // The end of failures is for the log (test/controller/watch-log.test.ts).
      report: (report) => void (report.type === "working" || reports.push(report)),
    });
    const synced = () => eventually("synced", async () => store.reader.synced);
    return { store, told, reports, reflector, stop, synced };
  };
  const object = (space: string, name: string, text = "") => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: space, labels: { test: "yes" } },
    data: { text },
  });

  test("WatchList brings what exists and goes on as a watch", async () => {
    const space = await namespace();
    const path = `/api/v1/namespaces/${space}/configmaps`;
    await api.apply(object(space, "a"));
    const { told, reports, reflector, stop, synced } = mirror(path);
    await synced();
    expect(reports).toMatchObject([{ type: "synced", how: "stream", objects: 1 }]);
    await api.apply(object(space, "b"));
    await api.apply(object(space, "b", "changed"));
    await api.remove(`${path}/a`);
    await eventually("told", async () => told.length >= 4);
    expect(told).toEqual(["added a", "added b", "updated b", "deleted a"]);
    stop.abort();
    await reflector.stopped;
  });

  test("a server that refuses WatchList is listed by pages", async () => {
    const space = await namespace();
    const path = `/api/v1/namespaces/${space}/configmaps`;
    for (const name of ["a", "b", "c"]) await api.apply(object(space, name));
    // Without its match rule the server refuses initial events (422), and a page of 2 makes two of three objects.
    const transport = changed(clusterTransport(kubeconfigPath), (request) => ({
      ...request,
      path: request.path.replace("&resourceVersionMatch=NotOlderThan", "").replace("limit=500", "limit=2"),
    }));
    const { store, reports, told, stop, synced } = mirror(path, transport);
    await synced();
    expect(reports.map(({ type }) => type)).toEqual(["fallback", "synced"]);
    expect(store.reader.size).toBe(3);
    await api.apply(object(space, "d"));
    await eventually("told", async () => told.includes("added d"));
    stop.abort();
  });

  test("a watch that is cut resumes at its version, and what happened meanwhile is told once", async () => {
    const space = await namespace();
    const path = `/api/v1/namespaces/${space}/configmaps`;
    await api.apply(object(space, "a"));
    await api.apply(object(space, "b"));
    const transport = clusterTransport(kubeconfigPath);
    let cut = new AbortController();
    const { told, reports, stop, synced } = mirror(path, {
      request: (request, limits) => transport.request(request, limits),
      stream: (request, limits) => {
        cut = new AbortController();
        return transport.stream(request, {
          ...limits,
          signal: AbortSignal.any([limits.signal ?? stop.signal, cut.signal]),
        });
      },
    });
    await synced();
    cut.abort();
    await api.remove(`${path}/a`);
    await api.apply(object(space, "c"));
    await eventually("told", async () => told.length >= 4);
    expect(told).toEqual(["added a", "added b", "deleted a", "added c"]);
    expect(reports.map(({ type }) => type)).toEqual(["synced", "retry"]);
    stop.abort();
  });

  test("a collection that is not there is asked for until it is, and readiness says so", async () => {
    const { reflector, stop } = mirror("/apis/sei.io/v9/nothings");
    await eventually("a problem", async () => reflector.health.problem !== null);
    expect(reflector.health.problem).toContain("nothings.sei.io: /apis/sei.io/v9/nothings: got 404");
    expect(reflector.health.synced).toBe(false);
    stop.abort();
  });

  test(
    "pages that etcd has compacted away are 410 as HTTP status, and all is listed at once",
    async () => {
      const space = await namespace();
      const path = `/api/v1/namespaces/${space}/configmaps`;
      for (const name of ["a", "b", "c"]) await api.apply(object(space, name));
      // With snapshots in its memory a server can go on with a list that etcd has forgotten.
      const second = startSecondServer(dir, 6544, ["--feature-gates", "WatchList=false,ListFromCacheSnapshot=false"]);
      const transport = clusterTransport(kubeconfigPath, second.origin);
      const statuses: number[] = [];
      const { store, reports, stop } = mirror(path, {
        request: async (request, limits) => {
          const isLater = request.path.includes("continue=");
          if (isLater) {
            await api.apply(object(space, "d"));
            await compactEtcd();
          }
          const limited = { ...request, path: request.path.replace("limit=500", "limit=2") };
          const reply = await transport.request(limited, limits);
          statuses.push(reply.status);
          return reply;
        },
        stream: (request, limits) => transport.stream(request, limits),
      });
      await eventually("synced", async () => store.reader.synced, 120_000);
      expect(statuses).toEqual([200, 410, 200]);
      expect(reports.slice(-3)).toMatchObject([
        { type: "fallback" },
        { type: "relist", status: 410 },
        { type: "synced" },
      ]);
      expect(store.reader.size).toBe(4);
      stop.abort();
      await second.stop();
    },
    SLOW_MS,
  );

  test(
    "a version that is still to come is waited for, and then a quorum list is asked for",
    async () => {
      const space = await namespace();
      const path = `/api/v1/namespaces/${space}/configmaps`;
      await api.apply(object(space, "a"));
      const transport = changed(clusterTransport(kubeconfigPath), (request) => ({
        ...request,
        path: request.path.replace(
          "&resourceVersionMatch=NotOlderThan",
          "&resourceVersionMatch=NotOlderThan&resourceVersion=999999999",
        ),
      }));
      const { store, reports, stop } = mirror(path, transport);
      await eventually("synced", async () => store.reader.synced, 60_000);
      const retries = reports.filter(({ type }) => type === "retry");
      expect(retries.length).toBe(2);
      expect(retries).toMatchObject([{ status: 504 }, { status: 504 }]);
      expect(reports.slice(2)).toMatchObject([
        { type: "relist", status: 504 },
        { type: "synced", how: "list", objects: 1 },
      ]);
      stop.abort();
    },
    SLOW_MS,
  );

  test(
    "a stream that goes dead without a word is given up at 50 s and resumed, and nothing is lost or told twice",
    async () => {
      const space = await namespace();
      const path = `/api/v1/namespaces/${space}/configmaps`;
      await api.apply(object(space, "a"));
      const wire = await tcpProxy(server);
      // Ten times as fast: dead after 5 s of this machine.
      const { told, reports, stop, synced, reflector } = mirror(
        path,
        clusterTransport(kubeconfigPath, wire.origin),
        hurried(10),
      );
      await synced();
      wire.stall();
      const begin = performance.now();
      await api.remove(`${path}/a`);
      await api.apply(object(space, "b"));
      await eventually("told", async () => told.length >= 3, 20_000);
      expect(performance.now() - begin).toBeLessThan(6_500);
      expect(told).toEqual(["added a", "deleted a", "added b"]);
      expect(reports).toMatchObject([{ type: "synced" }, { type: "dead", verb: "watch" }]);
      await eventually("well again", async () => reflector.health.problem === null);
      stop.abort();
      wire.stop();
    },
    SLOW_MS,
  );

  test(
    "a watch that ends within a second and brought nothing counts as a failure, and is not asked for in a hurry",
    async () => {
      const space = await namespace();
      const path = `/api/v1/namespaces/${space}/configmaps`;
      await api.apply(object(space, "a"));
      // The server ends it after one second, which is half a second on this clock.
      const transport = changed(clusterTransport(kubeconfigPath), (request) => ({
        ...request,
        path: request.path
          .replace("timeoutSeconds=45", "timeoutSeconds=1")
          .replace(
            "allowWatchBookmarks=true",
            request.path.includes("sendInitial") ? "allowWatchBookmarks=true" : "allowWatchBookmarks=false",
          ),
      }));
      const { reports, stop, synced } = mirror(path, transport, hurried(0.5));
      await synced();
      const failures = () => reports.flatMap((one) => (one.type === "retry" ? [one] : []));
      await eventually("two failures", async () => failures().length >= 2);
      const [first, second] = failures();
      expect(first?.why).toBe("got an end at once, want a watch that lasts");
      expect(first?.waitMs).toBeGreaterThanOrEqual(600);
      expect(second?.waitMs).toBeGreaterThanOrEqual(1_200);
      stop.abort();
    },
    SLOW_MS,
  );

  test(
    "a server is waited for, listed by pages where it has no WatchList, and listed anew when it forgot",
    async () => {
      const space = await namespace();
      const path = `/api/v1/namespaces/${space}/configmaps`;
      await api.apply(object(space, "a"));
      const second = startSecondServer(dir, 6543, ["--feature-gates", "WatchList=false"]);
      const transport = clusterTransport(kubeconfigPath, second.origin);
      const opened: number[] = [];
      const { store, told, reports, stop } = mirror(path, {
        request: (request, limits) => transport.request(request, limits),
        stream: async (request, limits) => {
          const reply = await transport.stream(request, limits);
          opened.push(reply.status);
          return reply;
        },
      });
      await eventually("synced", async () => store.reader.synced, 120_000);
      // The watch that follows may be tried again.
      const types = reports.map(({ type }) => type);
      expect(types[0]).toBe("retry");
      expect(types.filter((type) => type !== "retry").slice(-2)).toEqual(["fallback", "synced"]);
      expect(reports.find(({ type }) => type === "synced")).toMatchObject({ how: "list", objects: 1 });
      await api.apply(object(space, "b"));
      await eventually("told", async () => told.includes("added b"));
      // Now it goes away; it comes back with nothing in its memory but what there is by then: 410 in the stream.
      await second.stop();
      await api.remove(`${path}/a`);
      await api.apply(object(space, "c"));
      reports.length = 0;
      const again = startSecondServer(dir, 6543, ["--feature-gates", "WatchList=false"]);
      await eventually("told", async () => told.length >= 4, 120_000);
      expect(reports.filter(({ type }) => type !== "retry").slice(-2)).toMatchObject([
        { type: "relist", status: 410 },
        { type: "synced", how: "list" },
      ]);
      expect(opened).not.toContain(410);
      expect(told.toSorted()).toEqual(["added a", "added b", "added c", "deleted a"]);
      stop.abort();
      await again.stop();
    },
    SLOW_MS,
  );
});
