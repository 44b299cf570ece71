/** Kubeconfigs: what is served, and what is refused. */
import { describe, expect, test } from "bun:test";
import { stringify } from "yaml";
import { ConnectionError } from "../../../src/kube/connect/connection-error.ts";
import { kubeconfigConnection } from "../../../src/kube/connect/kubeconfig-connection.ts";
import { aCertificate, aKey, base64, ConnectionSetup, credential } from "./connection-setup.ts";

type Fields = Readonly<Record<string, unknown>>;

const PATH = "/etc/kube/config";
const CA = aCertificate("2040-01-01");
const OLD = aCertificate("2001-02-03");

/** A kubeconfig of one context. */
function config({ cluster = {}, user = {}, top = {} }: { cluster?: Fields; user?: Fields; top?: Fields } = {}): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "dev",
    contexts: [{ name: "dev", context: { cluster: "c", user: "u", namespace: "sei" } }],
    clusters: [{ name: "c", cluster: { server: "https://10.0.0.1:6443", ...cluster } }],
    users: [{ name: "u", user }],
    ...top,
  });
}

function stageWith(text: string): ConnectionSetup {
  const setup = new ConnectionSetup();
  setup.files.set(PATH, text);
  return setup;
}

const connect = (setup: ConnectionSetup, context: string | null = null) =>
  kubeconfigConnection([PATH], context, setup.ports);

/** Code and message of the refusal; the connection's own failure to fail is one too. */
async function refusal(attempt: Promise<unknown>): Promise<readonly [string, string]> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof ConnectionError) return [error.code, error.message];
    throw error;
  }
  return ["CONNECTED", ""];
}

const C = `kubeconfig ${PATH}: cluster "c"`;
const U = `kubeconfig ${PATH}: user "u"`;

