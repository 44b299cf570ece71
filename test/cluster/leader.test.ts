/** Two replicas on one fleet: one acts, the other takes over, and never both. */
import { afterEach, expect, test } from "bun:test";
import { anotherUser } from "./harness/another-user.ts";
import type { AuditEntry } from "./harness/audit-log.ts";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp } from "./harness/fleet.ts";

const SLOW_MS = 120_000;
const ROUNDS = process.env["REQUIRE_CLUSTER"] === "1" ? 10 : 2;
/** For 10 s after an accepted task its sidecar gets no other plan. */
const HEAL_MS = 15_000;
const REFERENCE = "bc1f5b0a.sei.io";

interface LeaseObject {
  readonly spec: { readonly holderIdentity?: string | null };
}

describeCluster("leader", (cluster) => {
  const { api, namespace, sidecars, audit } = cluster;
  const running = new Set<ControllerProcess>();
  afterEach(async () => {
    await Promise.all([...running].map((one) => one.kill("SIGKILL")));
    running.clear();
  }, SLOW_MS);

  const start = async (installation: Installation, identity: string): Promise<ControllerProcess> => {
    const one = await startController({
      installation,
      flags: [`--leader-elect-identity=${identity}`, "--probe-interval=1s"],
    });
    running.add(one);
    return one;
  };
  const leasePath = (space: string, name = "tidekeeper.sei.io"): string =>
    `/apis/coordination.k8s.io/v1/namespaces/${space}/leases/${name}`;
  const holder = async (space: string): Promise<string> =>
    (await api.get<LeaseObject>(leasePath(space)))?.spec.holderIdentity ?? "";

  /** Two replicas, `a` leading, with one idle node. */
  const pair = async () => {
    const space = await namespace("leader");
    const first = await install(cluster, space);
    const second = await anotherUser(cluster, first, "second");
    const since = audit.offset();
    const a = await start(first, "a");
    await a.leads();
    await bringUp(api, { namespace: space, names: ["n"] });
    const b = await start(second, "b");
    return { space, first, second, since, a, b };
  };
  /** Shuts the gate; resolves when some replica has opened it. */
  const healed = async (space: string, withinMs: number): Promise<void> => {
    const count = async () => (await sidecars.lives({ namespace: space })).flatMap((life) => life.submissions).length;
    const before = await count();
    await sidecars.shut({ namespace: space });
    await eventually("an accepted task", async () => (await count()) > before, withinMs);
  };
  /** What was stored of the replicas' requests, Events apart: those of another are told again by each successor. */
  const effects = (space: string, since: number): readonly AuditEntry[] =>
    audit
      .mutationsSince(since, "tidekeeper/")
      .filter((entry) => entry.namespace === space && entry.code < 300 && entry.resource !== "events");
  /** In the order in which they were sent: a line of the log is written when its request has ended. */
  const users = (entries: readonly AuditEntry[]): readonly string[] =>
    entries
      .toSorted((one, other) => one.atMs - other.atMs)
      .map(({ user }) => user.split(":").at(-1) ?? "")
      .filter((user, index, all) => user !== all[index - 1]);

  test(
    "a standby is ready and writes nothing; SIGTERM hands over in under 3 s, with exit code 0 and a free Lease between",
    async () => {
      const { space, a, b, since } = await pair();
      expect((await fetch(`${b.healthUrl}/readyz`)).status).toBe(200);
      await healed(space, HEAL_MS);
      expect(users(effects(space, since))).toEqual(["tidekeeper"]);
      const beganAt = performance.now();
      const code = await a.kill("SIGTERM");
      await eventually("the other to hold the Lease", async () => (await holder(space)) === "b", 3_000);
      expect(performance.now() - beganAt).toBeLessThan(3_000);
      expect(code).toBe(0);
      await healed(space, HEAL_MS);
      expect(users(effects(space, since))).toEqual(["tidekeeper", "second"]);
      expect(await b.kill("SIGTERM")).toBe(0);
      expect(await holder(space)).toBe("");
    },
    SLOW_MS,
  );

  test(
    `a killed leader's standby acts within 20 s, ${ROUNDS} times of ${ROUNDS}, and never both`,
    async () => {
      const pairs = [];
      for (let round = 0; round < ROUNDS; round += 1) pairs.push(await pair());
      const took = await Promise.all(
        pairs.map(async ({ space, a }) => {
          await a.kill("SIGKILL");
          const diedAt = performance.now();
          await healed(space, 30_000);
          return performance.now() - diedAt;
        }),
      );
      expect(took.filter((ms) => ms >= 20_000)).toEqual([]);
      for (const { space, since } of pairs) {
        expect(users(effects(space, since))).toEqual(["tidekeeper", "second"]);
      }
    },
    SLOW_MS + 60_000,
  );

  test(
    "a leader that was stopped for 20 s writes nothing more and ends with exit code 1 and a reason",
    async () => {
      const { space, a, b, since } = await pair();
      await a.kill("SIGSTOP");
      await healed(space, 20_000);
      await b.leads(1_000);
      await Bun.sleep(2_000);
      await sidecars.shut({ namespace: space });
      await a.kill("SIGCONT");
      expect(await a.exited).toBe(1);
      expect(a.log()).toMatch(/^tidekeeper: run: lost the Lease .*: (not renewed for \d+ ms|another holds the Lease)/m);
      await healed(space, HEAL_MS);
      expect(users(effects(space, since))).toEqual(["tidekeeper", "second"]);
    },
    SLOW_MS,
  );

  test(
    "a Lease deleted by hand ends its holder, and then somebody leads again",
    async () => {
      const { space, a, b, since } = await pair();
      await api.remove(leasePath(space));
      expect(await a.exited).toBe(1);
      expect(a.log()).toContain("the Lease was deleted");
      await b.leads(20_000);
      await healed(space, HEAL_MS);
      expect(users(effects(space, since))).toEqual(["tidekeeper", "second"]);
    },
    SLOW_MS,
  );

  test(
    "while the reference's manager renews its Lease, nothing is written; when it stops, work begins",
    async () => {
      const space = await namespace("reference");
      const installation = await install(cluster, space);
      const renew = () =>
        api.apply({
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata: { namespace: space, name: REFERENCE },
          spec: {
            holderIdentity: "manager",
            leaseDurationSeconds: 15,
            renewTime: new Date().toISOString().replace("Z", "000Z"),
          },
        });
      await renew();
      const renewing = setInterval(() => void renew(), 2_000);
      try {
        const since = audit.offset();
        const one = await start(installation, "a");
        await eventually("a word about it", async () => one.log().includes("The reference's manager is alive"), 10_000);
        await api.apply({
          apiVersion: "sei.io/v1alpha1",
          kind: "SeiNode",
          metadata: { namespace: space, name: "n" },
          spec: { chainId: "sei-test", image: "sei:1", fullNode: {} },
        });
        await Bun.sleep(18_000);
        expect((await fetch(`${one.healthUrl}/readyz`)).status).toBe(200);
        const wrote = audit.mutationsSince(since, "tidekeeper/").filter((entry) => entry.namespace === space);
        expect(wrote.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([]);
        clearInterval(renewing);
        await one.leads(22_000);
        await bringUp(api, { namespace: space, names: ["n"] });
      } finally {
        clearInterval(renewing);
        // Every later start, of whatever test, would wait to see that nobody renews it.
        await api.remove(leasePath(space, REFERENCE));
      }
    },
    SLOW_MS,
  );
});
