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
  ["on a laptop loopback alone", given(), "kubeconfig", {}, { host: "127.0.0.1", port: 8081 }],
  ["what was typed stays", given("--health-probe-bind-address=:8081"), "kubeconfig", {}, { host: null, port: 8081 }],
  ["nothing stays nothing", given("--health-probe-bind-address=0"), "kubeconfig", {}, null],
  ["in a cluster every interface", given(), "in-cluster", {}, { host: null, port: 8081 }],
  ["in a Pod with a kubeconfig too", given(), "kubeconfig", { POD_NAME: "t-0" }, { host: null, port: 8081 }],
  ["in any Pod", given(), "kubeconfig", { KUBERNETES_SERVICE_HOST: "10.0.0.1" }, { host: null, port: 8081 }],
] as const)("%s", (_title, address, source, env, wanted) => {
  expect(bindAddress(address, { usual, env, source })).toEqual(wanted);
});
