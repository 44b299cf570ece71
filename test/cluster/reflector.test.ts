import { expect, test } from "bun:test";
import { startReflector, type ReflectorReport } from "../../src/kube/reflector.ts";
import { createStore } from "../../src/kube/store.ts";
import type { ApiTransport, HttpRequest } from "../../src/kube/transport.ts";
import { identityOf } from "../../src/kube/watch-event.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { clusterTransport, hostTime } from "./harness/transport.ts";

/** A way to the server on which requests can be changed. */
function changed(transport: ApiTransport, change: (request: HttpRequest) => HttpRequest): ApiTransport {
  return {
    request: (request, limits) => transport.request(change(request), limits),
    stream: (request, limits) => transport.stream(change(request), limits),
  };
}

describeCluster("reflector", ({ kubeconfigPath, api, namespace }) => {
  const mirror = (path: string, transport = clusterTransport(kubeconfigPath)) => {
    const store = createStore<{ key: string; version: string }>({
      keyOf: ({ key }) => key,
      versionOf: ({ version }) => version,
    });
    const told: string[] = [];
    const reports: ReflectorReport[] = [];
    store.reader.subscribe(({ type, key }) => told.push(`${type} ${key.split("/")[1]}`));
    const stop = new AbortController();
    const reflector = startReflector({
      ...hostTime,
      transport,
      path,
      store,
      signal: stop.signal,
      query: { labelSelector: "test" },
      project: identityOf,
      report: (report) => reports.push(report),
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

  test("Q8, Q2: WatchList brings what exists and goes on as a watch", async () => {
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

  test("Q1, Q8: a server that refuses WatchList is listed by pages", async () => {
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

  test("Q6, Q2: a watch that is cut resumes at its version, and what happened meanwhile is told once", async () => {
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

  test("F17: a collection that is not there is asked for until it is, and readiness says so", async () => {
    const { reflector, stop } = mirror("/apis/sei.io/v9/nothings");
    await eventually("a problem", async () => reflector.health.problem !== null);
    expect(reflector.health.problem).toContain("nothings.sei.io: /apis/sei.io/v9/nothings: got 404");
    expect(reflector.health.synced).toBe(false);
    stop.abort();
  });
});
