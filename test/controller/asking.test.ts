/** A credential program at a terminal: what it says is seen as it comes, and it hears what is typed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCE = new URL("../../src/", import.meta.url).pathname;
/** Asks on its error output, and gives what was typed as a token. */
const ASKING = `#!/bin/sh
printf 'open the page and type the code: ' >&2
read code
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}' "$code"
`;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "asking-"));
  await writeFile(join(folder, "ask"), ASKING, { mode: 0o755 });
  await writeFile(
    join(folder, "connect.ts"),
    `import { connectionPorts } from "${SOURCE}controller/index.ts";
import { realWorld } from "${SOURCE}host/index.ts";
import { loadConnection } from "${SOURCE}kube/connect/index.ts";
const ports = connectionPorts(realWorld, new AbortController().signal);
const { authorization } = await loadConnection({ kubeconfig: process.argv[2], context: null }, ports);
console.log("got", await authorization(false));
`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** \`script\` of util-linux gives a program a terminal of its own. */
const terminal = Bun.which("script");

test.skipIf(terminal === null).each(["IfAvailable", "Always"])("of mode %s", async (interactiveMode) => {
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "./ask", interactiveMode };
  const config = {
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
    users: [{ name: "u", user: { exec } }],
  };
  await writeFile(join(folder, "config"), JSON.stringify(config));
  const command = `"${process.execPath}" "${folder}/connect.ts" "${folder}/config"`;
  const child = Bun.spawn([terminal ?? "", "-qec", command, "/dev/null"], { stdin: "pipe", stdout: "pipe" });
  let seen = "";
  for await (const piece of child.stdout) {
    seen += Buffer.from(piece).toString();
    // Only once it was seen is it answered, so a program whose words come late would wait for ever.
    if (seen.endsWith("code: ")) void child.stdin.write("abcd\n");
  }
  expect(seen).toContain("got Bearer abcd");
  expect(await child.exited).toBe(0);
});