describe("a kubeconfig that cannot be served is refused in one line:", () => {
  const PAIR = { "client-certificate-data": base64(CA), "client-key-data": base64(aKey("fits")) };
  const EXEC = { apiVersion: "client.authentication.k8s.io/v1", command: "login", interactiveMode: "Never" };
  test.each([
    ["empty", "", "KUBECONFIG_INVALID", `kubeconfig ${PATH}: got nothing, want a Config object`],
    ["a list", "- a", "KUBECONFIG_INVALID", `kubeconfig ${PATH}: got no mapping, want a Config object`],
    ["no YAML", "a: [1", "KUBECONFIG_INVALID", /no YAML: Flow sequence .+ at line 1, column 6$/],
    ["a tab", "a:\n\t- b", "KUBECONFIG_INVALID", /no YAML: .*[Tt]ab.* at line 2, column 1$/],
    ["too large", `a: ${"x".repeat(1024 * 1024)}`, "KUBECONFIG_INVALID", /got 1048579 characters, want at most 1 MiB$/],
    ["an alias bomb", bomb(), "KUBECONFIG_INVALID", /no YAML: Excessive alias count/],
    [
      "no current context",
      config({ top: { "current-context": "" } }),
      "KUBECONFIG_INVALID",
      `kubeconfig ${PATH}: no current-context; contexts: dev. Choose one with --context`,
    ],
    [
      "a context that is not there",
      config({ top: { "current-context": "x" } }),
      "KUBECONFIG_INVALID",
      `kubeconfig ${PATH}: context "x" not found; contexts: dev`,
    ],
    [
      "a cluster that is not there",
      config({ top: { clusters: [] } }),
      "KUBECONFIG_INVALID",
      `kubeconfig ${PATH}: cluster "c" not found, though the context names it`,
    ],
    [
      "a user that is not there",
      config({ top: { users: [] } }),
      "KUBECONFIG_INVALID",
      `kubeconfig ${PATH}: user "u" not found, though the context names it`,
    ],
    [
      "a name twice",
      config({ top: { users: [{ name: "u" }, { name: "u" }] } }),
      "KUBECONFIG_INVALID",
      `kubeconfig ${PATH}: users: "u" is there twice. Remove one`,
    ],
    ["no server", config({ cluster: { server: "" } }), "KUBECONFIG_INVALID", `${C}: server: got "", want an https URL`],
    [
      "a password in the server",
      config({ cluster: { server: "https://me:canary@k" } }),
      "KUBECONFIG_INVALID",
      `${C}: server: got a URL with a user in it, want one without`,
    ],
    [
      "a number for a token",
      config({ user: { token: 12345 } }),
      "KUBECONFIG_INVALID",
      "kubeconfig: token: got a number, want text. Put it in quotes",
    ],
    [
      "a text for a switch",
      config({ cluster: { "insecure-skip-tls-verify": "true" } }),
      "KUBECONFIG_INVALID",
      "kubeconfig: insecure-skip-tls-verify: got a string, want true or false",
    ],
    [
      "a CA that nobody would look at",
      config({ cluster: { "insecure-skip-tls-verify": true, "certificate-authority-data": base64(CA) } }),
      "KUBECONFIG_INVALID",
      `${C}: got insecure-skip-tls-verify and certificate-authority, want one of them. Remove the first`,
    ],
    [
      "two CAs",
      config({ cluster: { "certificate-authority": "ca", "certificate-authority-data": base64(CA) } }),
      "CERTIFICATE_INVALID",
      `${C}: got certificate-authority and certificate-authority-data, want one of them`,
    ],
    [
      "a CA file that is absent",
      config({ cluster: { "certificate-authority": "ca.crt" } }),
      "CERTIFICATE_INVALID",
      `${C}: certificate-authority: no such file /etc/kube/ca.crt`,
    ],
    [
      "a CA that is no base64",
      config({ cluster: { "certificate-authority-data": "abcde" } }),
      "CERTIFICATE_INVALID",
      `${C}: certificate-authority-data: got no base64`,
    ],
    [
      "a CA that is no PEM",
      config({ cluster: { "certificate-authority-data": base64("hello") } }),
      "CERTIFICATE_INVALID",
      `${C}: certificate-authority: got no PEM certificate`,
    ],
    [
      "a CA that is over",
      config({ cluster: { "certificate-authority-data": base64(OLD) } }),
      "CERTIFICATE_INVALID",
      `${C}: certificate-authority: expired on 2001-02-03`,
    ],
    [
      "a client certificate that is over",
      config({ user: { ...PAIR, "client-certificate-data": base64(OLD) } }),
      "CERTIFICATE_INVALID",
      `${U}: client-certificate: expired on 2001-02-03`,
    ],
    [
      "a certificate without its key",
      config({ user: { "client-certificate-data": base64(CA) } }),
      "CERTIFICATE_INVALID",
      `${U}: got client-certificate without client-key`,
    ],
    [
      "another's key",
      config({ user: { ...PAIR, "client-key-data": base64(aKey("mismatch")) } }),
      "CERTIFICATE_INVALID",
      `${U}: client-key: it does not belong to client-certificate`,
    ],
    [
      "an encrypted key",
      config({ user: { ...PAIR, "client-key-data": base64(aKey("encrypted")) } }),
      "CERTIFICATE_INVALID",
      `${U}: client-key: it is encrypted, and there is nobody to ask for the passphrase`,
    ],
    [
      "a key that is none",
      config({ user: { ...PAIR, "client-key-data": base64("?") } }),
      "CERTIFICATE_INVALID",
      `${U}: client-key: got no PEM private key`,
    ],
    [
      "a token over http",
      config({ cluster: { server: "http://10.0.0.1" }, user: { token: "canary" } }),
      "TOKEN_OVER_HTTP",
      `${C}: server http://10.0.0.1: a token would travel in clear text. Use https`,
    ],
    [
      "a token file that is absent",
      config({ user: { tokenFile: "token" } }),
      "CERTIFICATE_INVALID",
      `${U}: tokenFile: no such file /etc/kube/token`,
    ],
    [
      "an auth provider",
      config({ user: { "auth-provider": { name: "gcp" } } }),
      "KUBECONFIG_UNSUPPORTED",
      `${U}: auth-provider gcp was removed from Kubernetes. Use an exec plugin that your vendor offers`,
    ],
    [
      "a group of nobody",
      config({ user: { "as-groups": ["x"] } }),
      "KUBECONFIG_INVALID",
      `${U}: got as-groups without as, want the user too`,
    ],
    [
      "a program that wants a terminal",
      config({ user: { exec: { ...EXEC, interactiveMode: "Always" } } }),
      "KUBECONFIG_UNSUPPORTED",
      `${U}: exec: login: interactiveMode Always needs a terminal on standard input, and there is none. Run it from one, or take a program that asks nobody`,
    ],
    [
      "a program of an old interface",
      config({ user: { exec: { ...EXEC, apiVersion: "client.authentication.k8s.io/v1alpha1" } } }),
      "KUBECONFIG_UNSUPPORTED",
      `${U}: exec: apiVersion: got "client.authentication.k8s.io/v1alpha1", want client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1`,
    ],
  ])("%s", async (_title, text, code, message) => {
    const [got, line] = await refusal(connect(stageWith(text)));
    expect(got).toBe(code);
    if (typeof message === "string") expect(line).toBe(message);
    else expect(line).toMatch(message);
    expect([line.includes("\n"), line.includes("canary"), line.length <= 1024]).toEqual([false, false, true]);
  });
});

