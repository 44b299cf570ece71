/** The reflector against a scripted server in virtual time. */
import { describe, expect, test } from "bun:test";

import { type ReflectorReport, resourceOf, startReflector } from "../../../src/kube/watch/reflector.ts";
import { createStore } from "../../../src/kube/store/index.ts";
import { type ApiTransport, type HttpResponse, TransportError } from "../../../src/base/index.ts";
import { identityOf } from "../../../src/kube/watch/watch-event.ts";
import { fixedRandom, VirtualTime } from "../../fixtures/virtual-time.ts";

interface Pod {
  readonly key: string;
  readonly version: string;
}

const bytes = (value: string) => new TextEncoder().encode(value);
const raw = (name: string, version: number | string) => ({
  metadata: { namespace: "ns", name, resourceVersion: String(version) },
});
const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;
const bookmark = (version: number, isEnd = false) =>
  line("BOOKMARK", {
    metadata: {
      resourceVersion: String(version),
      ...(isEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}),
    },
  });

/** One request of the reflector, to be answered by the test. */
class Asked {
  readonly path: string;
  isCut = false;
  readonly answer = Promise.withResolvers<HttpResponse>();
  readonly opened = Promise.withResolvers<{
    status: number;
    headers: Record<string, string>;
    body: AsyncIterable<Uint8Array>;
  }>();
  readonly #body: ReadableStream<Uint8Array>;
  #writer: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor(path: string) {
    this.path = path;
    this.#body = new ReadableStream<Uint8Array>({ start: (controller) => void (this.#writer = controller) });
  }
  parameter(name: string): string | null {
    return new URLSearchParams(this.path.split("?")[1]).get(name);
  }
  open(...lines: readonly string[]): void {
    this.opened.resolve({ status: 200, headers: {}, body: chunksOf(this.#body) });
    this.send(...lines);
  }
  send(...lines: readonly string[]): void {
    for (const one of lines) this.#writer?.enqueue(bytes(one));
  }
  end(): void {
    this.#writer?.close();
  }
  reply(status: number, body: unknown, headers: Record<string, string> = {}): void {
    const text = bytes(JSON.stringify(body));
    this.answer.resolve({ status, headers, body: text });
    this.#writer?.enqueue(text);
    this.#writer?.close();
    this.opened.resolve({ status, headers, body: chunksOf(this.#body) });
  }
  overflow(): void {
    this.answer.reject(new TransportError("TOO_LARGE", "more than 8 MiB"));
  }
  fail(): void {
    this.answer.reject(new TransportError("UNREACHABLE", "connection refused"));
    this.opened.reject(new TransportError("UNREACHABLE", "connection refused"));
  }
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

function reflected() {
  const time = new VirtualTime();
  const asked: Asked[] = [];
  const ask = (path: string, signal: AbortSignal | undefined) => {
    const one = new Asked(path);
    signal?.addEventListener("abort", () => (one.isCut = true));
    one.answer.promise.catch(() => null);
    one.opened.promise.catch(() => null);
    asked.push(one);
    return one;
  };
  const transport: ApiTransport = {
    request: ({ path }, { signal }) => ask(path, signal).answer.promise,
    stream: ({ path }, { signal }) => ask(path, signal).opened.promise,
  };
  const store = createStore<Pod>({ keyOf: ({ key }) => key, versionOf: ({ version }) => version });
  const told: string[] = [];
  store.reader.subscribe(({ type, key }) => told.push(`${type} ${key}`));
  const reports: ReflectorReport[] = [];
  const stop = new AbortController();
  const reflector = startReflector<Pod>({
    transport,
    path: "/api/v1/pods",
    query: { labelSelector: "sei.io/node" },
    store,
    clock: time.clock,
    timers: time.timers,
    random: fixedRandom(0.5),
    signal: stop.signal,
    report: (report) => reports.push(report),
    project: (value) => {
      const identity = identityOf(value);
      if (identity.key === "ns/bad") throw new Error("no spec");
      return identity;
    },
  });
  const nth = (index: number): Asked => {
    time.settle();
    return asked.at(index) ?? expect.unreachable(`request ${index} was not made`);
  };
  const keys = () => {
    time.settle();
    return [...store.reader.values()].map(({ key, version }) => `${key}@${version}`).join(" ");
  };
  return { time, asked, nth, keys, told, reports, reflector, store, stop };
}

/** A reflector that has listed by pages and watches from version 10. */
function watching() {
  const parts = reflected();
  parts.nth(0).reply(422, {});
  parts.nth(1).reply(200, { metadata: { resourceVersion: "10" }, items: [raw("a", 3)] });
  parts.nth(2).open();
  parts.time.settle();
  parts.told.length = 0;
  return parts;
}

describe("reflector", () => {
  test("a stream is a list only at its end bookmark, and then goes on as a watch", () => {
    const { nth, keys, reflector, store, time } = reflected();
    const one = nth(0);
    expect(one.path.split("?")[0]).toBe("/api/v1/pods");
    expect(
      [
        "sendInitialEvents",
        "resourceVersionMatch",
        "allowWatchBookmarks",
        "timeoutSeconds",
        "resourceVersion",
        "labelSelector",
      ].map((name) => one.parameter(name)),
    ).toEqual(["true", "NotOlderThan", "true", "45", null, "sei.io/node"]);
    one.open(line("ADDED", raw("a", 3)), line("ADDED", raw("b", 4)), bookmark(9));
    expect([keys(), store.reader.synced]).toEqual(["", false]);
    one.send(line("DELETED", raw("b", 10)), bookmark(11, true), line("MODIFIED", raw("a", 12)));
    expect(keys()).toBe("ns/a@12");
    expect(reflector.health).toEqual({
      synced: true,
      connected: true,
      lastProgressMono: time.clock.mono(),
      heardMono: time.clock.mono(),
      problem: null,
    });
    one.end();
    expect(nth(1).parameter("resourceVersion")).toBe("12");
    expect(nth(1).parameter("sendInitialEvents")).toBeNull();
  });

  test("is heard by what it is told, and by watches that the server ends, not by opening one or by cutting one off", () => {
    const { nth, time, reflector } = watching();
    const heard = () => {
      time.settle();
      return reflector.health.heardMono;
    };
    const listed = heard();
    expect(listed).not.toBeNull();
    time.advance(30_000);
    nth(2).end();
    const ended = heard();
    expect(ended).toBe(time.clock.mono());
    time.advance(1000);
    nth(3).open();
    expect(heard()).toBe(ended);
    // Silent until our own timer cuts it, and then the next one, too.
    time.advance(50_000);
    time.settle();
    nth(4).open();
    expect(heard()).toBe(ended);
    nth(4).send(bookmark(20));
    expect(heard()).toBe(time.clock.mono());
  });

  test("without WatchList it pages through a quorum list, then watches from the list's version", () => {
    const { nth, keys } = reflected();
    nth(0).reply(422, { kind: "Status", message: "sendInitialEvents is forbidden" });
    expect([nth(1).parameter("limit"), nth(1).parameter("resourceVersion")]).toEqual(["500", null]);
    nth(1).reply(200, { metadata: { resourceVersion: "10", continue: "t" }, items: [raw("a", 3)] });
    expect([nth(2).parameter("continue"), keys()]).toEqual(["t", ""]);
    nth(2).reply(200, { metadata: { resourceVersion: "10" }, items: [raw("b", 4)] });
    expect(keys()).toBe("ns/a@3 ns/b@4");
    expect([nth(3).parameter("watch"), nth(3).parameter("resourceVersion")]).toEqual(["true", "10"]);
  });

  test("a page that is too large is asked for anew with fewer objects, from where it was, and so are all after it", () => {
    const { nth, keys, reports } = reflected();
    nth(0).reply(422, {});
    nth(1).overflow();
    expect([nth(2).parameter("limit"), nth(2).parameter("continue")]).toEqual(["125", null]);
    nth(2).reply(200, { metadata: { resourceVersion: "10", continue: "t" }, items: [raw("a", 3)] });
    expect([nth(3).parameter("limit"), nth(3).parameter("continue")]).toEqual(["125", "t"]);
    nth(3).overflow();
    expect([nth(4).parameter("limit"), nth(4).parameter("continue")]).toEqual(["31", "t"]);
    nth(4).reply(200, { metadata: { resourceVersion: "10" }, items: [raw("b", 4)] });
    expect(keys()).toBe("ns/a@3 ns/b@4");
    expect(reports.map(({ type }) => type)).toEqual(["fallback", "synced"]);
  });

  test("a server that ignores the request for initial events is found out after 10 s of silence", () => {
    const { nth, time, reports } = reflected();
    nth(0).open(line("ADDED", raw("a", 3)));
    time.advance(9_999);
    expect(nth(-1).isCut).toBe(false);
    time.advance(1);
    expect(nth(0).isCut).toBe(true);
    expect(nth(1).parameter("limit")).toBe("500");
    expect(reports.map(({ type }) => type)).toEqual(["fallback"]);
  });

  test("a bookmark moves the version and touches no object", () => {
    const { nth, keys, told } = watching();
    nth(2).send(bookmark(50));
    nth(2).end();
    expect(nth(3).parameter("resourceVersion")).toBe("50");
    expect([keys(), told]).toEqual(["ns/a@3", []]);
  });

  test("an event told twice is applied once", () => {
    const { nth, keys, told } = watching();
    nth(2).send(line("MODIFIED", raw("a", 11)), line("MODIFIED", raw("a", 11)), line("MODIFIED", raw("a", 5)));
    expect([keys(), told]).toEqual(["ns/a@11", ["updated ns/a"]]);
  });

  test.each([
    ["as a status", (one: Asked) => one.reply(410, { code: 410, reason: "Expired" })],
    ["in the stream", (one: Asked) => one.open(line("ERROR", { code: 410, reason: "Expired" }))],
  ])("410 %s lists anew, and what is gone by then is told as deleted", (_title, expire) => {
    const { nth, keys, told, time } = watching();
    time.advance(50_000);
    expire(nth(3));
    nth(4).reply(200, { metadata: { resourceVersion: "30" }, items: [raw("b", 20)] });
    expect([keys(), told.sort()]).toEqual(["ns/b@20", ["added ns/b", "deleted ns/a"]]);
    expect(nth(5).parameter("resourceVersion")).toBe("30");
  });

  test("a watch that brings nothing, not even its end, is dead at 50 s", () => {
    const { nth, time, reflector } = watching();
    time.advance(49_999);
    expect([nth(-1).isCut, reflector.health.connected]).toEqual([false, true]);
    time.advance(1);
    expect([nth(2).isCut, nth(3).parameter("resourceVersion"), reflector.health.connected]).toEqual([
      true,
      "10",
      false,
    ]);
    expect(reflector.health.problem).toContain("watch pods: /api/v1/pods: got nothing when its end was due");
    nth(3).open();
    time.settle();
    expect(reflector.health).toMatchObject({ connected: true, problem: null });
  });

  test("429 waits as told and resumes at the same version", () => {
    const { nth, time, asked } = watching();
    time.advance(50_000);
    nth(3).reply(429, {}, { "retry-after": "5" });
    time.advance(5_249);
    expect(asked.length).toBe(4);
    time.advance(1);
    expect(nth(4).parameter("resourceVersion")).toBe("10");
  });

  test.each([
    ["is not JSON", "{\n", "JSON"],
    ["is cut in the middle of a character", null, "cut in the middle"],
  ])("a line that %s ends the watch with an error and is never an event", (_title, text, why) => {
    const { nth, told, reports, time } = watching();
    if (text === null) {
      nth(2).send(line("ADDED", raw("b", 11)).slice(0, -4));
      nth(2).end();
    } else nth(2).send(text);
    time.settle();
    expect(told).toEqual([]);
    expect(reports.at(-1)).toMatchObject({ type: "retry", why: expect.stringContaining(why), waitMs: 800 });
  });

  test("an object that cannot be read is reported and passed over, and its deletion still counts", () => {
    const { nth, keys, reports } = watching();
    nth(2).send(
      line("ADDED", raw("bad", 11)),
      line("ADDED", raw("b", 12)),
      line("NEWS", raw("c", 13)),
      line("DELETED", raw("a", 14)),
    );
    expect(keys()).toBe("ns/b@12");
    expect(reports.filter(({ type }) => type === "unreadable")).toEqual([
      { type: "unreadable", resource: "pods", key: "ns/bad", why: "no spec" },
      { type: "unreadable", resource: "pods", key: "", why: "event of unknown type NEWS" },
    ]);
  });

  test("a denied watch names verb and resource", () => {
    const { nth, time, reflector, reports } = watching();
    time.advance(50_000);
    nth(3).reply(403, { message: "pods is forbidden\nfor you" });
    time.settle();
    expect(reports.at(-1)).toMatchObject({ type: "denied", verb: "watch", resource: "pods", status: 403 });
    expect(reflector.health.problem).toBe(
      "watch pods: /api/v1/pods: got 403 pods is forbidden for you, want 200. Grant watch on pods",
    );
  });

  test("ends when told, with nothing left behind", async () => {
    const { nth, time, reflector, stop } = watching();
    stop.abort();
    time.settle();
    await reflector.stopped;
    expect([nth(2).isCut, time.armed]).toEqual([true, 0]);
  });
});

test.each([
  ["/api/v1/pods", "pods"],
  ["/apis/sei.io/v1alpha1/namespaces/x/seinodes", "seinodes.sei.io"],
])("%s is the resource %s", (path, resource) => {
  expect(resourceOf(path)).toBe(resource);
});
