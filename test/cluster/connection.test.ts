/** Kubeconfigs on a real API server. */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { certificate } from "../../scripts/cluster/certificate.ts";
import { connectionPorts } from "../../src/controller/index.ts";
import { realWorld } from "../../src/host/index.ts";
import { type ApiFailure, createClient, type KubeClient, type Result } from "../../src/kube/client/index.ts";
import { loadConnection } from "../../src/kube/connect/index.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { takenAs } from "./harness/taken-as.ts";

interface Config {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

const folder = mkdtempSync(join(tmpdir(), "tidekeeper-connection-"));

describeCluster("a connection by kubeconfig", ({ api, kubeconfigPath, namespace }) => {
  let home = "";
  let admin: KubeClient;
  const given = () => takenAs<Config>(JSON.parse(readFileSync(kubeconfigPath, "utf8")));
  const trusted = () => given().clusters[0]?.cluster ?? {};
  const map = (name: string) => ({ group: "", version: "v1", plural: "configmaps", namespace: home, name });
  const aMap = (name: string, data: Readonly<Record<string, string>>) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: home },
    data,
  });

  /** A client by a kubeconfig with this cluster and this user. */
  async function clientOf(cluster: Readonly<Record<string, unknown>>, user: Readonly<Record<string, unknown>>) {
    const kubeconfig = join(folder, `${crypto.randomUUID()}.json`);
    const contexts = [{ name: "x", context: { cluster: "c", user: "u" } }];
    const file = { "current-context": "x", contexts, clusters: [{ name: "c", cluster }], users: [{ name: "u", user }] };
    writeFileSync(kubeconfig, JSON.stringify(file), { mode: 0o600 });
    const { origin, tls, authorization, headers } = await loadConnection(
      { kubeconfig, context: null },
      connectionPorts(realWorld, new AbortController().signal),
    );
    return createClient(
      realWorld.transports.api({ origin, tls, authorization, headers, userAgent: "tidekeeper-test" }),
    );
  }

  /** A token of a fresh service account in `home`. */
  async function tokenOf(account: string): Promise<string> {
    const accounts = `/api/v1/namespaces/${home}/serviceaccounts`;
    await api.apply({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: account, namespace: home },
    });
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 600 } };
    const reply = await api.request("POST", `${accounts}/${account}/token`, request);
    return takenAs<{ status: { token: string } }>(reply.json).status.token;
  }

  beforeAll(async () => {
    home = await namespace("connection");
    admin = await clientOf(trusted(), given().users[0]?.user ?? {});
  });

  test("a client certificate is accepted, and the server is verified by its private CA", async () => {
    expect(valueOf(await admin.get({ group: "", version: "v1", plural: "namespaces", name: home }))).toMatchObject({
      metadata: { name: home },
    });
  });

  test("a token file is followed when its token is replaced by a good one", async () => {
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "not.a.token");
    const client = await clientOf(trusted(), { tokenFile });
    expect(failureOf(await client.get(map("a")))).toMatchObject({ kind: "unauthorized", status: 401 });
    writeFileSync(tokenFile, await tokenOf("reader"));
    const failure = failureOf(await client.get(map("a")));
    expect(failure).toMatchObject({ kind: "forbidden", status: 403, reason: "Forbidden" });
    expect(failure.message).toContain(`system:serviceaccount:${home}:reader`);
  });

  test("impersonation reaches the server", async () => {
    const user = { ...given().users[0]?.user, as: "somebody", "as-groups": ["some-group"] };
    const failure = failureOf(await (await clientOf(trusted(), user)).get(map("a")));
    expect([failure.kind, failure.message]).toEqual(["forbidden", expect.stringContaining('User "somebody"')]);
  });

  test("several groups, a uid and extras reach the server as they are", async () => {
    const extras = { scopes: ["x", "y"], "acme.com/pro%ject": ["z"] };
    const as = { as: "somebody", "as-uid": "7", "as-groups": ["dev", "Größe", "system:authenticated"] };
    const client = await clientOf(trusted(), { ...given().users[0]?.user, ...as, "as-user-extra": extras });
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const ref = { group: "authentication.k8s.io", version: "v1", plural: "selfsubjectreviews" };
    const { status } = takenAs<{ status: { userInfo: unknown } }>(valueOf(await client.create(ref, review)));
    expect(status.userInfo).toEqual({ username: "somebody", uid: "7", groups: as["as-groups"], extra: extras });
  });

  test("the server's own certificate is trusted where it is the CA, and then alone", async () => {
    const server = new URL(trusted()["server"] ?? "");
    const pinned = await ownCertificate(server);
    const client = await clientOf({ ...trusted(), "certificate-authority-data": pinned }, given().users[0]?.user ?? {});
    expect(failureOf(await client.get(map("absent")))).toMatchObject({ kind: "notFound" });
    const elsewhere = { "certificate-authority-data": pinned, "tls-server-name": "elsewhere.example" };
    const misled = await clientOf({ ...trusted(), ...elsewhere }, given().users[0]?.user ?? {});
    expect(failureOf(await misled.get(map("absent")))).toMatchObject({ kind: "unreachable" });
  });

  test("another CA is not trusted", async () => {
    const { certificatePem } = await certificate({ name: "other", days: 1, issuer: null });
    const ca = Buffer.from(certificatePem).toString("base64");
    const client = await clientOf({ ...trusted(), "certificate-authority-data": ca }, given().users[0]?.user ?? {});
    expect(failureOf(await client.get(map("a")))).toMatchObject({ kind: "unreachable", status: null });
  });

  test.each([
    ["kubernetes.default.svc", true],
    ["elsewhere.example", false],
  ])("tls-server-name %s is what is verified", async (name, isVerified) => {
    const client = await clientOf({ ...trusted(), "tls-server-name": name }, given().users[0]?.user ?? {});
    const failure = failureOf(await client.get(map("absent")));
    expect(failure.kind).toBe(isVerified ? "notFound" : "unreachable");
  });

  describe("what the real server answers is told apart:", () => {
    test("not there, there already, not valid", async () => {
      const ref = { group: "", version: "v1", plural: "configmaps", namespace: home };
      expect(failureOf(await admin.get(map("absent")))).toMatchObject({ kind: "notFound", status: 404 });
      expect((await admin.create(ref, aMap("twice", {}))).ok).toBe(true);
      expect(failureOf(await admin.create(ref, aMap("twice", {})))).toMatchObject({
        kind: "alreadyExists",
        status: 409,
        reason: "AlreadyExists",
        maybeDone: false,
      });
      expect(failureOf(await admin.create(ref, aMap("Not_Valid", {})))).toMatchObject({ kind: "invalid", status: 422 });
    });

    test("a patch of an old revision", async () => {
      const made = takenAs<{ metadata: { resourceVersion: string } }>(
        valueOf(await admin.apply(map("moved"), aMap("moved", { a: "1" }), { fieldManager: "t", force: false })),
      );
      const { resourceVersion } = made.metadata;
      expect((await admin.mergePatch(map("moved"), { metadata: { resourceVersion }, data: { a: "2" } })).ok).toBe(true);
      const late = await admin.mergePatch(map("moved"), { metadata: { resourceVersion }, data: { a: "3" } });
      expect(failureOf(late)).toMatchObject({ kind: "conflict", status: 409 });
    });

    test("an apply of somebody else's field, until it is forced", async () => {
      const apply = (manager: string, value: string, force: boolean) =>
        admin.apply(map("shared"), aMap("shared", { a: value }), { fieldManager: manager, force });
      expect((await apply("one", "1", false)).ok).toBe(true);
      expect(failureOf(await apply("two", "2", false))).toMatchObject({ kind: "conflict", status: 409 });
      expect(valueOf(await apply("two", "2", true))).toMatchObject({ data: { a: "2" } });
    });

    test("a deletion of another object of that name", async () => {
      await admin.apply(map("kept"), aMap("kept", {}), { fieldManager: "t", force: false });
      expect(failureOf(await admin.remove(map("kept"), { uid: "another" }))).toMatchObject({ kind: "conflict" });
      const kept = takenAs<{ metadata: { uid: string } }>(valueOf(await admin.get(map("kept"))));
      expect((await admin.remove(map("kept"), { uid: kept.metadata.uid })).ok).toBe(true);
      expect(failureOf(await admin.get(map("kept"))).kind).toBe("notFound");
    });
  });
});

/** The certificate that a server presents, in the base64 of its PEM. */
async function ownCertificate({ hostname, port }: URL): Promise<string> {
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await new Promise<unknown>((resolve, reject) => socket.on("secureConnect", resolve).on("error", reject));
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  const lines = raw.toString("base64").replaceAll(/.{64}/g, "$&\n");
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`).toString("base64");
}

function failureOf(result: Result<unknown>): ApiFailure {
  if (result.ok) throw new Error(`it was carried out: ${JSON.stringify(result.value).slice(0, 200)}`);
  return result.failure;
}

function valueOf(result: Result<unknown>): unknown {
  if (!result.ok) throw new Error(`${result.failure.kind}: ${result.failure.message}`);
  return result.value;
}
