/** `tidekeeper doctor` on a real cluster: faults that are planted are found, each with its remedy. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { allManifests } from "../../src/cli/index.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { anotherUser } from "./harness/another-user.ts";
import { startApiProxy } from "./harness/api-proxy.ts";
import { askLaptop } from "./harness/ask-laptop.ts";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, seiNodePath } from "./harness/fleet.ts";
import { podPath } from "./harness/pods.ts";
import { renewLease } from "./harness/renewed-lease.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 120_000;
const CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io";

interface Found {
  readonly name: string;
  readonly state: string;
  readonly saw: string;
  readonly remedy?: string;
  readonly yaml?: string;
}

describeCluster("tidekeeper doctor", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  const admin = { kubeconfigPath: cluster.kubeconfigPath };
  let home = "";
  let other = "";
  let installation: Installation;
  let controller: ControllerProcess;

  /** What it finds of one thing; the whole of its exit code is held too. */
  const found = async (
    name: string,
    how: {
      readonly as?: Pick<Installation, "kubeconfigPath">;
      readonly flags?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Found> => {
    const { as = admin, flags = [], env = {} } = how;
    const told = await askLaptop(["doctor", "-n", home, "-o", "json", ...flags], { installation: as, env });
    if (told.stdout === "") throw new Error(told.stderr);
    const items = takenAs<{ items: readonly Found[] }>(JSON.parse(told.stdout)).items;
    const one = items.find((item) => item.name === name);
    if (one === undefined) throw new Error(`${name} is not among ${items.map((item) => item.name).join(", ")}`);
    const mends = items.filter(({ state }) => state === "problem");
    expect(told.code, JSON.stringify(items)).toBe(mends.length === 0 ? 0 : 1);
    for (const { remedy } of mends) expect(remedy).not.toBeUndefined();
    return one;
  };

  const kubeconfig = (
    name: string,
    change: (config: { users: unknown[]; clusters: readonly { cluster: object }[] }) => object,
  ) => {
    const config = takenAs<{ users: unknown[]; clusters: readonly { cluster: object }[] }>(
      JSON.parse(readFileSync(installation.kubeconfigPath, "utf8")),
    );
    const kubeconfigPath = `${installation.kubeconfigPath}-${name}`;
    writeFileSync(kubeconfigPath, JSON.stringify({ ...config, ...change(config) }), { mode: 0o600 });
    return { kubeconfigPath };
  };

  beforeAll(async () => {
    home = await namespace("doctor");
    other = await namespace("doctor-other");
    installation = await install(cluster, home);
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    controller = await startController({ installation });
    await controller.leads();
    await bringUp(api, { namespace: home, names: ["a"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
    await install(cluster, home);
  }, SLOW_MS);

  test("a cluster that is well: exit 0, nothing to mend, and nothing written", async () => {
    const since = audit.offset();
    const user = await anotherUser(cluster, installation, "visitor");
    const told = await askLaptop(["doctor", "-n", home], { installation: user });
    expect(told.stdout).toContain("Nothing keeps a controller from working here.");
    expect(told.stdout).not.toContain("FAIL");
    expect(told.code).toBe(0);
    const written = audit.mutationsSince(since).filter((entry) => entry.user.endsWith(":visitor"));
    // Who we are is asked in the form of a write, and stores nothing.
    expect(written.filter(({ resource }) => resource !== "selfsubjectreviews")).toEqual([]);
  });

  test(
    "a missing right, with the Role that grants it",
    async () => {
      const rules = takenAs<readonly { resources: readonly string[]; verbs: readonly string[] }[]>(
        allManifests({ namespace: home, image: "x", shards: 1 }).find(({ kind }) => kind === "ClusterRole")?.["rules"],
      );
      const without = rules
        .filter(({ resources }) => !resources.includes("seinodes/status"))
        .map((rule) => (rule.resources.includes("pods") ? { ...rule, verbs: ["get", "list"] } : rule));
      await api.apply({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: `less-${home}` },
        rules: without,
      });
      // `anotherUser` waits for a right that this one is never given.
      const user = await anotherUser(cluster, installation, "less", `less-${home}`).catch(() => null);
      expect(user).toBeNull();
      const reply = await api.request("POST", `/api/v1/namespaces/${home}/serviceaccounts/less/token`, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds: 7200 },
      });
      const { token } = takenAs<{ status: { token: string } }>(reply.json).status;
      const as = kubeconfig("less", () => ({ users: [{ name: "tidekeeper", user: { token } }] }));
      const look = await found("permissions to look", { as });
      expect(look).toMatchObject({ state: "problem", saw: expect.stringContaining("watch pods in namespace") });
      expect(look.yaml).toContain("kind: Role\n");
      expect(look.yaml).toContain("- watch\n");
      const run = await found("permissions to run", { as });
      expect(run).toMatchObject({ state: "problem", saw: expect.stringContaining("patch seinodes/status.sei.io") });
      expect(run.yaml).toContain("- seinodes/status\n");
      await api.apply(takenAs<KubeObject>(Bun.YAML.parse(run.yaml ?? "")));
    },
    SLOW_MS,
  );

  test("a credential that has ended", async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "RS256" })}.${part({ exp: 1_700_000_000 })}.${part({})}`;
    const as = kubeconfig("ended", () => ({ users: [{ name: "tidekeeper", user: { token } }] }));
    expect(await found("credential", { as })).toMatchObject({
      state: "problem",
      saw: expect.stringContaining("token ended"),
      remedy: expect.stringContaining("log in again"),
    });
    expect(await found("API server", { as })).toMatchObject({
      state: "problem",
      saw: expect.stringContaining("got 401"),
    });
    expect(await found("the rest", { as })).toMatchObject({ state: "skipped" });
  });

  test("a context that is not there, and one that leads to nobody", async () => {
    const missing = await found("connection", { as: installation, flags: ["--context=prod"] });
    expect(missing).toMatchObject({
      state: "problem",
      saw: expect.stringContaining('context "prod" not found; contexts: test'),
      remedy: expect.stringContaining("--context"),
    });
    const as = kubeconfig("nobody", ({ clusters }) => ({
      clusters: clusters.map((one) => ({ ...one, cluster: { ...one.cluster, server: "https://127.0.0.1:9" } })),
    }));
    expect(await found("API server", { as })).toMatchObject({
      state: "problem",
      saw: expect.stringContaining("connection refused"),
      remedy: expect.stringContaining("--context"),
    });
  });

  test("another manager", async () => {
    const end = await renewLease(api, { namespace: other, name: "bc1f5b0a.sei.io" });
    expect(await found("other manager")).toMatchObject({
      state: "problem",
      saw: expect.stringContaining(`somebody-0 holds ${other}/bc1f5b0a.sei.io`),
      remedy: expect.stringContaining("Stop it"),
    });
    await end();
    expect(await found("other manager")).toMatchObject({ state: "ok" });
  });

  test("a second Lease over the same nodes", async () => {
    const end = await renewLease(
      api,
      { namespace: other, name: "tidekeeper.sei.io" },
      { "tidekeeper.sei.io/namespace": "*", "tidekeeper.sei.io/selector": "" },
    );
    expect(await found("controller")).toMatchObject({
      state: "problem",
      saw: expect.stringContaining("two lead over the same nodes"),
      remedy: expect.stringContaining("Stop one of them"),
    });
    await end();
    expect(await found("controller")).toMatchObject({ state: "ok" });
  });

  test(
    "a closed sidecar port",
    async () => {
      await sidecars.behave({ startDelayMs: [3_600_000, 3_600_000] }, { namespace: home });
      await api.remove(podPath(home, "a-0"));
      const name = "sidecars through the API server";
      const one = await eventually(
        "the next Pod to run",
        async () => {
          const now = await found(name);
          return now.state === "problem" ? now : null;
        },
        30_000,
      );
      expect(one).toMatchObject({
        saw: expect.stringContaining("0 of 1 asked answered"),
        remedy: expect.stringContaining("spec.sidecar.port"),
      });
      await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    },
    SLOW_MS,
  );

  test(
    "OTLP that refuses, that is away, and that takes what comes",
    async () => {
      let status = 503;
      const bodies: string[] = [];
      const collector = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: async (request) => {
          bodies.push(await request.text());
          return new Response(status === 200 ? "{}" : "no room", { status });
        },
      });
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}` };
      expect(await found("OTLP", { env })).toMatchObject({
        state: "problem",
        saw: expect.stringContaining("got 503: no room, want 200"),
        remedy: expect.stringContaining("receiver"),
      });
      status = 200;
      expect(await found("OTLP", { env })).toMatchObject({ state: "ok" });
      expect(new Set(bodies)).toEqual(new Set(['{"resourceMetrics":[]}']));
      await collector.stop(true);
      expect(await found("OTLP", { env })).toMatchObject({
        state: "problem",
        saw: expect.stringContaining("connection refused"),
        remedy: expect.stringContaining("4318"),
      });
    },
    SLOW_MS,
  );

  test("a clock that is off", async () => {
    const proxy = await startApiProxy(cluster, installation);
    proxy.setClockAhead(40_000);
    expect(await found("clock", { as: proxy.installation })).toMatchObject({
      state: "problem",
      saw: expect.stringMatching(/^ours is (?:39|40)\.\d s behind/),
      remedy: expect.stringContaining("NTP"),
    });
    proxy.close();
  });

  test(
    "a CRD that is older",
    async () => {
      const crd = await api.get<KubeObject & { spec: { versions: readonly object[] } }>(CRD);
      const without = JSON.stringify(crd?.spec.versions ?? [], (key, value: unknown) =>
        key === "outcomes" ? undefined : value,
      );
      await api.patch(CRD, { spec: { versions: JSON.parse(without) } });
      expect(await found("CRD")).toMatchObject({
        state: "problem",
        saw: expect.stringContaining("it lacks status.outcomes"),
        remedy: expect.stringContaining("tidekeeper manifests"),
      });
      await install(cluster, home);
      expect(await found("CRD")).toMatchObject({ state: "ok" });
    },
    SLOW_MS,
  );

  test(
    "no CRD",
    async () => {
      await controller.kill();
      await api.patch(seiNodePath(home, "a"), { metadata: { finalizers: null } });
      await api.remove(CRD);
      await eventually("the CRD to be gone", async () => (await api.get(CRD)) === null, 60_000);
      expect(await found("CRD")).toMatchObject({
        state: "problem",
        saw: expect.stringContaining("is not there"),
        remedy: expect.stringContaining("tidekeeper manifests | kubectl apply -f -"),
      });
      const told = await askLaptop(["drift", "-n", home], { installation });
      expect(told).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("The CRD is missing") });
    },
    SLOW_MS,
  );
});
