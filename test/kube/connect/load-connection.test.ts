/** Which connection is used, and how one that is missing is told. */
import { expect, test } from "bun:test";
import { loadConnection } from "../../../src/kube/connect/load-connection.ts";
import { aCertificate, ConnectionSetup, messageOf } from "./connection-setup.ts";

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

function named(server: string): string {
  return JSON.stringify({
    "current-context": "x",
    contexts: ["x", "y"].map((name) => ({ name, context: { cluster: "c" } })),
    clusters: [{ name: "c", cluster: { server: `https://${server}` } }],
  });
}

/** A Pod that has every source at once. */
function machine(): ConnectionSetup {
  const setup = new ConnectionSetup();
  setup.env = { KUBECONFIG: "/env/config", KUBERNETES_SERVICE_HOST: "in-cluster", KUBERNETES_SERVICE_PORT: "443" };
  setup.files
    .set("/flag/config", named("flag"))
    .set("/env/config", named("env"))
    .set("/home/me/.kube/config", named("home"))
    .set(`${FOLDER}/token`, "t")
    .set(`${FOLDER}/ca.crt`, aCertificate("2040-01-01"));
  return setup;
}

const { KUBECONFIG: _named, ...noVariable } = machine().env;

test.each([
  ["the flag wins", {}, { kubeconfig: "/flag/config", context: null }, "https://flag"],
  ["a ~ is the home folder", {}, { kubeconfig: "~/.kube/config", context: null }, "https://home"],
  ["then the variable", {}, { kubeconfig: null, context: null }, "https://env"],
  [
    "a variable may name several",
    { KUBECONFIG: "/no:/env/config" },
    { kubeconfig: null, context: null },
    "https://env",
  ],
  [
    "a variable whose files are all missing, in a Pod",
    { KUBECONFIG: "/no:/nor-this" },
    { kubeconfig: null, context: null },
    "https://in-cluster:443",
  ],
  ["a variable of nothing is none", { KUBECONFIG: ":" }, { kubeconfig: null, context: null }, "https://in-cluster:443"],
  ["then the cluster we run in", noVariable, { kubeconfig: null, context: null }, "https://in-cluster:443"],
  ["a context means a kubeconfig", { KUBECONFIG: "" }, { kubeconfig: null, context: "y" }, "https://home"],
])("%s", async (_title, env, choice, origin) => {
  const setup = machine();
  setup.env = "KUBERNETES_SERVICE_HOST" in env ? env : { ...setup.env, ...env };
  expect((await loadConnection(choice, setup.ports)).origin).toBe(origin);
});

test("last the usual file", async () => {
  const setup = machine();
  setup.env = {};
  expect((await loadConnection({ kubeconfig: null, context: null }, setup.ports)).origin).toBe("https://home");
});

test("a file that was named must be there", async () => {
  const attempt = loadConnection({ kubeconfig: "/gone", context: null }, machine().ports);
  expect(await messageOf(attempt)).toStartWith("kubeconfig /gone: no such file. Name one with --kubeconfig");
});

test("nothing at all is told with every place that was looked at", async () => {
  const attempt = loadConnection({ kubeconfig: null, context: null }, new ConnectionSetup().ports);
  expect(await messageOf(attempt)).toStartWith(
    "connect: no kubeconfig (--kubeconfig, KUBECONFIG, /home/me/.kube/config) and no service account of a cluster. Name one with --kubeconfig",
  );
});
