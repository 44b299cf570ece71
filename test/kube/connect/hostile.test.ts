/** Kubeconfigs that nobody means well with. */
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { isObject } from "../../../src/base/index.ts";
import { ConnectionError } from "../../../src/kube/connect/connection-error.ts";
import { kubeconfigConnection } from "../../../src/kube/connect/kubeconfig-connection.ts";
import { ConnectionSetup } from "./connection-setup.ts";
import { jsonWith, ONE_LINE, RUNS, text } from "../../fixtures/hostile.ts";

afterEach(() => expect("polluted" in {}).toBe(false));

const runs = { numRuns: RUNS };

describe("kubeconfig", () => {
  const fields = [
    "clusters",
    "users",
    "contexts",
    "current-context",
    "cluster",
    "user",
    "server",
    "token",
    "exec",
    "name",
    "context",
    "tls-server-name",
    "proxy-url",
    "certificate-authority-data",
    "client-key-data",
    "extensions",
  ];
  const SECRET = "s3cret-t0ken";

  test("is a connection or a refusal in one line without secrets", async () => {
    const shaped = fc.record({ cluster: jsonWith(...fields), user: jsonWith(...fields), current: text });
    const whole = shaped.map(({ cluster, user, current }) => ({
      "current-context": current,
      contexts: [{ name: current, context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user: isObject(user) ? { ...user, token: SECRET } : user }],
    }));
    const files = fc.oneof(
      text,
      jsonWith(...fields).map((value) => JSON.stringify(value)),
      whole.map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const stage = new ConnectionSetup();
        stage.files.set("/config", file);
        try {
          await kubeconfigConnection(["/config"], null, stage.ports);
        } catch (error) {
          if (!(error instanceof ConnectionError)) throw error;
          expect(error.message).toMatch(ONE_LINE);
          expect(error.message).not.toContain(SECRET);
        }
      }),
      runs,
    );
  });
});
