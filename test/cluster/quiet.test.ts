/** A fleet without drift writes nothing. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp } from "./harness/fleet.ts";

const NODES = 200;
/** The whole promise where everything must be shown; elsewhere two steady polls of every node. */
const QUIET_SECONDS = process.env["REQUIRE_CLUSTER"] === "1" ? 90 : 20;
const SLOW_MS = 240_000;

interface Told extends KubeObject {
  readonly regarding: { readonly kind: string };
}

describeCluster("a fleet without drift", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  const names = Array.from({ length: NODES }, (_, index) => `n${index}`);
  let home = "";
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("quiet");
    const events = `/apis/events.k8s.io/v1/namespaces/${home}/events`;
    controller = await startController({ installation: await install(cluster, home) });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names, withinMs: 180_000 });
    // Two of each node go out after its status: that it begins, and that it runs.
    const told = async (): Promise<number> =>
      (await api.list<Told>(events)).filter(({ regarding }) => regarding.kind === "SeiNode").length;
    await eventually("the Events", async () => (await told()) >= 2 * NODES, 120_000);
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test(
    `costs no write: ${NODES} healthy nodes, ${QUIET_SECONDS} s, and the Lease alone is renewed`,
    async () => {
      const probesOf = async () => (await sidecars.lives({ namespace: home })).map(({ probes }) => probes);
      const before = await probesOf();
      const since = audit.offset();
      const until = performance.now() + QUIET_SECONDS * 1000;
      await eventually("the time to pass", async () => performance.now() > until, QUIET_SECONDS * 1000 + 5000);
      const written = audit.mutationsSince(since, "tidekeeper/");
      expect(written.filter(({ resource }) => resource !== "leases")).toEqual([]);
      const renewals = written.map(({ verb, name, code }) => `${verb} ${name} ${code}`);
      expect([...new Set(renewals)]).toEqual(["patch tidekeeper.sei.io 200"]);
      // It was quiet, not asleep: every node was observed.
      const after = await probesOf();
      expect(after).toHaveLength(NODES);
      expect(after.filter((count, index) => count <= (before[index] ?? 0))).toEqual([]);
    },
    SLOW_MS,
  );
});
