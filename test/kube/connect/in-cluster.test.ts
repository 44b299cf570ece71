/** The connection of a Pod. */
import { expect, test } from "bun:test";
import { inClusterConnection } from "../../../src/kube/connect/in-cluster.ts";
import { aCertificate, ConnectionSetup, messageOf } from "./connection-setup.ts";

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
const CA = aCertificate("2040-01-01");

function pod(): ConnectionSetup {
  const setup = new ConnectionSetup();
  setup.env = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };
  setup.files.set(`${FOLDER}/token`, "one\n").set(`${FOLDER}/ca.crt`, CA).set(`${FOLDER}/namespace`, "sei\n");
  return setup;
}

test("a Pod speaks to its cluster as its service account", async () => {
  const connection = await inClusterConnection(pod().ports);
  expect(connection).toMatchObject({
    origin: "https://10.96.0.1:443",
    namespace: "sei",
    source: "in-cluster",
    tls: { ca: CA, insecure: false },
  });
  expect(await connection?.authorization(false)).toBe("Bearer one");
});

test("an IPv6 address is bracketed, and a missing port is 443", async () => {
  const setup = pod();
  setup.env = { KUBERNETES_SERVICE_HOST: "fd00::1" };
  expect((await inClusterConnection(setup.ports))?.origin).toBe("https://[fd00::1]:443");
});

test.each([
  ["without the environment", (setup: ConnectionSetup) => void (setup.env = {})],
  ["without a token", (setup: ConnectionSetup) => void setup.files.delete(`${FOLDER}/token`)],
])("%s there is no cluster", async (_title, change) => {
  const setup = pod();
  change(setup);
  expect(await inClusterConnection(setup.ports)).toBeNull();
});

test.each([
  ["absent", null],
  ["no certificate", "hello"],
])("a CA that is %s is refused: the system's roots would be trusted with the token", async (_title, text) => {
  const setup = pod();
  if (text === null) setup.files.delete(`${FOLDER}/ca.crt`);
  else setup.files.set(`${FOLDER}/ca.crt`, text);
  expect(await messageOf(inClusterConnection(setup.ports))).toStartWith(
    `connect: service account ${FOLDER}/ca.crt: got no certificate, want the CA of this cluster.`,
  );
});

test("a token that may not be read is refused by name, and is no defect", async () => {
  const setup = pod();
  setup.files.set(`${FOLDER}/token`, new Error(`read ${FOLDER}/token: got EACCES, want a file that can be read`));
  expect(await messageOf(inClusterConnection(setup.ports))).toBe(
    `connect: service account: read ${FOLDER}/token: got EACCES, want a file that can be read`,
  );
});

test("the proxy of the environment leads to the cluster too, unless NO_PROXY names it", async () => {
  const setup = pod();
  setup.env = { ...setup.env, HTTPS_PROXY: "http://me:canary@p:3128" };
  const connection = await inClusterConnection(setup.ports);
  expect([connection?.proxy, connection?.description]).toEqual([
    "http://me:canary@p:3128/",
    "service account, server 10.96.0.1:443 through http://p:3128",
  ]);
  setup.env = { ...setup.env, NO_PROXY: "10.96.0.0/12" };
  expect((await inClusterConnection(setup.ports))?.proxy).toBeNull();
});
