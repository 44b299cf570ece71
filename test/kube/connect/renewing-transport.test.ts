/** The transport that reads its credentials anew. */
import { expect, test } from "bun:test";
import { renewingTransport } from "../../../src/kube/connect/renewing-transport.ts";
import type { ConnectionTls } from "../../../src/kube/connect/connection.ts";
import { type ApiTransport, TransportError } from "../../../src/base/index.ts";
import { VirtualTime } from "../../fixtures/virtual-time.ts";

const GET = { method: "GET", path: "/" } as const;
const PATCH = { method: "PATCH", path: "/", body: "{}" } as const;
const LIMITS = { deadlineMs: 3000, maxBytes: 64 };
const tlsOf = (ca: string): ConnectionTls => ({ ca, cert: null, key: null, serverName: null, insecure: false });

/** A server that takes one CA only, and files that can be replaced. */
function setup(refusal: "TLS" | 401 = "TLS") {
  const time = new VirtualTime();
  const state = { serverCa: "a", fileCa: "a" as string | null, looks: 0, built: 0, sent: 0, dropped: 0, hangs: false };
  const problems: (string | null)[] = [];
  const build = ({ ca }: ConnectionTls): ApiTransport => {
    state.built += 1;
    const status = (): number => {
      state.sent += 1;
      if (ca === state.serverCa) return 200;
      if (refusal === 401) return 401;
      throw new TransportError("TLS", "GET x: got a certificate of an unknown authority");
    };
    async function* body() {
      try {
        yield new Uint8Array(1);
      } finally {
        state.dropped += 1;
      }
    }
    return {
      request: async () => ({ status: status(), headers: {}, body: new Uint8Array() }),
      stream: async () => ({ status: status(), headers: {}, body: body() }),
    };
  };
  const renew = async (): Promise<ConnectionTls> => {
    state.looks += 1;
    if (state.hangs) await new Promise(() => {});
    if (state.fileCa === null) throw new Error("ca.crt: got no certificate");
    return tlsOf(state.fileCa);
  };
  const { clock, timers } = time;
  const api = renewingTransport({
    clock,
    timers,
    tls: tlsOf("a"),
    renew,
    build,
    onProblem: (why) => problems.push(why),
  });
  return { api, state, time, problems };
}

test.each(["TLS", 401] as const)("a request refused by %p goes out again with what the files hold now", async (how) => {
  const { api, state } = setup(how);
  state.serverCa = state.fileCa = "b";
  expect((await api.request(GET, LIMITS)).status).toBe(200);
  expect((await api.stream(GET, LIMITS)).status).toBe(200);
  expect([state.looks, state.built, state.sent]).toEqual([1, 2, 3]);
});

test("a refused stream is closed before the next is opened", async () => {
  const { api, state } = setup(401);
  state.serverCa = state.fileCa = "b";
  await api.stream(GET, LIMITS);
  expect(state.dropped).toBe(1);
});

test("a mutation is not repeated after a TLS failure, but the next one goes the new way", async () => {
  const { api, state } = setup();
  state.serverCa = state.fileCa = "b";
  expect(await api.request(PATCH, LIMITS).catch(String)).toContain("unknown authority");
  expect((await api.request(PATCH, LIMITS)).status).toBe(200);
  expect([state.sent, state.looks]).toEqual([2, 1]);
});

test("the same files again mean the same answer, without a repeat", async () => {
  const { api, state } = setup(401);
  state.serverCa = "b";
  expect((await api.request(GET, LIMITS)).status).toBe(401);
  expect([state.sent, state.built, state.looks]).toEqual([1, 1, 1]);
});

test("requests that are refused at once share one renewal", async () => {
  const { api, state } = setup();
  state.serverCa = state.fileCa = "b";
  const replies = await Promise.all(Array.from({ length: 20 }, () => api.request(GET, LIMITS)));
  expect([new Set(replies.map(({ status }) => status)), state.looks, state.built]).toEqual([new Set([200]), 1, 2]);
});

test("while all is well the files are read once a minute, and nobody waits for it", async () => {
  const { api, state, time } = setup();
  state.hangs = true;
  await api.request(GET, LIMITS);
  expect(state.looks).toBe(0);
  time.advance(60_000);
  await api.request(GET, LIMITS);
  await api.request(GET, LIMITS);
  expect(state.looks).toBe(1);
});

test("a renewal that hangs costs a request no more than its deadline", async () => {
  const { api, state, time } = setup(401);
  state.serverCa = "b";
  state.hangs = true;
  const reply = api.request(GET, LIMITS);
  await Bun.sleep(0);
  time.advance(3000);
  expect((await reply).status).toBe(401);
});

test("files that cannot be used change nothing and are told of, once they can be that too", async () => {
  const { api, state, problems } = setup(401);
  state.fileCa = null;
  state.serverCa = "b";
  expect((await api.request(GET, LIMITS)).status).toBe(401);
  state.fileCa = "b";
  expect((await api.request(GET, LIMITS)).status).toBe(200);
  expect(problems).toEqual(["ca.crt: got no certificate", null]);
});
