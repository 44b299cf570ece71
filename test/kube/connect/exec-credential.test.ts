/** One run of a kubeconfig's program, and what it printed. */
import { expect, test } from "bun:test";
import { execCredential, type ExecPlan } from "../../../src/kube/connect/exec-credential.ts";
import type { ExecReply } from "../../../src/kube/connect/connection.ts";
import { ConnectionSetup, credential, messageOf } from "./connection-setup.ts";

const PLAN: ExecPlan = {
  apiVersion: "client.authentication.k8s.io/v1",
  command: "login",
  args: [],
  env: {},
  interactiveMode: "Never",
  installHint: "",
  cluster: null,
};

function run(reply: ExecReply, plan: Partial<ExecPlan> = {}) {
  const setup = new ConnectionSetup();
  setup.replies = [reply];
  return execCredential({ ...PLAN, ...plan }, setup.ports);
}

const printed = (stdout: string): ExecReply => ({ code: 0, stdout, stderr: "", failure: null });
const broken = (failure: ExecReply["failure"]): ExecReply => ({ code: null, stdout: "", stderr: "", failure });

test.each([
  ["is absent", broken("absent"), "not found. Install it, or put it on the PATH"],
  [
    "hangs",
    broken("timeout"),
    "gave no credential within 15s. If it asks somebody to log in, do that beforehand, where there is a terminal",
  ],
  ["prints without end", broken("tooLarge"), "printed more than 1 MiB"],
  [
    "fails",
    { code: 1, stdout: "", stderr: "\u001b[31mno\nsession\u202E", failure: null },
    "exit code 1: [31mno session",
  ],
  ["prints no JSON", printed("token: canary"), "printed no ExecCredential in JSON"],
  [
    "prints another version",
    printed('{"apiVersion":"v2","status":{"token":"canary"}}'),
    'apiVersion: got "v2", want client.authentication.k8s.io/v1',
  ],
  ["prints nothing of use", credential({}), "got neither status.token nor a client certificate with its key"],
  [
    "prints half a pair",
    credential({ token: "t", clientCertificateData: "canary" }),
    "got a client certificate without its key, or a key alone, want both",
  ],
  [
    "prints an end that is no time",
    credential({ token: "canary", expirationTimestamp: "soon" }),
    "status.expirationTimestamp: got no time, want RFC 3339",
  ],
] as const)("a credential program that %s is told in one line, without what it printed", async (_title, reply, why) => {
  const error: unknown = await run(reply).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "CREDENTIAL_PLUGIN_FAILED", message: `credential plugin login: ${why}` });
});

test("the kubeconfig's own hint says how to get a program that is absent", async () => {
  const attempt = run(broken("absent"), { installHint: "Run:\n  brew install login" });
  expect(await messageOf(attempt)).toStartWith("credential plugin login: not found. Run: brew install login");
});

test("a credential without an end has none", async () => {
  expect(await run(credential({ token: "t" }))).toEqual({ token: "t", cert: null, key: null, until: null });
});

test("the program has 15 s and 1 MiB", async () => {
  const setup = new ConnectionSetup();
  setup.replies = [credential({ token: "t" })];
  await execCredential(PLAN, setup.ports);
  expect(setup.runs[0]).toMatchObject({ deadlineMs: 15_000, maxBytes: 1024 * 1024 });
});