describe("what a kubeconfig says is served:", () => {
  test("server, path, namespace, name to verify and CA", async () => {
    const cluster = {
      server: "https://k.example/clusters/one/",
      "tls-server-name": "kubernetes",
      "certificate-authority-data": base64(CA),
    };
    const connection = await connect(stageWith(config({ cluster })));
    expect([connection.origin, connection.basePath, connection.namespace]).toEqual([
      "https://k.example",
      "/clusters/one",
      "sei",
    ]);
    expect(connection.tls).toEqual({ ca: CA, serverName: "kubernetes", insecure: false, cert: null, key: null });
    expect(connection.description).toBe("context dev, server https://k.example");
    expect(connection.warnings).toEqual([]);
  });

  test("insecure-skip-tls-verify, with one warning", async () => {
    const connection = await connect(stageWith(config({ cluster: { "insecure-skip-tls-verify": true } })));
    expect([connection.tls.insecure, connection.warnings]).toEqual([
      true,
      [`${C}: insecure-skip-tls-verify is set: the server is not verified`],
    ]);
  });

  test.each<[string, string, string]>([
    [
      "a key that is there twice",
      `${config()}current-context: dev\n`,
      "line 17: a key is there twice; the last value counts. Remove one",
    ],
    [
      "a second document",
      `${config()}---\nother: 1\n`,
      "only the first of 2 documents is read. Remove what follows ---",
    ],
  ])("%s, with one warning", async (_title, text, warning) => {
    const connection = await connect(stageWith(text));
    expect([connection.description, connection.warnings]).toEqual([
      "context dev, server https://10.0.0.1:6443",
      [`kubeconfig ${PATH}: ${warning}`],
    ]);
  });

  test("a key without its certificate is passed over as kubectl does, with one warning", async () => {
    const connection = await connect(stageWith(config({ user: { token: "t", "client-key-data": "?" } })));
    expect([connection.tls.key, connection.warnings]).toEqual([
      null,
      [`${U}: client-key is passed over, since there is no client-certificate`],
    ]);
  });

  test("a program that is passed over as kubectl does, with one warning", async () => {
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "login", interactiveMode: "Never" };
    const setup = stageWith(config({ user: { token: "t", exec } }));
    expect((await connect(setup)).warnings).toEqual([`${U}: exec is passed over, since token is given`]);
    expect(setup.runs).toEqual([]);
  });

  test("a bundle whose first CA is over and whose second is not", async () => {
    const cluster = { "certificate-authority-data": base64(OLD + CA) };
    expect((await connect(stageWith(config({ cluster })))).tls.ca).toBe(OLD + CA);
  });

  test("files beside the kubeconfig", async () => {
    const user = { "client-certificate": "me.crt", "client-key": "/keys/me.key" };
    const setup = stageWith(config({ user }));
    setup.files.set("/etc/kube/me.crt", CA).set("/keys/me.key", aKey("fits"));
    expect((await connect(setup)).tls).toMatchObject({ cert: CA, key: aKey("fits") });
  });

  test("a file that may not be read is refused by name", async () => {
    const setup = stageWith(config({ user: { "client-certificate": "me.crt", "client-key": "me.key" } }));
    setup.files.set("/etc/kube/me.crt", new Error("read /etc/kube/me.crt: got EACCES, want a file that can be read"));
    expect((await refusal(connect(setup)))[1]).toBe(
      `${U}: client-certificate: read /etc/kube/me.crt: got EACCES, want a file that can be read`,
    );
  });

  test.each([
    ["a token", { token: "t" }, "Bearer t"],
    ["a name and a password", { username: "me", password: "pw" }, `Basic ${base64("me:pw")}`],
    ["nobody", {}, null],
  ])("%s", async (_title, user, header) => {
    const connection = await connect(stageWith(config({ user })));
    expect(await connection.authorization(false)).toBe(header);
  });

  test("a token file wins over a token, and is read again after 60 s", async () => {
    const setup = stageWith(config({ user: { token: "first", tokenFile: "token" } }));
    setup.files.set("/etc/kube/token", "one\n");
    const { authorization } = await connect(setup);
    expect(await authorization(false)).toBe("Bearer one");
    setup.files.set("/etc/kube/token", "two\n");
    expect(await authorization(false)).toBe("Bearer one");
    setup.time.advance(60_000);
    expect(await authorization(false)).toBe("Bearer two");
  });

  test("a token file that cannot be read for a moment is no reason to go without", async () => {
    const setup = stageWith(config({ user: { tokenFile: "token" } }));
    setup.files.set("/etc/kube/token", "one");
    const { authorization } = await connect(setup);
    await authorization(false);
    setup.files.set("/etc/kube/token", new Error("EIO"));
    expect(await authorization(true)).toBe("Bearer one");
  });

  test("impersonation of a user, a uid and a group", async () => {
    const connection = await connect(stageWith(config({ user: { as: "a", "as-uid": "1", "as-groups": ["g"] } })));
    expect(connection.headers).toEqual({
      "impersonate-user": "a",
      "impersonate-uid": "1",
      "impersonate-group": ["g"],
    });
  });

  test("http without a credential, as kubectl proxy offers it", async () => {
    const connection = await connect(stageWith(config({ cluster: { server: "http://127.0.0.1:8001" } })));
    expect(connection.origin).toBe("http://127.0.0.1:8001");
  });

  test("a byte order mark, and JSON", async () => {
    const json = JSON.stringify(Bun.YAML.parse(config()));
    expect((await connect(stageWith(`\uFEFF${config()}`))).origin).toBe("https://10.0.0.1:6443");
    expect((await connect(stageWith(json))).origin).toBe("https://10.0.0.1:6443");
  });

  test("another context than the current one", async () => {
    const contexts = [
      { name: "dev", context: { cluster: "c" } },
      { name: "other", context: { cluster: "c" } },
    ];
    const connection = await connect(stageWith(config({ top: { contexts } })), "other");
    expect([connection.description, connection.namespace]).toEqual([
      "context other, server https://10.0.0.1:6443",
      null,
    ]);
  });
});

