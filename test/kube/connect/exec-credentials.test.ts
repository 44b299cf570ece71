/** The credential of a program over time. */
import { describe, expect, test } from "bun:test";
import type { ConnectionPorts } from "../../../src/kube/connect/connection.ts";
import { execCredentials } from "../../../src/kube/connect/exec-credentials.ts";
import { VirtualTime } from "../../fixtures/virtual-time.ts";

const PLAN = {
  apiVersion: "client.authentication.k8s.io/v1",
  command: "give",
  args: [],
  env: {},
  interactiveMode: "Never",
  installHint: "",
  cluster: null,
};

/** A program whose n-th run gives token or certificate n, good for `forMs`. */
function program(kind: "token" | "certificate", forMs = 3_600_000) {
  const time = new VirtualTime();
  const ran = { times: 0 };
  const held: Held = { until: null, fails: null, cached: null };
  const ports: ConnectionPorts = {
    env: {},
    clock: time.clock,
    homeDirectory: "/",
    readFile: async () => null,
    fileMode: async () => null,
    async exec() {
      const n = ++ran.times;
      await held.until?.promise;
      if (held.fails !== null) return { code: 1, stdout: "", stderr: held.fails, failure: null };
      if (held.cached !== null) return told({ token: held.cached.token }, held.cached.until);
      const given = kind === "token" ? { token: `t${n}` } : { clientCertificateData: `c${n}`, clientKeyData: `k${n}` };
      return told(given, time.clock.wall() + forMs);
    },
    certificateEnd: () => null,
    keyFits: () => "fits",
    isTerminal: { stdin: false, stderr: false },
  };
  return { time, ran, held, credentials: execCredentials(PLAN, ports) };
}

/** What the program does instead of giving the next one at once. */
interface Held {
  until: PromiseWithResolvers<void> | null;
  fails: string | null;
  cached: { readonly token: string; readonly until: number } | null;
}

function told(given: object, until: number) {
  const status = { ...given, expirationTimestamp: new Date(until).toISOString() };
  return { code: 0, stdout: JSON.stringify({ apiVersion: PLAN.apiVersion, status }), stderr: "", failure: null };
}

test("a certificate is asked for again a minute before it ends, and when it was refused", async () => {
  const { time, credentials } = program("certificate");
  expect((await credentials.renewed(false)).cert).toBe("c1");
  time.advance(3_539_000);
  expect((await credentials.renewed(false)).cert).toBe("c1");
  time.advance(2_000);
  expect((await credentials.renewed(false)).cert).toBe("c2");
  expect((await credentials.renewed(true)).cert).toBe("c3");
  expect(await credentials.authorization(false)).toBeNull();
});

test("a refused token is the business of authorization: the handshake does not run the program for it", async () => {
  const { ran, credentials } = program("token");
  expect(await credentials.authorization(false)).toBe("Bearer t1");
  await credentials.renewed(true);
  expect(ran.times).toBe(1);
  expect(await credentials.authorization(true)).toBe("Bearer t2");
});

test("questions at once run the program once", async () => {
  const { ran, credentials } = program("token");
  const tokens = await Promise.all(Array.from({ length: 20 }, () => credentials.authorization(true)));
  expect([new Set(tokens), ran.times]).toEqual([new Set(["Bearer t1"]), 1]);
});

describe("while the present credential is good no request waits for the program", () => {
  /** A token good for 100 s, of which 60 are over, and a program that from then on does as it is told. */
  async function ending() {
    const parts = program("token", 100_000);
    await parts.credentials.authorization(false);
    parts.time.advance(60_000);
    return parts;
  }

  test("that is slow", async () => {
    const { credentials, held, ran } = await ending();
    held.until = Promise.withResolvers<void>();
    expect(await credentials.authorization(false)).toBe("Bearer t1");
    expect(await credentials.authorization(false)).toBe("Bearer t1");
    expect(ran.times).toBe(2);
    held.until.resolve();
    await Bun.sleep(0);
    expect(await credentials.authorization(false)).toBe("Bearer t2");
  });

  test("that fails for a while: it is asked again every five seconds, and its words are told", async () => {
    const { credentials, held, ran, time } = await ending();
    held.fails = "vault: sealed";
    for (let at = 0; at < 20; at += 1) {
      expect(await credentials.authorization(false)).toBe("Bearer t1");
      await Bun.sleep(0);
      time.advance(1000);
    }
    expect(ran.times).toBe(5);
    // The renewal of each minute tells it.
    expect(await credentials.renewed(false).then(() => "", String)).toContain("vault: sealed");
    time.advance(30_000);
    expect(await credentials.authorization(false).catch(String)).toContain("vault: sealed");
    held.fails = null;
    expect(await credentials.authorization(false)).toBe(`Bearer t${ran.times}`);
  });

  test("that hands out what it has cached until its end", async () => {
    const { credentials, held, ran, time } = await ending();
    held.until = null;
    held.cached = { token: "t1", until: time.clock.wall() + 40_000 };
    for (let at = 0; at < 39; at += 1) {
      expect(await credentials.authorization(false)).toBe("Bearer t1");
      await Bun.sleep(0);
      time.advance(1000);
    }
    expect(ran.times).toBeLessThan(12);
    held.cached = null;
    time.advance(2000);
    expect(await credentials.authorization(false)).toBe(`Bearer t${ran.times}`);
  });

  test("and one that gives only what has ended is not run for each request", async () => {
    const { credentials, held, ran, time } = await ending();
    held.cached = { token: "old", until: time.clock.wall() };
    time.advance(50_000);
    for (let at = 0; at < 10; at += 1) expect(await credentials.authorization(false)).toBe("Bearer old");
    expect(ran.times).toBe(2);
  });
});
