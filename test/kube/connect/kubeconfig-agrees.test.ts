/** On plain files we read what the official client reads. Source: docs/design/0005-kubeconfig.md. */
import { expect, test } from "bun:test";
import { KubeConfig, type Cluster, type User } from "@kubernetes/client-node";
import { stringify } from "yaml";
import { kubeconfigConnection } from "../../../src/kube/connect/kubeconfig-connection.ts";
import { aCertificate, aKey, base64, ConnectionSetup } from "./connection-setup.ts";

const CERT = base64(aCertificate("2040-01-01"));

function file(name: string, user: Readonly<Record<string, unknown>>): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name, namespace: `of-${name}` } }],
    clusters: [{ name, cluster: { server: `https://${name}:6443`, "certificate-authority-data": CERT } }],
    users: [{ name, user }],
  });
}

const PAIR = { "client-certificate-data": CERT, "client-key-data": base64(aKey("fits")) };

test.each([
  ["a token", [file("one", { token: "t" })]],
  ["a name and a password", [file("one", { username: "me", password: "pw" })]],
  ["a client certificate", [file("one", PAIR)]],
  ["an impersonated user", [file("one", { token: "t", as: "somebody" })]],
  ["two files", [file("one", { token: "a" }), file("two", { token: "b" })]],
])("%s", async (_title, files) => {
  const setup = new ConnectionSetup();
  const theirs = new KubeConfig();
  for (const [index, text] of files.entries()) {
    setup.files.set(`/${index}`, text);
    const next = new KubeConfig();
    next.loadFromString(text);
    if (index === 0) theirs.loadFromString(text);
    else theirs.mergeConfig(next);
  }
  for (const context of theirs.getContexts().map(({ name }) => name)) {
    theirs.setCurrentContext(context);
    const ours = await kubeconfigConnection([...setup.files.keys()], context, setup.ports);
    const [cluster, user] = [theirs.getCurrentCluster(), theirs.getCurrentUser()];
    const { origin, namespace, tls, headers } = ours;
    expect({ server: origin, caData: base64(tls.ca ?? "") }).toEqual(pick(cluster));
    expect(namespace).toBe(`of-${context}`);
    expect(base64(tls.cert ?? "")).toBe(user?.certData ?? "");
    expect(headers["impersonate-user"]).toBe(user?.impersonateUser);
    expect(await ours.authorization(false)).toBe(headerOf(user));
  }
});

function headerOf(user: User | null): string | null {
  if (user?.token !== undefined) return `Bearer ${user.token}`;
  return user?.username === undefined ? null : `Basic ${base64(`${user.username}:${user.password}`)}`;
}

function pick(cluster: Cluster | null) {
  return { server: cluster?.server ?? "", caData: cluster?.caData ?? "" };
}