describe("several files", () => {
  const both = (setup: ConnectionSetup) => kubeconfigConnection(["/a/config", "/b/config"], null, setup.ports);
  const partial = (cluster: Fields, current: string) =>
    stringify({ "current-context": current, clusters: [{ name: "c", cluster }] });
  const rest = stringify({
    "current-context": "second",
    contexts: ["first", "second"].map((name) => ({ name, context: { cluster: "c", user: "u" } })),
    clusters: [{ name: "c", cluster: { server: "https://second" } }],
    users: [{ name: "u", user: { tokenFile: "token" } }],
  });

  test("what comes first wins, and paths are relative to their own file", async () => {
    const setup = new ConnectionSetup();
    setup.files.set("/a/config", partial({ server: "https://first" }, "first"));
    setup.files.set("/b/config", rest).set("/b/token", "t");
    const connection = await both(setup);
    expect(connection.description).toBe("context first, server https://first");
    expect(await connection.authorization(false)).toBe("Bearer t");
  });

  test.each([
    ["missing", null],
    ["empty", ""],
    ["only a comment", "# later\n---\n"],
    ["null", "null\n"],
  ])("one that is %s is passed over", async (_title, text) => {
    const setup = new ConnectionSetup();
    if (text !== null) setup.files.set("/a/config", text);
    setup.files.set("/b/config", rest).set("/b/token", "t");
    expect((await both(setup)).description).toBe("context second, server https://second");
  });

  test("none of them there is refused", async () => {
    expect(await refusal(both(new ConnectionSetup()))).toEqual([
      "KUBECONFIG_MISSING",
      "kubeconfig /a/config:/b/config: no such file. Name one with --kubeconfig",
    ]);
  });

  test.each([
    [0o600, []],
    [0o644, []],
    [0o664, [`kubeconfig ${PATH}: others may write to it. chmod 600`]],
    [0o777, [`kubeconfig ${PATH}: others may write to it. chmod 600`]],
  ])("a file of mode %o warns where others may write", async (mode, warnings) => {
    const setup = stageWith(config());
    setup.modes.set(PATH, mode);
    expect((await connect(setup)).warnings).toEqual(warnings);
  });

  test("a file that cannot be read, such as a loop of links, is refused by name", async () => {
    const setup = new ConnectionSetup();
    setup.files.set(PATH, new Error(`read ${PATH}: got ELOOP, want a file that can be read`));
    expect(await refusal(connect(setup))).toEqual([
      "KUBECONFIG_MISSING",
      `kubeconfig ${PATH}: read ${PATH}: got ELOOP, want a file that can be read`,
    ]);
  });
});

