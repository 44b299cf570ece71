/** Two installs and a laptop, by what each looks after: on each node exactly one acts, as the API server's own record has it. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { anotherUser } from "./harness/another-user.ts";
import type { AuditEntry } from "./harness/audit-log.ts";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { fullNode, isAtRest, type SeiNodeObject, untilNode } from "./harness/fleet.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 120_000;
const USUAL = "tidekeeper-system";
const REFERENCE = "bc1f5b0a.sei.io";
const LEADING = '"msg":"Leading"';
const WAITING = /"msg":"(?:Another Tidekeeper looks after nodes of ours|Standing by)/;

/** Who there is: two installs, each in a namespace of its own, and a laptop with an administrator's kubeconfig. */
type Who = "east" | "west" | "laptop";
/** `all`, a namespace `a` or `b`, or a label's value. */
type Scope = "all" | "a" | "b" | "gold" | "iron";

interface Place {
  readonly namespace: string;
  readonly name: string;
}

describeCluster("who acts", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  const spaces = { a: "", b: "" };
  const homes = new Map<Who, Installation>();
  const running = new Map<Who, ControllerProcess>();
  const TIERS = ["gold", "iron"] as const;
  const nodes = (): readonly Place[] =>
    [spaces.a, spaces.b].flatMap((space) => TIERS.map((name) => ({ namespace: space, name })));

  beforeAll(async () => {
    spaces.a = await namespace("who-a");
    spaces.b = await namespace("who-b");
    for (const who of ["east", "west"] as const) homes.set(who, await install(cluster, await namespace(who)));
    homes.set("laptop", { namespace: USUAL, kubeconfigPath: cluster.kubeconfigPath });
    await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: USUAL } });
    for (const { namespace: space, name } of nodes()) {
      const node = fullNode(space, name);
      await api.apply({ ...node, metadata: { ...node.metadata, labels: { tier: name } } });
    }
  }, SLOW_MS);
  afterEach(async () => {
    await Promise.all([...running.values()].map((one) => one.kill("SIGTERM")));
    running.clear();
  }, SLOW_MS);
  afterAll(() => api.remove(`/api/v1/namespaces/${USUAL}`), SLOW_MS);

  const flagsOf = (scope: Scope): readonly string[] => {
    if (scope === "all") return ["--all-namespaces"];
    return scope === "a" || scope === "b" ? [`--namespace=${spaces[scope]}`] : ["-A", `--selector=tier=${scope}`];
  };
  const isIn = (scope: Scope, { namespace: space, name }: Place): boolean =>
    scope === "all" || (scope === "a" || scope === "b" ? space === spaces[scope] : name === scope);
  const start = async (who: Who, scope: Scope, flags: readonly string[] = []): Promise<ControllerProcess> => {
    const installation = homes.get(who);
    if (installation === undefined) throw new Error(`nobody is called ${who}`);
    const one = await startController({
      installation,
      scope: flagsOf(scope),
      flags: ["--probe-interval=1s", `--leader-elect-identity=${who}`, ...flags],
      ...(who === "laptop" ? { leaseNamespace: null } : {}),
    });
    running.set(who, one);
    return one;
  };
  const whoIs = (user: string): string =>
    [...homes].find(([, home]) => user === `system:serviceaccount:${home.namespace}:tidekeeper`)?.[0] ?? "laptop";
  /** Stored writes about nodes and what is theirs, Events apart, in the order in which they were sent. */
  const writesSince = (since: number): readonly AuditEntry[] =>
    audit
      .mutationsSince(since, "tidekeeper/")
      .filter(
        ({ namespace: space, resource, code }) =>
          code < 300 && resource !== "events" && Object.values(spaces).includes(space),
      )
      .toSorted((one, other) => one.atMs - other.atMs);
  const nodeOf = ({ namespace: space, name }: AuditEntry): string =>
    `${space}/${name.replace(/^data-/, "").replace(/-0$/, "")}`;
  /** Who wrote about a node, each time somebody else did. */
  const writersOf = (writes: readonly AuditEntry[], { namespace: space, name }: Place): readonly string[] =>
    writes
      .filter((entry) => nodeOf(entry) === `${space}/${name}`)
      .map(({ user }) => whoIs(user))
      .filter((who, index, all) => who !== all[index - 1]);
  /** Replaces the Pods of these nodes; resolves when all are healed. */
  const replaceAll = async (some: readonly Place[], withinMs = 30_000): Promise<void> => {
    const last = async ({ namespace: space, name }: Place) =>
      (
        await api.get<SeiNodeObject>(`/apis/sei.io/v1alpha1/namespaces/${space}/seinodes/${name}`)
      )?.status?.outcomes?.at(-1);
    const before = await Promise.all(some.map(last));
    await Promise.all(
      some.map(({ namespace: space, name }) => api.remove(`/api/v1/namespaces/${space}/pods/${name}-0`)),
    );
    for (const [index, place] of some.entries()) {
      await untilNode(
        api,
        { ...place, withinMs },
        (node) =>
          isAtRest(node) && takenAs<{ outcomes?: readonly string[] }>(node.status).outcomes?.at(-1) !== before[index],
      );
    }
  };
  /** Who may do all that an install in the namespace `a` may, but look at Leases elsewhere. */
  const blindUser = async (): Promise<Installation> => {
    const first = await install(cluster, spaces.a);
    const path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/tidekeeper";
    const role = takenAs<{ rules: readonly { resources: readonly string[] }[] }>(await api.get(path));
    const rules = role.rules.filter(({ resources }) => !resources.includes("leases"));
    const name = `blind-${spaces.a}`;
    await api.apply({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules });
    return anotherUser(cluster, first, "blind", name);
  };
  /** Lets that user look at one Lease. */
  const mayLookAt = async (place: string): Promise<void> => {
    const [space = "", lease = ""] = place.split("/");
    const apiGroup = "rbac.authorization.k8s.io";
    const [apiVersion, metadata] = [`${apiGroup}/v1`, { namespace: space, name: "look" }];
    const rule = { apiGroups: ["coordination.k8s.io"], resources: ["leases"], resourceNames: [lease] };
    await api.apply({ apiVersion, kind: "Role", metadata, rules: [{ ...rule, verbs: ["list", "watch"] }] });
    const subjects = [{ kind: "ServiceAccount", namespace: spaces.a, name: "blind" }];
    await api.apply({
      apiVersion,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name: "look" },
      subjects,
    });
  };
  const leading = (): readonly Who[] =>
    [...running].filter(([, one]) => one.log().includes(LEADING)).map(([who]) => who);

  // What each looks after, started at once. Where one wins that meets others and has not all their nodes, some have nobody.
  test.each<[Scope, Scope, Scope, "all nodes" | "those that have somebody"]>([
    ["all", "all", "all", "all nodes"],
    ["a", "b", "a", "all nodes"],
    ["gold", "iron", "gold", "all nodes"],
    ["all", "a", "b", "all nodes"],
    ["a", "gold", "b", "those that have somebody"],
    ["iron", "a", "all", "those that have somebody"],
  ])(
    "%s, %s, and %s on a laptop: exactly one acts, on each of %s",
    async (east, west, laptop, which) => {
      const scopes = new Map<Who, Scope>([
        ["east", east],
        ["west", west],
        ["laptop", laptop],
      ]);
      const since = audit.offset();
      await Promise.all([...scopes].map(([who, scope]) => start(who, scope)));
      const scopeOf = (who: Who): Scope => scopes.get(who) ?? "all";
      const meet = (one: Who, other: Who): boolean =>
        nodes().some((place) => isIn(scopeOf(one), place) && isIn(scopeOf(other), place));
      await eventually(
        "as many to lead as do not meet",
        async () => [...scopes.keys()].every((who) => leading().some((other) => who === other || meet(who, other))),
        // What another test left held is waited for.
        40_000,
      );
      // Long enough for one that should not to begin as well.
      await Bun.sleep(1_000);
      const acting = leading();
      const owners = nodes().map((place) => acting.filter((who) => isIn(scopeOf(who), place)));
      const owned = nodes().filter((_place, index) => (owners[index]?.length ?? 0) > 0);
      if (which === "all nodes") expect(owned).toEqual([...nodes()]);
      for (const place of owned) await untilNode(api, { ...place, withinMs: 60_000 }, isAtRest);
      await replaceAll(owned);
      const writes = writesSince(since);
      expect(nodes().map((place) => writersOf(writes, place))).toEqual(owners);
      expect(owners.every((some) => some.length <= 1)).toBe(true);
    },
    SLOW_MS,
  );

  test(
    "a namespace that is not there is told in one line with its remedy, and stood in once it is there",
    async () => {
      const home = `${spaces.a}-lease`;
      const one = await startController({
        installation: { namespace: spaces.a, kubeconfigPath: cluster.kubeconfigPath },
        leaseNamespace: home,
      });
      running.set("laptop", one);
      const line = `"level":"error","msg":"The Lease has no namespace to be in","lease":"${home}/tidekeeper.sei.io","why":"namespace ${home}: got 404, want it. Create it with`;
      await eventually("the line", async () => one.log().includes(line), 10_000);
      await Bun.sleep(3_000);
      expect(one.log().split("has no namespace").length).toBe(2);
      await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: home } });
      await one.leads(10_000);
      await api.remove(`/api/v1/namespaces/${home}`);
    },
    SLOW_MS,
  );

  test(
    "where RBAC forbids to look elsewhere it says so, and heeds the manager whose Lease it is told of",
    async () => {
      const renew = () =>
        api.apply({
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata: { namespace: spaces.b, name: REFERENCE },
          spec: {
            holderIdentity: "manager",
            leaseDurationSeconds: 15,
            renewTime: new Date().toISOString().replace("Z", "000Z"),
          },
        });
      await renew();
      const renewing = setInterval(() => void renew(), 1_000);
      const told = `${spaces.b}/${REFERENCE}`;
      try {
        const since = audit.offset();
        const one = await startController({
          installation: await blindUser(),
          leaseNamespace: spaces.a,
          flags: [`--other-manager-lease=${told}`],
        });
        running.set("laptop", one);
        const cannot = `"msg":"A Lease cannot be watched","lease":"${told}","why":"got 403`;
        await eventually("its word that it may not", async () => one.log().includes(cannot), 10_000);
        await mayLookAt(told);
        const word = `Stop it first","lease":"${told}","holder":"manager"`;
        await eventually("its word for whom it waits", async () => one.log().includes(word));
        await sidecars.shut({ namespace: spaces.a });
        await Bun.sleep(3_000);
        expect(writesSince(since)).toEqual([]);
        clearInterval(renewing);
        await api.remove(`/apis/coordination.k8s.io/v1/namespaces/${spaces.b}/leases/${REFERENCE}`);
        await one.leads(5_000);
        expect(one.log()).toContain('"unseen":"bc1f5b0a.sei.io and tidekeeper.sei.io in other namespaces: got 403');
      } finally {
        clearInterval(renewing);
        await api.remove(`/apis/coordination.k8s.io/v1/namespaces/${spaces.b}/leases/${REFERENCE}`);
      }
    },
    SLOW_MS,
  );

  test(
    "a laptop stands by where an install is alive, and an install elsewhere waits; the killed one is followed by one, not before its time is over",
    async () => {
      const east = await start("east", "all");
      await east.leads();
      expect(east.log()).not.toContain('"unseen"');
      const since = audit.offset();
      const [laptop, west] = await Promise.all([start("laptop", "all"), start("west", "a")]);
      await eventually(
        "both to say for whom they wait",
        async () => WAITING.test(laptop.log()) && WAITING.test(west.log()),
      );
      const home = homes.get("east")?.namespace ?? "";
      expect(laptop.log()).toContain(`"msg":"Standing by","lease":"${home}/tidekeeper.sei.io","holder":"east"`);
      expect(west.log()).toContain(`"lease":"${home}/tidekeeper.sei.io","holder":"east","scope":"every namespace"`);
      await replaceAll(nodes());
      await east.kill("SIGKILL");
      running.delete("east");
      await eventually("another to lead", async () => leading().length > 0, 25_000);
      const places = nodes().filter((place) => leading().includes("laptop") || isIn("a", place));
      await replaceAll(places);
      const [heir] = leading();
      expect(leading()).toHaveLength(1);
      const writes = writesSince(since);
      for (const place of places) expect(writersOf(writes, place)).toEqual(["east", heir ?? ""]);
    },
    SLOW_MS,
  );
});
