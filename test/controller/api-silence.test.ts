/** For how long the API server has not answered: measured, told every minute, and over with its first answer. */
import { describe, expect, test } from "bun:test";
import { watchApiSilence } from "../../src/controller/api-silence.ts";
import { TransportError } from "../../src/base/index.ts";
import { VirtualTime } from "../fixtures/virtual-time.ts";

const limits = { deadlineMs: 1_000, maxBytes: 1_000 };

function stage() {
  const time = new VirtualTime();
  const lines: string[] = [];
  const gauge: number[] = [];
  const tell = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const silence = watchApiSilence({
    clock: time.clock,
    timers: time.timers,
    instruments: { set: (_name, value) => void gauge.push(value) },
    log: { info: tell, warn: tell },
  });
  let answer: () => Promise<{ status: number }> = async () => ({ status: 200 });
  const api = silence.over({
    request: async () => ({ ...(await answer()), headers: {}, body: new Uint8Array() }),
    stream: async () => ({ ...(await answer()), headers: {}, body: (async function* () {})() }),
  });
  const ask = (path = "/version"): void => {
    api.request({ method: "GET", path }, limits).catch(() => undefined);
    time.settle();
  };
  return {
    time,
    lines,
    gauge,
    silence,
    ask,
    stream: () => (api.stream({ method: "GET", path: "/w" }, limits).catch(() => undefined), time.settle()),
    answers: (status: number) => void (answer = async () => ({ status })),
    fails: (code: TransportError["code"] = "UNREACHABLE") =>
      void (answer = () => Promise.reject(new TransportError(code, "connection refused"))),
    hangs: () => void (answer = () => new Promise(() => undefined)),
  };
}

describe("the API server's silence", () => {
  test("is nothing while it answers, whatever it says, and while nobody asks", () => {
    const { time, silence, ask, answers, gauge } = stage();
    for (const status of [200, 403, 404, 409, 429, 500]) {
      answers(status);
      ask();
      time.advance(100_000);
      expect(silence.ms).toBe(0);
    }
    expect([silence.note, new Set(gauge)]).toEqual(["it answers", new Set([0])]);
  });

  test("lasts from the first request without an answer, is told at 10 s, each minute, and when it is over", () => {
    const { time, silence, ask, fails, answers, lines, gauge } = stage();
    ask();
    time.advance(3_000);
    fails();
    for (let at = 0; at < 130; at += 2) {
      ask();
      time.advance(2_000);
    }
    expect(silence.note).toBe("it has not answered for 130 s: connection refused");
    answers(200);
    ask();
    expect(silence.ms).toBe(0);
    expect(lines).toEqual([
      'The API server has not answered {"seconds":12,"why":"connection refused"}',
      'The API server has not answered {"seconds":72,"why":"connection refused"}',
      'The API server answers again {"after_seconds":130}',
    ]);
    expect(Math.max(...gauge)).toBe(127);
    time.advance(10_000);
    expect(gauge.at(-1)).toBe(0);
  });

  test("lasts while one request hangs; one that was sent before the last answer is only late", () => {
    const { time, silence, ask, stream, hangs, answers } = stage();
    hangs();
    ask();
    time.advance(8_000);
    expect(silence.ms).toBe(8_000);
    answers(200);
    stream();
    time.advance(30_000);
    expect(silence.ms).toBe(0);
  });

  test("what a load balancer says in its place is no answer; what a Pod says through its proxy is one", () => {
    const { time, silence, ask, answers } = stage();
    answers(503);
    ask();
    time.advance(1_000);
    expect(silence.note).toBe("it has not answered for 1 s: HTTP 503");
    ask("/api/v1/namespaces/a/pods/n-0:7777/proxy/v0/healthz");
    expect(silence.ms).toBe(0);
  });

  test("a request that we called off or never sent says nothing of it", () => {
    const { time, silence, ask, fails } = stage();
    fails("ABORTED");
    ask();
    fails("WITHHELD");
    ask();
    time.advance(20_000);
    expect(silence.ms).toBe(0);
  });
});
