/** The objects and the permissions on a real API server. */
import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { deploymentManifest } from "../../src/cli/index.ts";
import { objectReads, objectWrites, startCaches } from "../../src/controller/index.ts";
import type { SeiNode } from "../../src/model/index.ts";
import { createClient } from "../../src/kube/client/index.ts";
import { bootstrapJob, bootstrapService, claim, service, statefulSet } from "../../src/seinode/objects/index.ts";
import { manifests } from "../../src/seinode/crd/index.ts";
import { readPlatform } from "../../src/seinode/platform/index.ts";
import { readClaim, readNode, readSpec, readStatefulSet } from "../../src/seinode/read/index.ts";
import type { SeiNodeSpec } from "../../src/seinode/spec/index.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { executorRules } from "../../src/executor/index.ts";
import { takenAs } from "./harness/taken-as.ts";
import { clusterTransport, hostTime } from "./harness/real-doors.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io";

describeCluster("SeiNode on a real API server", ({ api, kubeconfigPath, namespace, server }) => {
  let home = "";

  beforeAll(async () => {
    home = await namespace("seinode");
    for (const object of manifests({ namespace: home, rules: executorRules }))
      await api.apply(takenAs<KubeObject>(object));
    await until(async () => conditionOf(await api.get(CRDS), "Established") === "True");
  });

  const path = (name: string): string => `/apis/sei.io/v1alpha1/namespaces/${home}/seinodes/${name}`;

  async function create(name: string, spec: object): Promise<{ status: number; text: string; json: unknown }> {
    const object = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { name, namespace: home }, spec };
    return api.request("POST", `/apis/sei.io/v1alpha1/namespaces/${home}/seinodes`, object);
  }

  async function created(name: string, spec: object): Promise<{ node: SeiNode; spec: SeiNodeSpec }> {
    const reply = await create(name, spec);
    const node = readNode(reply.json);
    const reading = node === null ? null : readSpec(node);
    if (node === null || reading?.ok !== true) throw new Error(`${name}: ${reply.status}: ${reply.text}`);
    return { node, spec: reading.spec };
  }

  test("the Deployment of the manifests is accepted, and keeps its optional platform file", async () => {
    const deployment = deploymentManifest({ namespace: home, image: "tidekeeper:test", shards: 1 });
    const at = `/apis/apps/v1/namespaces/${home}/deployments/tidekeeper?dryRun=All&fieldManager=test&force=true`;
    const { status, json } = await api.request("PATCH", at, deployment, APPLY);
    expect(status).toBe(201);
    const { spec } = Object(json)["spec"].template;
    expect(spec.volumes).toMatchObject([{ configMap: { name: "tidekeeper-platform", optional: true } }]);
    expect(spec.containers[0].volumeMounts).toEqual([
      { name: "platform", mountPath: "/etc/tidekeeper", readOnly: true },
    ]);
  });

  describe("the objects of a full node", () => {
    const defaults = readPlatform({});
    if (!defaults.ok) throw new Error("defaults");
    const { platform } = defaults;

    test("are accepted, and a second apply of the same changes nothing", async () => {
      const { node, spec } = await created("plain", { chainId: "pacific-1", image: "sei:1", fullNode: {} });
      const volume = claim(node, spec, platform);
      for (const object of [volume, service(node, spec), statefulSet(node, spec, platform)]) {
        const first = await api.apply(takenAs<KubeObject>(object), "tidekeeper");
        const second = await api.apply(takenAs<KubeObject>(object), "tidekeeper");
        expect(second.metadata.generation ?? null).toBe(first.metadata.generation ?? null);
        expect(second.metadata.ownerReferences).toMatchObject([{ uid: node.metadata.uid, controller: true }]);
      }
      const set = await api.get(`/apis/apps/v1/namespaces/${home}/statefulsets/plain`);
      expect(readStatefulSet(set)).toMatchObject({
        node: "plain",
        ownerUid: node.metadata.uid,
        templateImage: "sei:1",
      });
      expect(Object(set)["spec"]).toMatchObject({ replicas: 1, updateStrategy: { type: "OnDelete" } });
      const held = await api.get(`/api/v1/namespaces/${home}/persistentvolumeclaims/data-plain`);
      expect(readClaim(held)).toMatchObject({ name: "data-plain", ownerUid: node.metadata.uid });
    });

    test("are refused beside a RollingUpdate that the reference left, until the set is made OnDelete", async () => {
      const { node, spec } = await created("taken-over", { chainId: "pacific-1", image: "sei:1", fullNode: {} });
      const ours = statefulSet(node, spec, platform);
      const { updateStrategy: _ours, ...left } = Object(ours["spec"]);
      await api.apply(takenAs<KubeObject>({ ...ours, spec: left }), "seinode-controller");
      const set = `/apis/apps/v1/namespaces/${home}/statefulsets/taken-over`;
      const refused = await api.request("PATCH", `${set}?fieldManager=tidekeeper&force=true`, ours, APPLY);
      expect(refused.status).toBe(422);
      expect(refused.text).toContain("spec.updateStrategy.rollingUpdate");
      const transport = clusterTransport(kubeconfigPath);
      const quiet = { transport, ...hostTime, namespace: home, selector: null, report: () => {} };
      const caches = startCaches({ ...quiet, signal: AbortSignal.abort() });
      const client = createClient(transport);
      const objects = { ...objectReads(client, caches), ...objectWrites(client, caches, () => null) };
      expect(await objects.applyStatefulSet(ours, true)).toMatchObject({ kind: "refused" });
      expect((await api.get(set))?.["spec"]).toMatchObject({ updateStrategy: { type: "RollingUpdate" } });
      const found = await objects.statefulSet(home, "taken-over");
      if (found.kind !== "ok") throw new Error(found.kind);
      expect(await objects.setOnDelete(found.value)).toMatchObject({ kind: "ok", value: { isOnDelete: true } });
      expect(await objects.applyStatefulSet(ours, true)).toMatchObject({ kind: "ok" });
      expect((await api.get(set))?.["spec"]).toMatchObject({ updateStrategy: { type: "OnDelete" } });
    });

    test("with every platform input and field given are accepted too", async () => {
      const env = { SEI_NODEPOOL_NAME: "p", SEI_TOLERATION_KEY: "sei.io/w", SEI_SERVICE_ACCOUNT: "sa" };
      const sizes = { SEI_RESOURCE_CPU_DEFAULT: "4", SEI_RESOURCE_MEM_DEFAULT: "32Gi", SEI_STORAGE_CLASS_PERF: "fast" };
      const full = readPlatform({ ...env, ...sizes, SEI_STORAGE_SIZE_DEFAULT: "20Gi" });
      const { node, spec } = await created("full", {
        chainId: "pacific-1",
        image: "sei:1",
        fullNode: {},
        podLabels: { team: "a" },
        paused: true,
        entrypoint: { command: ["seid"], args: ["start", ""] },
        sidecar: { image: "seictl:1", port: 7000, resources: { limits: { memory: "1Gi" } } },
      });
      if (!full.ok) throw new Error(full.problems.join());
      for (const object of [
        claim(node, spec, full.platform),
        service(node, spec),
        statefulSet(node, spec, full.platform),
      ]) {
        await api.apply(takenAs<KubeObject>(object), "tidekeeper");
      }
    });
  });

  describe("the permissions of run", () => {
    let token = "";
    beforeAll(async () => {
      const at = `/api/v1/namespaces/${home}/serviceaccounts/tidekeeper/token`;
      const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
      token = Object((await api.request("POST", at, body)).json)["status"].token;
    });

    const lease = (name: string): string => `/apis/coordination.k8s.io/v1/namespaces/${home}/leases/${name}`;
    const applied = (name: string): object => ({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace: home },
      spec: { holderIdentity: "a" },
    });
    const as = (method: string, at: string, body?: object, type?: string): Promise<number> =>
      asAccount({
        server,
        kubeconfigPath,
        token,
        method,
        path: at,
        type: type ?? "application/json",
        body: body ?? null,
      });
    const query = "?fieldManager=tidekeeper&force=true";

    test("let it create, renew, read and watch its Lease by name, and no other", async () => {
      expect(await as("PATCH", lease("tidekeeper.sei.io") + query, applied("tidekeeper.sei.io"), APPLY)).toBe(201);
      expect(await as("PATCH", lease("tidekeeper.sei.io") + query, applied("tidekeeper.sei.io"), APPLY)).toBe(200);
      expect(await as("GET", lease("tidekeeper.sei.io"))).toBe(200);
      const named = `/apis/coordination.k8s.io/v1/namespaces/${home}/leases?fieldSelector=metadata.name%3D`;
      expect(await as("GET", `${named}tidekeeper.sei.io`)).toBe(200);
      expect(await as("GET", `${named}tidekeeper.sei.io&watch=true&timeoutSeconds=1`)).toBe(200);
      expect(await as("GET", `${named}bc1f5b0a.sei.io`)).toBe(200);
      expect(await as("PATCH", lease("other") + query, applied("other"), APPLY)).toBe(403);
      const everywhere = "/apis/coordination.k8s.io/v1/leases";
      for (const name of ["tidekeeper.sei.io", "bc1f5b0a.sei.io"]) {
        const at = `${everywhere}?fieldSelector=metadata.name%3D${name}`;
        for (const more of ["", "&resourceVersion=0", "&watch=true&timeoutSeconds=1"]) {
          expect(await as("GET", at + more)).toBe(200);
        }
      }
      expect(await as("GET", everywhere)).toBe(403);
      expect(await as("GET", `${everywhere}?fieldSelector=metadata.name%3Dother`)).toBe(403);
      const elsewhere = "/apis/coordination.k8s.io/v1/namespaces/default/leases/tidekeeper.sei.io";
      expect(await as("PATCH", elsewhere + query, { ...applied("tidekeeper.sei.io") }, APPLY)).toBe(403);
      expect(await as("PATCH", lease("bc1f5b0a.sei.io") + query, applied("bc1f5b0a.sei.io"), APPLY)).toBe(403);
    });

    test("let it apply and read what it must, and nothing that is none of its business", async () => {
      const { node, spec } = await created("allowed", { chainId: "pacific-1", image: "sei:1", fullNode: {} });
      const defaults = readPlatform({});
      if (!defaults.ok) throw new Error("defaults");
      const sets = `/apis/apps/v1/namespaces/${home}/statefulsets/allowed`;
      expect(await as("PATCH", sets + query, statefulSet(node, spec, defaults.platform), APPLY)).toBe(201);
      expect(await as("PATCH", `/api/v1/namespaces/${home}/services/allowed${query}`, service(node, spec), APPLY)).toBe(
        201,
      );
      const volume = claim(node, spec, defaults.platform) ?? {};
      expect(await as("POST", `/api/v1/namespaces/${home}/persistentvolumeclaims`, volume)).toBe(201);
      const patch = { status: { phase: "Initializing" } };
      expect(await as("PATCH", `${path("allowed")}/status`, patch, "application/merge-patch+json")).toBe(200);
      for (const at of [
        "/apis/sei.io/v1alpha1/seinodes",
        "/api/v1/pods",
        "/apis/apps/v1/statefulsets",
        "/api/v1/persistentvolumeclaims",
        "/apis/batch/v1/jobs",
      ]) {
        expect(await as("GET", at)).toBe(200);
      }
      const caughtUp = await created("caught-up", {
        chainId: "pacific-1",
        image: "sei:1",
        fullNode: { snapshot: { s3: { targetHeight: 9 }, bootstrapImage: "sei:0" } },
      });
      const job = bootstrapJob(caughtUp.node, caughtUp.spec, defaults.platform) ?? {};
      const jobs = `/apis/batch/v1/namespaces/${home}/jobs`;
      expect(await as("POST", jobs, job)).toBe(201);
      expect(
        await as("POST", `/api/v1/namespaces/${home}/services`, bootstrapService(caughtUp.node, caughtUp.spec)),
      ).toBe(201);
      expect(await as("DELETE", `/api/v1/namespaces/${home}/services/caught-up`)).toBe(200);
      expect(await as("PATCH", `${jobs}/caught-up-bootstrap${query}`, job, APPLY)).toBe(200);
      expect(await as("DELETE", `${jobs}/caught-up-bootstrap`)).toBe(200);
      const proxied = `/api/v1/namespaces/${home}/pods/allowed-0:7777/proxy/v0/healthz`;
      expect(await as("GET", proxied)).not.toBe(403);
      expect(await as("POST", proxied)).not.toBe(403);
      expect(await as("DELETE", `/api/v1/namespaces/${home}/pods/nobody`)).toBe(404);
      const event = { apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { name: "e.1", namespace: home } };
      const told = { eventTime: "2026-01-02T03:04:05.000000Z", type: "Normal", reason: "R", action: "A", note: "n" };
      const by = { reportingController: "sei.io/tidekeeper", reportingInstance: "i" };
      const regarding = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", name: "allowed", namespace: home };
      const events = `/apis/events.k8s.io/v1/namespaces/${home}/events`;
      expect(await as("POST", events, { ...event, ...told, ...by, regarding })).toBe(201);
      // RBAC knows no finer grain than the whole object: the finalizer needs `patch`.
      const guard = { metadata: { finalizers: ["sei.io/seinode-finalizer"] } };
      expect(await as("PATCH", path("allowed"), guard, "application/merge-patch+json")).toBe(200);
      expect(await as("PUT", path("allowed"), {})).toBe(403);
      expect(await as("DELETE", path("allowed"))).toBe(403);
      expect(await as("DELETE", sets)).toBe(200);
      expect(await as("DELETE", `/api/v1/namespaces/${home}/persistentvolumeclaims/data-allowed`)).toBe(200);
      const volumeOfSomebody = "/api/v1/persistentvolumes/nobody";
      expect(await as("GET", volumeOfSomebody)).toBe(404);
      expect(await as("GET", "/api/v1/persistentvolumes")).toBe(403);
      expect(await as("PATCH", volumeOfSomebody, {}, "application/merge-patch+json")).toBe(403);
      expect(await as("DELETE", volumeOfSomebody)).toBe(403);
      expect(await as("GET", "/api/v1/secrets")).toBe(403);
      expect(await as("POST", `/api/v1/namespaces/${home}/pods/x/exec`)).toBe(403);
    });
  });
});

