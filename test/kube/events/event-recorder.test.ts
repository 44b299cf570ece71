/** Events: sent in order, once, behind the work. */
import { describe, expect, test } from "bun:test";

import { createClient } from "../../../src/kube/client/index.ts";
import { createEventRecorder, type LostEvent, type RecordedEvent } from "../../../src/kube/events/event-recorder.ts";
import { type ApiTransport, field, type HttpResponse, textAt } from "../../../src/base/index.ts";
import { fixedRandom, VirtualTime } from "../../fixtures/virtual-time.ts";

const event = (name: string, more: Partial<RecordedEvent> = {}): RecordedEvent => ({
  name,
  type: "Normal",
  reason: "ReadinessLost",
  action: "Observe",
  note: "the sidecar answers 503",
  regarding: { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", namespace: "ns", name: "node", uid: "u" },
  ...more,
});

/** A recorder before a server that keeps what it is sent and answers as the test says. */
function recording(capacity?: number) {
  const time = new VirtualTime();
  const kept = new Map<string, unknown>();
  const asked: string[] = [];
  const server = { status: 201, hang: false };
  const transport: ApiTransport = {
    request: async ({ path, body }): Promise<HttpResponse> => {
      const sent: unknown = JSON.parse(body ?? "null");
      const name = textAt(field(sent, "metadata"), "name");
      asked.push(name);
      if (server.hang) return new Promise(() => {});
      const isRepeat = kept.has(name);
      const status = server.status === 201 && isRepeat ? 409 : server.status;
      if (status === 201) kept.set(name, { path, sent });
      const reply = status === 409 ? { reason: "AlreadyExists" } : {};
      return { status, headers: {}, body: new TextEncoder().encode(JSON.stringify(reply)) };
    },
    stream: () => expect.unreachable("an Event is no stream"),
  };
  const lost: LostEvent[] = [];
  const recorder = createEventRecorder({
    client: createClient(transport),
    clock: time.clock,
    timers: time.timers,
    random: fixedRandom(),
    reportingController: "tidekeeper.sei.io",
    reportingInstance: "tidekeeper-0",
    report: (one) => lost.push(one),
    ...(capacity === undefined ? {} : { capacity }),
  });
  const losses = () => lost.map(({ event, why }) => `${event.name}: ${why}`);
  return { time, kept, asked, server, recorder, losses };
}

describe("event recorder", () => {
  test("tells an Event as events.k8s.io/v1 wants it", () => {
    const { time, recorder, kept } = recording();
    recorder.record(event("a"));
    time.settle();
    expect(kept.get("a")).toEqual({
      path: "/apis/events.k8s.io/v1/namespaces/ns/events",
      sent: {
        apiVersion: "events.k8s.io/v1",
        kind: "Event",
        metadata: { name: "a", namespace: "ns" },
        eventTime: "2023-11-14T22:13:21.000000Z",
        type: "Normal",
        reason: "ReadinessLost",
        action: "Observe",
        note: "the sidecar answers 503",
        regarding: event("a").regarding,
        reportingController: "tidekeeper.sei.io",
        reportingInstance: "tidekeeper-0",
      },
    });
  });

  test("one that was told before a crash is there already, and that is fine", () => {
    const { time, recorder, asked, losses } = recording();
    recorder.record(event("a"));
    time.settle();
    recorder.record(event("a"));
    time.advance(600_000);
    expect([asked, losses(), recorder.waiting]).toEqual([["a", "a"], [], 0]);
  });

  test("a server in trouble is asked again, ever later, and the Event keeps its time", () => {
    const { time, recorder, server, asked, kept } = recording();
    server.status = 503;
    recorder.record(event("a"));
    time.advance(6_999);
    expect(asked.length).toBe(3);
    server.status = 201;
    time.advance(1);
    expect(field(field(kept.get("a"), "sent"), "eventTime")).toBe("2023-11-14T22:13:21.000000Z");
  });

  test("no more than two are told at once, however many wait", () => {
    const { time, recorder, server, asked } = recording();
    server.hang = true;
    for (const name of ["a", "b", "c"]) recorder.record(event(name));
    time.settle();
    expect(asked).toEqual(["a", "b"]);
  });

  test("past its capacity the oldest is dropped, and that is reported", () => {
    const { time, recorder, server, losses, kept } = recording(2);
    server.status = 503;
    for (const name of ["a", "b", "c"]) recorder.record(event(name));
    server.status = 201;
    time.advance(10_000);
    expect([losses(), [...kept.keys()].sort()]).toEqual([["a: too many Events wait"], ["b", "c"]]);
  });

  test.each([
    [422, 1],
    [404, 1],
    [403, 8],
  ])("a refusal with %d is given up after %d tries and reported", (status, tries) => {
    const { time, recorder, server, asked, losses } = recording();
    server.status = status;
    recorder.record(event("a"));
    time.advance(3_600_000);
    expect([asked.length, losses().length, recorder.waiting, time.armed]).toEqual([tries, 1, 0, 0]);
  });

  test.each([
    ["an empty reason", event("a", { reason: "" }), "a: reason: got 0 characters, want 1 to 128"],
    ["a long action", event("a", { action: "x".repeat(129) }), "a: action: got 129 characters, want 1 to 128"],
    ["no name", event(""), ": its name is empty"],
  ])("%s is refused before it is sent", (_title, bad, why) => {
    const { time, recorder, asked, losses } = recording();
    recorder.record(bad);
    time.settle();
    expect([asked, losses()]).toEqual([[], [why]]);
  });

  test("a note is cut to 1 kB and never inside a character", () => {
    const { time, recorder, kept } = recording();
    recorder.record(event("a", { note: "€".repeat(1_000) }));
    time.settle();
    expect(field(field(kept.get("a"), "sent"), "note")).toBe("€".repeat(341));
  });

  test("flush tells what waits, also what was waiting for its next try", async () => {
    const { time, recorder, server, kept, losses } = recording();
    server.status = 503;
    recorder.record(event("a"));
    time.settle();
    server.status = 201;
    const flushed = recorder.flush(5_000);
    time.settle();
    await flushed;
    recorder.record(event("b"));
    expect([[...kept.keys()], losses(), time.armed]).toEqual([["a"], ["b: the recorder is closed"], 0]);
  });

  test("flush is over at its deadline, with the rest reported", async () => {
    const { time, recorder, server, losses } = recording();
    server.hang = true;
    recorder.record(event("a"));
    const flushed = recorder.flush(5_000);
    time.advance(5_000);
    await flushed;
    expect(losses()).toEqual(["a: no time was left to tell it"]);
  });
});
