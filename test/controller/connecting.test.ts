/**
 * What a kubeconfig and the environment come to, over real TLS. Each row was given to kubectl 1.37 too: `as` is what the
 * API server heard from it, and a row of the second table is one that it refuses as well, or would ignore in silence.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificate } from "../../scripts/cluster/certificate.ts";
import { connectionPorts } from "../../src/controller/connect.ts";
import { realWorld } from "../../src/host/index.ts";
import { loadConnection } from "../../src/kube/connect/index.ts";

type Fields = Readonly<Record<string, unknown>>;

const root = await certificate({ name: "root", days: 1, issuer: null });
const inter = await certificate({ name: "inter", days: 1, issuer: root, isIntermediate: true });
const leaf = await certificate({ name: "server", hosts: ["127.0.0.1", "localhost"], days: 1, issuer: inter });
const nameless = await certificate({ name: "localhost", days: 1, issuer: inter });
const me = await certificate({ name: "me", days: 1, issuer: root });
const base64 = (text: string): string => Buffer.from(text).toString("base64");

const servers: Server[] = [];
const origins = { chain: "", alone: "", nameless: "" };
let folder = "";

/** Credentials and impersonation of a request, header by header. */
function heard(request: IncomingMessage): string {
  const pairs: string[] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name = "", value = ""] = request.rawHeaders.slice(index, index + 2);
    if (/^(?:authorization|impersonate-.*)$/i.test(name)) {
      pairs.push(`${name.toLowerCase()}=${Buffer.from(value, "latin1").toString("utf8")}`);
    }
  }
  return pairs.toSorted().join("; ");
}

async function serve(key: keyof typeof origins, cert: string, keyPem: string): Promise<void> {
  const server = createServer({ cert, key: keyPem }, (request, response) => response.end(heard(request)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  origins[key] = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "connecting-"));
  await serve("chain", leaf.certificatePem + inter.certificatePem, leaf.keyPem);
  await serve("alone", leaf.certificatePem, leaf.keyPem);
  await serve("nameless", nameless.certificatePem + inter.certificatePem, nameless.keyPem);
  const printed = JSON.stringify({
    kind: "ExecCredential",
    apiVersion: "client.authentication.k8s.io/v1",
    status: { token: "$X" },
  });
  await writeFile(join(folder, "cred"), `#!/bin/sh\ncat <<END\n${printed}\nEND\n`, { mode: 0o755 });
  const yaml = "apiVersion: client.authentication.k8s.io/v1\nkind: ExecCredential\nstatus: {token: yaml}";
  await writeFile(join(folder, "cred-yaml"), `#!/bin/sh\ncat <<END\n${yaml}\nEND\n`, { mode: 0o755 });
  await writeFile(join(folder, "token"), "of-the-file\n");
  await writeFile(join(folder, "root.crt"), root.certificatePem);
});
afterAll(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await rm(folder, { recursive: true });
});

function config({ user = { token: "t" }, cluster = {} }: { user?: Fields; cluster?: Fields } = {}): string {
  const body = { server: origins.chain, "certificate-authority-data": base64(root.certificatePem), ...cluster };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: body }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
    users: [{ name: "u", user }],
  });
}