describe("a credential program", () => {
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "./login",
    args: ["a"],
    interactiveMode: "IfAvailable",
  };
  const stageOf = (fields: Fields = {}) =>
    stageWith(
      config({ cluster: { "certificate-authority-data": base64(CA) }, user: { exec: { ...exec, ...fields } } }),
    );

  test("runs once, and again a minute before its token ends or when it was refused", async () => {
    const setup = stageOf();
    const until = new Date(setup.time.clock.wall() + 600_000).toISOString();
    setup.replies = ["one", "two", "three"].map((token) => credential({ token, expirationTimestamp: until }));
    const { authorization } = await connect(setup);
    expect([await authorization(false), await authorization(false)]).toEqual(["Bearer one", "Bearer one"]);
    setup.time.advance(539_000);
    expect(await authorization(false)).toBe("Bearer one");
    setup.time.advance(2000);
    // Beside the requests, which the present one still serves.
    expect(await Promise.all([authorization(false), authorization(false)])).toEqual(["Bearer one", "Bearer one"]);
    await Bun.sleep(0);
    expect(await Promise.all([authorization(false), authorization(false)])).toEqual(["Bearer two", "Bearer two"]);
    expect(await authorization(true)).toBe("Bearer three");
    expect(setup.runs.length).toBe(3);
  });

  test("is found beside the kubeconfig, and told the cluster where it asks for that", async () => {
    const setup = stageOf({ provideClusterInfo: true, env: [{ name: "MINE", value: "1" }] });
    setup.env = { PATH: "/bin", AWS_PROFILE: "dev", VAULT_TOKEN: "v", MINE: "0" };
    setup.replies = [credential({ token: "t" })];
    await connect(setup);
    const [run] = setup.runs;
    expect(run?.command).toBe("/etc/kube/./login");
    const { KUBERNETES_EXEC_INFO: info, ...env } = run?.env ?? {};
    expect(env).toEqual({ PATH: "/bin", AWS_PROFILE: "dev", VAULT_TOKEN: "v", MINE: "1" });
    expect(JSON.parse(info ?? "")).toMatchObject({
      apiVersion: exec.apiVersion,
      spec: {
        interactive: false,
        cluster: { server: "https://10.0.0.1:6443", "certificate-authority-data": base64(CA) },
      },
    });
  });

  test.each([
    ["Never", { stdin: true, stderr: true }, { takesInput: false, showsErrors: true, deadlineMs: 300_000 }],
    ["IfAvailable", { stdin: true, stderr: true }, { takesInput: true, showsErrors: true, deadlineMs: 300_000 }],
    ["IfAvailable", { stdin: true, stderr: false }, { takesInput: true, showsErrors: true, deadlineMs: 300_000 }],
    ["IfAvailable", { stdin: false, stderr: true }, { takesInput: false, showsErrors: true, deadlineMs: 300_000 }],
    ["IfAvailable", { stdin: false, stderr: false }, { takesInput: false, showsErrors: false, deadlineMs: 15_000 }],
    ["Always", { stdin: true, stderr: true }, { takesInput: true, showsErrors: true, deadlineMs: 300_000 }],
  ])("of mode %s may ask whom it can reach: %o", async (interactiveMode, isTerminal, want) => {
    const setup = stageOf({ interactiveMode });
    Object.assign(setup.isTerminal, isTerminal);
    setup.replies = [credential({ token: "t" })];
    await connect(setup);
    expect(setup.runs).toMatchObject([want]);
    const info: unknown = JSON.parse(setup.runs[0]?.env["KUBERNETES_EXEC_INFO"] ?? "");
    expect(info).toMatchObject({ spec: { interactive: want.takesInput } });
  });

  test("that nobody answers is told with the last it said, and what to do", async () => {
    const setup = stageOf();
    const asked = `${"Loading. ".repeat(100)}Open https://microsoft.com/devicelogin and enter the code ABCD1234`;
    setup.replies = [{ code: null, stdout: "", stderr: asked, failure: "timeout" }];
    const [code, line] = await refusal(connect(setup));
    expect(code).toBe("CREDENTIAL_PLUGIN_FAILED");
    expect(line).toContain("within 15s: ");
    expect(line).toEndWith(
      "Open https://microsoft.com/devicelogin and enter the code ABCD1234. If it asks somebody to log in, do that beforehand, where there is a terminal",
    );
  });

  test("may give a client certificate", async () => {
    const setup = stageOf();
    setup.replies = [credential({ clientCertificateData: CA, clientKeyData: aKey("fits") })];
    const connection = await connect(setup);
    expect([connection.tls.cert, connection.tls.key, await connection.authorization(false)]).toEqual([
      CA,
      aKey("fits"),
      null,
    ]);
  });
});

function bomb(): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 8; level += 1) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ")}]`);
  }
  return lines.join("\n");
}
