/** The push of the compiled `run`: a fleet arrives whole, and a collector that hangs holds nothing up. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { AdminApi } from "../cluster/harness/admin-api.ts";
import { install } from "../cluster/harness/controller.ts";
import type { Cluster } from "../cluster/harness/cluster.ts";
import { describeCluster } from "../cluster/harness/describe-cluster.ts";
import { eventually } from "../cluster/harness/eventually.ts";
import { bringUp, fullNode, replacePod, seiNodePath } from "../cluster/harness/fleet.ts";
import { pointsOf, receive, resourceOf } from "../telemetry/otlp-receiver.ts";
import { type RootedController, startRooted } from "./harness/rooted-controller.ts";
import { BINARY, cannotRun, smallRoot, type SmallRoot } from "./small-root.ts";

const SLOW_MS = 300_000;
const FLEET = 5_000;
const READY = "sei.controller.seinode.sidecar_ready";

async function laptopRoot(cluster: Cluster): Promise<SmallRoot> {
  const kubeconfig = { text: readFileSync(cluster.kubeconfigPath, "utf8") };
  return smallRoot({ "/tidekeeper": { from: BINARY }, "/kubeconfig": kubeconfig });
}

/** Calls `act` for 0..count-1, some at once. */
async function each(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

/** A Running node as an earlier leader left it; no Pod stands behind it. Every tenth gate is shut. */
async function leaveBehind(api: AdminApi, namespace: string, index: number): Promise<void> {
  const name = `n${index}`;
  await api.apply(fullNode(namespace, name));
  const open = index % 10 !== 0;
  await api.patch(`${seiNodePath(namespace, name)}/status`, {
    status: {
      phase: "Running",
      conditions: [
        {
          type: "SidecarReady",
          status: open ? "True" : "False",
          reason: open ? "Ready" : "NotReady",
          message: "",
          lastTransitionTime: "2026-01-01T00:00:00Z",
        },
      ],
    },
  });
}

describe.skipIf(cannotRun !== null)(`the push of run, compiled${cannotRun === null ? "" : ` (${cannotRun})`}`, () => {
  describeCluster("with a fleet", (cluster) => {
    const { api, namespace, audit } = cluster;
    let home = "";
    let root: SmallRoot;
    const running: RootedController[] = [];

    beforeAll(async () => {
      home = await namespace("push");
      await install(cluster, home);
      root = await laptopRoot(cluster);
      await each(FLEET, (index) => leaveBehind(api, home, index));
    }, SLOW_MS);
    afterAll(async () => {
      for (const controller of running) await controller.stop();
      await root.remove();
    }, SLOW_MS);

    test(
      "the readiness of 5,000 nodes arrives, each under its own name, and nothing is written",
      async () => {
        const receiver = receive(() => Promise.resolve(Response.json({})));
        const before = audit.offset();
        const controller = startRooted(root, {
          flags: ["--kubeconfig=/kubeconfig", `--namespace=${home}`, "--mode=observe", "--leader-elect=false"],
          env: {
            OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.replace("/v1/metrics", ""),
            OTEL_METRIC_EXPORT_INTERVAL: "3000",
            OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test",
          },
        });
        running.push(controller);
        await controller.untilReady(60_000);
        const body = await eventually(
          "a push with the whole fleet",
          async () => receiver.bodies.findLast((one) => pointsOf(one, READY).length === FLEET) ?? null,
          60_000,
        );
        expect(resourceOf(body)).toMatchObject({ "service.name": "tidekeeper", "deployment.environment": "test" });
        const ready = pointsOf(body, READY);
        expect(new Set(ready.map(({ labels }) => `${labels.namespace}/${labels.name}`)).size).toBe(FLEET);
        expect(ready.filter(({ value }) => value === 0).length).toBe(FLEET / 10);
        expect(pointsOf(body, "sei.controller.seinode.phase").length).toBe(FLEET);
        const text = await controller.metrics();
        const lines = text.split("\n").filter((line) => line.startsWith("sei_controller_seinode_sidecar_ready{"));
        expect(lines.length).toBe(FLEET);
        expect(audit.mutationsSince(before, "tidekeeper/")).toEqual([]);
        const { code, tookMs } = await controller.stop();
        expect(code).toBe(0);
        expect(tookMs).toBeLessThan(20_000);
        await receiver.stop();
      },
      SLOW_MS,
    );
  });

  describeCluster("with a collector that hangs", (cluster) => {
    const { api, namespace, audit } = cluster;
    let home = "";
    let root: SmallRoot;

    beforeAll(async () => {
      home = await namespace("hang");
      await install(cluster, home);
      root = await laptopRoot(cluster);
    }, SLOW_MS);
    afterAll(() => root.remove(), SLOW_MS);

    test(
      "Pods are healed, the Lease is renewed, and the end comes in time",
      async () => {
        const receiver = receive(() => new Promise<Response>(() => {}));
        const controller = startRooted(root, {
          flags: ["--kubeconfig=/kubeconfig", `--namespace=${home}`, `--leader-elect-namespace=${home}`],
          env: { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_INTERVAL: "1000" },
        });
        try {
          await controller.untilReady();
          await bringUp(api, { namespace: home, names: ["a"] });
          await eventually("a push to hang", async () => receiver.bodies.length > 0);
          const before = audit.offset();
          const startedAt = Date.now();
          for (let round = 0; round < 3; round++) await replacePod(api, home, "a");
          await Bun.sleep(7_000);
          const renewals = audit
            .mutationsSince(before, "tidekeeper/")
            .filter(({ resource, namespace: at, code }) => resource === "leases" && at === home && code === 200)
            .map(({ atMs }) => atMs);
          const gaps = renewals.map((atMs, index) => atMs - (renewals[index - 1] ?? startedAt));
          // Renewed every 2 s; half a second of delay is granted, a loaded machine some more.
          expect(renewals.length).toBeGreaterThan(2);
          expect(Math.max(...gaps)).toBeLessThan(4_000);
          const { code, tookMs } = await controller.stop();
          expect(code).toBe(0);
          expect(tookMs).toBeLessThan(20_000);
        } finally {
          await controller.stop();
          await receiver.stop();
        }
      },
      SLOW_MS,
    );
  });
});
