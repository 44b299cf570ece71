/** Where `run` listens. */
import { expect, test } from "bun:test";
import { bindAddress } from "../../src/cli/bind-address.ts";
import { FLAGS, readConfig } from "../../src/config/index.ts";

const usual = FLAGS.run.healthAddress.fallback;

function given(...argv: readonly string[]) {
  const reading = readConfig(["run", ...argv], {});
  if (!reading.ok || reading.config.command !== "run") throw new Error("refused");
  return reading.config.healthAddress;
}

test.each([
  ["on a laptop loopback alone", given(), { source: "kubeconfig", env: {} }, { host: "127.0.0.1", port: 8081 }],
  [
    "what was typed stays",
    given("--health-probe-bind-address=:8081"),
    { source: "kubeconfig", env: {} },
    { host: null, port: 8081 },
  ],
  ["nothing stays nothing", given("--health-probe-bind-address=0"), { source: "kubeconfig", env: {} }, null],
  ["in a cluster every interface", given(), { source: "in-cluster", env: {} }, { host: null, port: 8081 }],
  [
    "in a Pod with a kubeconfig too",
    given(),
    { source: "kubeconfig", env: { POD_NAME: "t-0" } },
    { host: null, port: 8081 },
  ],
  [
    "in any Pod",
    given(),
    { source: "kubeconfig", env: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } },
    { host: null, port: 8081 },
  ],
] as const)("%s", (_title, address, place, wanted) => {
  expect(bindAddress(address, { usual, ...place })).toEqual(wanted);
});