/** What the server heard of a request and of a stream, which must be the same; or the line of the refusal. */
async function come(text: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const path = join(folder, "config");
  await writeFile(path, text, { mode: 0o600 });
  const world = { ...realWorld, env: { PATH: process.env["PATH"], ...env } };
  const ports = connectionPorts(world, new AbortController().signal);
  try {
    const { origin, basePath, ...rest } = await loadConnection({ kubeconfig: path, context: null }, ports);
    const api = world.transports.api({ ...rest, origin: origin + basePath, userAgent: "test" });
    const { body } = await api.request({ method: "GET", path: "/x" }, { deadlineMs: 5000, maxBytes: 4096 });
    const stream = await api.stream({ method: "GET", path: "/x" }, { deadlineMs: 5000 });
    const pieces: Uint8Array[] = [];
    for await (const piece of stream.body) pieces.push(piece);
    const texts = [Buffer.from(body).toString(), Buffer.concat(pieces).toString()];
    expect(texts[1]).toBe(texts[0] ?? "");
    return texts[0] ?? "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const EXEC = { apiVersion: "client.authentication.k8s.io/v1", command: "./cred", interactiveMode: "Never" };
const PAIR = { "client-certificate-data": base64(me.certificatePem), "client-key-data": base64(me.keyPem) };
const T = "authorization=Bearer t";
const yaml = (cluster: string, more = "", user = "token: t"): string => `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "${origins.chain}", ${cluster}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
users: [{name: u, user: {${user}}}]
${more}`;

test.each<[string, () => string | [string, Record<string, string>], string]>([
  ["a token", () => config(), T],
  ["a CA that is an intermediate", () => config({ cluster: ca(inter.certificatePem) }), T],
  [
    "an intermediate that the server does not send",
    () => config({ cluster: { ...ca(inter.certificatePem), ...alone() } }),
    T,
  ],
  ["the server's own certificate", () => config({ cluster: { ...ca(leaf.certificatePem), ...alone() } }), T],
  ["the server's own certificate in a chain", () => config({ cluster: ca(leaf.certificatePem) }), T],
  ["an address as the name to verify", () => config({ cluster: { "tls-server-name": "127.0.0.1" } }), T],
  ["another name to verify", () => config({ cluster: { "tls-server-name": "localhost" } }), T],
  ["no CA, with SSL_CERT_FILE", () => [config({ cluster: ca("") }), { SSL_CERT_FILE: join(folder, "root.crt") }], T],
  [
    "several groups, a uid and extras",
    () =>
      config({
        user: {
          token: "t",
          as: "me",
          "as-uid": "7",
          "as-groups": ["a", "Größe"],
          "as-user-extra": { scopes: ["x", "y"], "acme.com/pro%ject": ["z"], empty: [], nothing: null },
        },
      }),
    `${T}; impersonate-extra-acme.com%2fpro%25ject=z; impersonate-extra-scopes=x; impersonate-extra-scopes=y; impersonate-group=Größe; impersonate-group=a; impersonate-uid=7; impersonate-user=me`,
  ],
  [
    "null and empty values",
    () => config({ user: { ...NOTHING, token: "t" }, cluster: { "proxy-url": "", extensions: null } }),
    T,
  ],
  ["a token beside a program", () => config({ user: { token: "t", exec: EXEC } }), T],
  [
    "a password beside a program",
    () => config({ user: { username: "a", password: "b", exec: EXEC } }),
    "authorization=Basic YTpi",
  ],
  ["a certificate beside a program", () => config({ user: { ...PAIR, exec: EXEC } }), ""],
  ["a name without a password", () => config({ user: { username: "p" } }), "authorization=Basic cDo="],
  ["a token file", () => config({ user: { tokenFile: "token" } }), "authorization=Bearer of-the-file"],
  [
    "a token beside its file",
    () => config({ user: { token: "t", tokenFile: "token" } }),
    "authorization=Bearer of-the-file",
  ],
  ["a token beside a file that is not there", () => config({ user: { token: "t", tokenFile: "gone" } }), T],
  [
    "a program with our whole environment",
    () => [config({ user: { exec: EXEC } }), { X: "ours" }],
    "authorization=Bearer ours",
  ],
  [
    "a variable of the program that is there twice",
    () => config({ user: { exec: { ...EXEC, env: twice() } } }),
    "authorization=Bearer 2",
  ],
  [
    "a program in our PATH that is told another",
    () => [config({ user: { exec: { ...EXEC, command: "cred", env: bin() } } }), { PATH: `${folder}:/bin`, X: "x" }],
    "authorization=Bearer x",
  ],
  [
    "a program's lists that are null",
    () => [config({ user: { exec: { ...EXEC, args: null, env: null } } }), { X: "x" }],
    "authorization=Bearer x",
  ],
  ["a cluster without a server", () => [config({ cluster: { server: "" } }), { KUBERNETES_MASTER: origins.chain }], T],
  ["a server with a path and a query", () => config({ cluster: { server: `${origins.chain}/pre?x=1` } }), T],
  [
    "a proxy of the environment, for a server on this machine",
    () => [config(), { HTTPS_PROXY: "http://127.0.0.1:1" }],
    T,
  ],
  ["yes for a switch", () => yaml("insecure-skip-tls-verify: yes"), T],
  [
    "a key twice",
    () => yaml("certificate-authority: root.crt", "users: [{name: u, user: {token: last}}]"),
    "authorization=Bearer last",
  ],
  ["a second document, broken or not", () => yaml("certificate-authority: root.crt", "---\nfoo: ["), T],
  [
    "a merge key",
    () => yaml("certificate-authority: root.crt", "", "<<: &a {username: a}, password: b"),
    "authorization=Basic YTpi",
  ],
  ["no kind", () => config().replace('"apiVersion":"v1","kind":"Config",', ""), T],
  ["fields of other programs", () => config().replace("{", '{"preferences":{"colors":true},"other":1,'), T],
])("as kubectl, it connects with %s", async (_title, given, as) => {
  const input = given();
  expect(typeof input === "string" ? await come(input) : await come(...input)).toBe(as);
});

/** A user with a program, and preferences of kubectl. */
function kuberc(policy: string, more: string, env: Record<string, string>): [string, Record<string, string>] {
  writeFileSync(join(folder, "kuberc"), `credentialPluginPolicy: ${policy}\n${more}\n`);
  return [config({ user: { exec: EXEC } }), { KUBERC: join(folder, "kuberc"), ...env }];
}

function ca(pem: string): Fields {
  return { "certificate-authority-data": base64(pem) };
}
const alone = (): Fields => ({ server: origins.alone });
const twice = () => ["1", "2"].map((value) => ({ name: "X", value }));
const bin = () => [{ name: "PATH", value: "/usr/bin:/bin" }];
const NOTHING = {
  "as-user-extra": {},
  "as-groups": [],
  as: "",
  "as-uid": null,
  "auth-provider": null,
  exec: null,
  tokenFile: "",
  username: null,
  "client-key": "",
  extensions: null,
};

test.each<[string, () => string | [string, Record<string, string>], string]>([
  [
    "a wrong name, with a pinned certificate",
    () => config({ cluster: { ...ca(leaf.certificatePem), "tls-server-name": "no" } }),
    "got a certificate for another name",
  ],
  [
    "a wrong address to verify",
    () => config({ cluster: { "tls-server-name": "10.0.0.9" } }),
    "got a certificate for another name",
  ],
  [
    "a certificate with a common name alone",
    () => config({ cluster: { server: origins.nameless, "tls-server-name": "localhost" } }),
    "in the common name alone, want a subject alternative name",
  ],
  [
    "a CA above one that the server does not send",
    () => config({ cluster: alone() }),
    "got a certificate of an unknown authority",
  ],
  ["no CA for a private one", () => config({ cluster: ca("") }), "got a certificate of an unknown authority"],
  [
    "SSL_CERT_FILE without certificates",
    () => [config({ cluster: ca("") }), { SSL_CERT_FILE: join(folder, "token") }],
    "SSL_CERT_FILE: got no certificates",
  ],
  [
    "two credentials",
    () => config({ user: { token: "t", username: "u", password: "p" } }),
    "got token and username, want one of them",
  ],
  [
    "a password file beside a name",
    () => config({ user: { tokenFile: "token", username: "u" } }),
    "got token and username, want one of them",
  ],
  ["a password without a name", () => config({ user: { password: "p" } }), "got password without username, want both"],
  [
    "extras of nobody",
    () => config({ user: { "as-user-extra": { a: ["b"] } } }),
    "got as-user-extra without as, want the user too",
  ],
  [
    "groups that are no texts",
    () => config({ user: { as: "a", "as-groups": [1] } }),
    "as-groups: got a number in it, want texts",
  ],
  [
    "auth-provider oidc",
    () => config({ user: { "auth-provider": { name: "oidc" } } }),
    "auth-provider oidc is not supported. Use an exec plugin",
  ],
  [
    "a mode that is not said",
    () => config({ user: { exec: { ...EXEC, interactiveMode: null } } }),
    'exec: interactiveMode: got "", want Never, IfAvailable, Always',
  ],
  [
    "a mode that is none",
    () => config({ user: { exec: { ...EXEC, interactiveMode: "Maybe" } } }),
    'exec: interactiveMode: got "Maybe", want',
  ],
  [
    "a variable without a name",
    () => config({ user: { exec: { ...EXEC, env: [{ value: "1" }] } } }),
    "exec: env: got an entry without a name",
  ],
  ["a program that kuberc does not let run", () => kuberc("DenyAll", "", {}), "lets no credential plugin run"],
  [
    "a program that is not in the list of kuberc",
    () => kuberc("Allowlist", "credentialPluginAllowlist: [{command: other}]", {}),
    "it is not in credentialPluginAllowlist of kuberc",
  ],
  ["a policy that is none", () => kuberc("What", "", {}), 'credentialPluginPolicy: got "What", want'],
  ["an empty program", () => config({ user: { exec: {} } }), "exec: command: got nothing, want a program"],
  [
    "a proxy of another kind",
    () => config({ cluster: { "proxy-url": "ftp://p:1" } }),
    'proxy-url: got "ftp://p:1", want an http://, https:// or socks5:// URL',
  ],
  [
    "a proxy without a scheme",
    () => config({ cluster: { "proxy-url": "127.0.0.1:1" } }),
    "want an http://, https:// or socks5:// URL",
  ],
  [
    "a proxy that is not there",
    () => config({ cluster: { "proxy-url": "http://127.0.0.1:1" } }),
    "no way through the proxy (connection refused)",
  ],
  ["another kind of object", () => config().replace('"Config"', '"Pod"'), 'kind: got "Pod", want Config'],
  ["another version", () => config().replace('"v1"', '"v2"'), 'apiVersion: got "v2", want v1'],
  [
    "a server without a scheme",
    () => config({ cluster: { server: "127.0.0.1:6443" } }),
    'server: got "127.0.0.1:6443", want an https URL',
  ],
  [
    "a text for a switch",
    () => config({ cluster: { "disable-compression": "x" } }),
    "disable-compression: got a string, want true or false",
  ],
])("as kubectl, it refuses %s, by name", async (_title, given, why) => {
  const input = given();
  const line = typeof input === "string" ? await come(input) : await come(...input);
  expect(line).toContain(why);
  expect(line).not.toContain("\n");
});
