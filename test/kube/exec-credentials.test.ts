import { expect, test } from "bun:test";
import type { ConnectionPorts } from "../../src/kube/connection.ts";
import { execCredentials } from "../../src/kube/exec-credentials.ts";
import { VirtualTime } from "./virtual-time.ts";

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
  const ports: ConnectionPorts = {
    env: {},
    clock: time.clock,
    homeDirectory: "/",
    readFile: async () => null,
    fileMode: async () => null,
    async exec() {
      const n = ++ran.times;
      const given = kind === "token" ? { token: `t${n}` } : { clientCertificateData: `c${n}`, clientKeyData: `k${n}` };
      const status = { ...given, expirationTimestamp: new Date(time.clock.wall() + forMs).toISOString() };
      return { code: 0, stdout: JSON.stringify({ apiVersion: PLAN.apiVersion, status }), stderr: "", failure: null };
    },
    certificateEnd: () => null,
    keyFits: () => "fits",
    isTerminal: { stdin: false, stderr: false },
  };
  return { time, ran, credentials: execCredentials(PLAN, ports) };
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
