/** SeiNodes that import one claim, made within milliseconds of one another, under one process and under two. */
import { afterEach, beforeAll, expect, test } from "bun:test";
import { shardOf } from "../../src/kube/lease/index.ts";
import { anotherUser } from "./harness/another-user.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ControllerProcess, install, type Installation, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { conditionOf, fullNode, isAtRest, type SeiNodeObject, untilNode } from "./harness/fleet.ts";
import { layClaim, volumeOf } from "./harness/volume-binder.ts";

const SLOW_MS = 180_000;
/** Between the one that is made first and the one that would be first by name. */
const GAPS_MS = [0, 5, 10, 20, 30, 50];

describeCluster("two SeiNodes on one claim", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let installation: Installation;
  const running: ControllerProcess[] = [];

  beforeAll(async () => {
    home = await namespace("race");
    installation = await install(cluster, home, 2);
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
  }, SLOW_MS);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.kill("SIGKILL")));
  }, SLOW_MS);

  const claimPath = (name: string) => `/api/v1/namespaces/${home}/persistentvolumeclaims/${name}`;
  const bound = async (name: string): Promise<void> => {
    await layClaim(api, { namespace: home, name });
    await eventually(
      `claim ${name} to be bound`,
      async () => {
        const claim = await api.get<KubeObject & { readonly status?: { readonly phase?: string } }>(claimPath(name));
        return claim?.status?.phase === "Bound";
      },
      40_000,
    );
  };
  const importing = (name: string, pvcName: string): KubeObject => {
    const node = fullNode(home, name);
    return { ...node, spec: { ...Object(node["spec"]), dataVolume: { import: { pvcName } } } };
  };
  const start = async (flags: readonly string[], at: Installation): Promise<void> => {
    running.push(await startController({ installation: at, flags: ["--probe-interval=1s", ...flags] }));
  };
  /** One of the two comes up, the other ends without an object, a Pod or a reservation. */
  const race = async ([first, second]: readonly [string, string], claim: string, gapMs: number): Promise<void> => {
    const since = audit.offset();
    await bound(claim);
    await api.apply(importing(first, claim));
    await Bun.sleep(gapMs);
    await api.apply(importing(second, claim));
    const over = (node: SeiNodeObject): boolean => isAtRest(node) || node.status?.phase === "Failed";
    const nodes = await Promise.all(
      [first, second].map((name) => untilNode(api, { namespace: home, name, withinMs: 40_000 }, over)),
    );
    const [up, ...more] = nodes.filter(isAtRest);
    const [down] = nodes.filter((node) => !isAtRest(node));
    expect([more.length, up?.status?.dataVolume?.claimName]).toEqual([0, claim]);
    expect([down?.status?.dataVolume, down?.status?.reservedVolume]).toEqual([undefined, undefined]);
    expect(conditionOf(down ?? expect.unreachable("both are up"), "ImportPVCReady")).toBe("False/PVCInvalid");
    const made = audit
      .mutationsSince(since, "tidekeeper/")
      .filter(({ namespace: of, resource }) => of === home && resource === "statefulsets");
    expect(new Set(made.map(({ name }) => name))).toEqual(new Set([up?.metadata.name ?? ""]));
    expect(await sidecars.lives({ namespace: home, nodes: [down?.metadata.name ?? ""] })).toEqual([]);
    await api.remove(`/api/v1/persistentvolumes/${volumeOf({ namespace: home, name: claim })}`);
  };

  test(
    "under one process: never do both get a Pod",
    async () => {
      await start([], installation);
      for (const [round, gapMs] of GAPS_MS.entries()) await race([`b-${round}`, `a-${round}`], `one-${round}`, gapMs);
    },
    SLOW_MS,
  );

  test(
    "under two processes, each with a shard: never do both get a Pod",
    async () => {
      const flags = (name: string) => ["--shards=2", `--leader-elect-identity=${name}`];
      await start(flags("left"), await anotherUser(cluster, installation, "left"));
      await start(flags("right"), await anotherUser(cluster, installation, "right"));
      const names = Array.from({ length: 200 }, (_none, index) => `s${index}`);
      const of = (shard: number) => names.filter((name) => shardOf(`${home}/${name}`, 2) === shard);
      const [left, right] = [of(0), of(1)];
      for (const [round, gapMs] of GAPS_MS.entries()) {
        await race([right[round] ?? "", left[round] ?? ""], `two-${round}`, gapMs);
      }
    },
    SLOW_MS,
  );
});