const APPLY = "application/apply-patch+yaml";

interface AccountRequest {
  readonly server: string;
  readonly kubeconfigPath: string;
  readonly token: string;
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: object | null;
}

/** The status of a request made with a ServiceAccount's token. */
function asAccount(options: AccountRequest): Promise<number> {
  const config: unknown = JSON.parse(readFileSync(options.kubeconfigPath, "utf8"));
  const ca = Buffer.from(Object(config)["clusters"][0].cluster["certificate-authority-data"], "base64");
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { authorization: `Bearer ${options.token}`, "content-type": options.type };
  const request = httpsRequest(new URL(options.path, options.server), { method: options.method, ca, headers });
  request.on("response", (reply) => {
    reply.resume();
    resolve(reply.statusCode ?? 0);
  });
  request.on("error", reject);
  request.end(options.body === null ? undefined : JSON.stringify(options.body));
  return promise;
}

function conditionOf(object: unknown, type: string): string | null {
  const conditions: unknown[] = Object(Object(object)["status"])["conditions"] ?? [];
  const found = conditions.find((item) => Object(item)["type"] === type);
  return found === undefined ? null : String(Object(found)["status"]);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await holds()) return;
    await Bun.sleep(50);
  }
  throw new Error("it did not come to hold within 5 s");
}
