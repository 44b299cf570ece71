/** Answers that are no evidence of a shut gate. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  eventReasons,
  isAtRest,
  seiNode,
  untilEvents,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { podPath, restartSidecar } from "./harness/pods.ts";
import type { Answer, Behaviour } from "./harness/sidecar-journal.ts";

const SLOW_MS = 90_000;
const NEVER_MS = 3_600_000;
const REDIRECT = { status: 302, headers: { location: "http://127.0.0.1:7070/" } };
/** As Envoy, linkerd and HAProxy answer in place of a sidecar that is down, and as an API server does. */
const ENVOY = {
  status: 503,
  body: "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
  headers: { "content-type": "text/plain", server: "istio-envoy", "x-envoy-upstream-service-time": "0" },
};
const LINKERD = { status: 503, headers: { "l5d-proxy-error": "service in fail-fast", "content-length": "0" } };
const HAPROXY = {
  status: 503,
  body: "<html><body><h1>503 Service Unavailable</h1>\nNo server is available.\n</body></html>\n",
  headers: { "content-type": "text/html", "cache-control": "no-cache" },
};
const API_SERVER = {
  status: 503,
  body: JSON.stringify({
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    reason: "ServiceUnavailable",
    code: 503,
  }),
  headers: { "content-type": "application/json", "retry-after": "1" },
};
const PAGE = { status: 200, body: "<html></html>", headers: { "content-type": "text/html" } };

/** Node, what its sidecar answers, and the reason that is told over each route. */
const ANSWERED: readonly [name: string, answer: Answer, direct: string, proxied: string][] = [
  ["refused", "sidecar", "Unknown/Unreachable", "Unknown/Unreachable"],
  ["hang", "hang", "Unknown/Unreachable", "Unknown/Unreachable"],
  ["garbage", "garbage", "Unknown/Unreachable", "Unknown/Unreachable"],
  ["not-found", { status: 404, body: "404 page not found\n" }, "Unknown/ProbeError", "Unknown/ProbeError"],
  ["redirect", REDIRECT, "Unknown/ProbeError", "Unknown/ProbeError"],
  ["error", { status: 500, body: "boom" }, "Unknown/ProbeError", "Unknown/ProbeError"],
  ["no-content", { status: 204 }, "Unknown/ProbeError", "Unknown/ProbeError"],
  ["envoy", ENVOY, "Unknown/ProbeError", "Unknown/ProbeError"],
  ["linkerd", LINKERD, "Unknown/ProbeError", "Unknown/ProbeError"],
  ["haproxy", HAPROXY, "Unknown/ProbeError", "Unknown/ProbeError"],
  ["api-server", API_SERVER, "Unknown/Unreachable", "Unknown/Unreachable"],
];
/** Here `/v0/healthz` is the sidecar's own word, and the tasks that would prove it are not. */
const UNPROVEN: readonly [name: string, tasks: Answer][] = [
  ["no-tasks", { status: 503 }],
  ["page-for-tasks", PAGE],
  ["null-for-tasks", { status: 200, body: "null" }],
];
type Silent = readonly [name: string, behaviour: Partial<Behaviour>, direct: string, proxied: string];
const ODD = "Unknown/ProbeError";
const SILENT: readonly Silent[] = [
  ...ANSWERED.map(([name, answer, direct, proxied]): Silent => [name, { answer }, direct, proxied]),
  ...UNPROVEN.map(([name, listAnswer]): Silent => [name, { listAnswer }, ODD, ODD]),
];
const names = SILENT.map(([name]) => name);
const counted = names.filter((name) => name !== "refused" && name !== "garbage");

describeCluster("a probe that is no answer", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;

  describe.each(["direct", "apiserver"] as const)("over the route %s", (transport) => {
    let home = "";
    let controller: ControllerProcess;
    const told = async (name: string) => conditionOf(await seiNode(api, home, name), "SidecarReady");
    const expected = ([, , direct, proxied]: Silent) => (transport === "direct" ? direct : proxied);
    const posts = async (name: string) =>
      (await sidecars.lives({ namespace: home, nodes: [name] })).map(({ submissions }) => submissions.length);

    beforeAll(async () => {
      home = await namespace("silent");
      const installation = await install(cluster, home);
      controller = await startController({ installation, transport, flags: ["--probe-interval=1s"] });
      await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
      await bringUp(api, { namespace: home, names });
      await sidecars.behave({ startDelayMs: [NEVER_MS, NEVER_MS] }, { namespace: home, nodes: ["refused"] });
      for (const [name, how] of SILENT) await sidecars.behave(how, { namespace: home, nodes: [name] });
      // Only now, so that nobody ever saw one of these gates shut.
      await sidecars.shut({ namespace: home, nodes: names.filter((name) => name !== "refused") });
      await restartSidecar(api, podPath(home, "refused-0"));
      for (const node of SILENT) {
        await eventually(`${node[0]} to be Unknown`, async () => (await told(node[0])).startsWith("Unknown/"));
      }
    }, SLOW_MS);
    afterAll(async () => {
      await controller.kill();
    }, SLOW_MS);

    test(
      "leads to no plan and to no POST, and status is not written again and again",
      async () => {
        // The audit log has a write a moment after the object has it.
        await untilProbed(sidecars, { namespace: home, nodes: counted, more: 1 });
        const since = audit.offset();
        await untilProbed(sidecars, { namespace: home, nodes: counted, more: 4 });
        const written = audit.mutationsSince(since, "tidekeeper/").filter((entry) => entry.namespace === home);
        expect(written.filter(({ resource }) => resource !== "leases")).toEqual([]);
        const metrics = await (await fetch(controller.metricsUrl)).text();
        expect(metrics).not.toContain(`outcome="not_ready"`);
        for (const node of SILENT) {
          const [name] = node;
          expect(metrics).not.toContain(`sidecar_ready{namespace="${home}",name="${name}"}`);
          expect(metrics).toContain(`sidecar_unknown{namespace="${home}",name="${name}"} 1`);
          const { status } = await seiNode(api, home, name);
          expect([name, await told(name)]).toEqual([name, expected(node)]);
          expect([name, status?.plan ?? null, status?.history?.length]).toEqual([name, null, 1]);
          expect([name, await posts(name)]).toEqual([name, name === "refused" ? [4, 0] : [4]]);
          const events = (await eventReasons(api, home, name)).filter((reason) => reason.startsWith("Sidecar"));
          expect([name, events]).toEqual([name, []]);
        }
      },
      SLOW_MS,
    );

    test(
      "is followed by a plan as soon as the sidecar itself says 503",
      async () => {
        await sidecars.behave({ answer: "sidecar", listAnswer: "sidecar" }, { namespace: home, nodes: counted });
        for (const name of counted) {
          await untilNode(
            api,
            { namespace: home, name },
            (node) => isAtRest(node) && node.status?.history?.length === 2,
          );
          expect([name, await posts(name)]).toEqual([name, [5]]);
          await untilEvents(
            api,
            { namespace: home, name },
            (reasons) => reasons.includes("SidecarReadinessLost") && reasons.includes("SidecarReadinessRestored"),
          );
        }
      },
      SLOW_MS,
    );
  });
});
