/** Every mode and source: the manifests of examples/seinodes, from `kubectl apply` to Running, and how they fail. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ControllerProcess, install, type Installation, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { conditionOf, isAtRest, type SeiNodeObject, untilEvents, untilNode } from "./harness/fleet.ts";
import { endPod, type Pod } from "./harness/pods.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 120_000;
const SAMPLES = new URL("../../examples/seinodes/", import.meta.url).pathname;

const NONE = ["configure-genesis", "config-apply", "config-validate"];
const SYNC = ["configure-genesis", "config-apply", "configure-state-sync", "config-validate"];
const PEERED_SYNC = SYNC.toSpliced(2, 0, "discover-peers");
const FROM_S3 = ["snapshot-restore", ...SYNC];
const PEERED_S3 = ["snapshot-restore", ...PEERED_SYNC];
const UPLOADING = [...NONE, "snapshot-upload", "mark-ready"];

/** What each life of the node's sidecar is given: where there are two, the first is the bootstrap Job's. */
const GIVEN: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "full-node": [[...NONE, "mark-ready"]],
  "full-node-state-sync": [[...PEERED_SYNC, "mark-ready"]],
  "full-node-snapshot": [[...PEERED_S3, "snapshot-upload", "mark-ready"]],
  "full-node-bootstrap": [
    [...FROM_S3, "mark-ready"],
    [...NONE, "mark-ready"],
  ],
  archive: [UPLOADING],
  validator: [[...NONE, "mark-ready"]],
  "validator-state-sync": [[...SYNC, "mark-ready"]],
  "validator-snapshot": [[...FROM_S3, "mark-ready"]],
  "validator-bootstrap": [
    [...FROM_S3, "mark-ready"],
    [...NONE, "mark-ready"],
  ],
  "genesis-validator": [
    [
      "generate-identity",
      "generate-gentx",
      "upload-genesis-artifacts",
      "configure-genesis",
      "config-apply",
      "set-genesis-peers",
      "config-validate",
      "mark-ready",
    ],
  ],
  replayer: [[...PEERED_S3, "mark-ready"]],
  "replayer-bootstrap": [
    [...PEERED_S3, "mark-ready"],
    ["configure-genesis", "config-apply", "discover-peers", "config-validate", "mark-ready"],
  ],
};

function sample(name: string, namespace: string, as = name): KubeObject {
  const object = takenAs<KubeObject>(parse(readFileSync(`${SAMPLES}${name}.yaml`, "utf8")));
  return { ...object, metadata: { ...object.metadata, namespace, name: as } };
}

test("every sample is brought up below", () => {
  expect(readdirSync(SAMPLES).toSorted()).toEqual(
    Object.keys(GIVEN)
      .map((name) => `${name}.yaml`)
      .toSorted(),
  );
});

describeCluster("each mode", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let installation: Installation;
  let controller: ControllerProcess;
  let since = 0;
  const at = (kind: string, name: string): string =>
    ({
      job: `/apis/batch/v1/namespaces/${home}/jobs/${name}-bootstrap`,
      service: `/api/v1/namespaces/${home}/services/${name}`,
      set: `/apis/apps/v1/namespaces/${home}/statefulsets/${name}`,
    })[kind] ?? "";
  const jobPodOf = (name: string): Promise<Pod> =>
    eventually("the Pod of the Job", async () => {
      const query = `?labelSelector=sei.io/node=${name},sei.io/component=bootstrap`;
      const [pod] = await api.list<Pod>(`/api/v1/namespaces/${home}/pods${query}`);
      return pod?.status.podIP === undefined ? null : pod;
    });
  const failed = ({ status }: SeiNodeObject): boolean => status?.phase === "Failed";
  const told = (node: SeiNodeObject): unknown => [
    conditionOf(node, "Stalled"),
    node.status?.history?.at(-1)?.message ?? "",
    node.status?.plan ?? null,
  ];

  beforeAll(async () => {
    home = await namespace("modes");
    installation = await install(cluster, home);
    controller = await startController({ installation });
    since = audit.offset();
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  describe("comes to Running with no update plan after it:", () => {
    test.each(Object.entries(GIVEN))(
      "%s",
      async (name, given) => {
        const applied = sample(name, home);
        const stored = await api.apply<KubeObject>(applied);
        expect(stored["spec"]).toMatchObject(Object(applied["spec"]));
        const node = await untilNode(api, { namespace: home, name, withinMs: 60_000 }, isAtRest);
        expect(node.status?.history?.map((plan) => [plan.detector, plan.outcome])).toEqual([["init", "Complete"]]);
        expect(node.status?.currentImage).toBe(String(Object(applied["spec"]).image));
        const lives = await sidecars.lives({ namespace: home, nodes: [name] });
        // Submitted once each, and accepted.
        expect(lives.map(({ submissions }) => submissions.map(({ type }) => type))).toEqual(
          given.map((types) => [...types]),
        );
        expect(lives.flatMap(({ submissions }) => submissions).filter(({ status }) => status !== 201)).toEqual([]);
        expect(await api.get(at("job", name))).toBeNull();
        const service = await api.get(at("service", name));
        expect(service?.metadata.labels).not.toHaveProperty("sei.io/component");
        expect(Object(service?.["spec"]).ports).toHaveLength(7);
      },
      SLOW_MS,
    );
  });

  test.each(["full-node-bootstrap", "validator-bootstrap", "replayer-bootstrap"])(
    "the StatefulSet of %s is made only after Job, Pod and Service are gone",
    async (name) => {
      const done = audit.mutationsSince(since).filter((entry) => entry.namespace === home && entry.code < 300);
      const ours = done.filter((entry) => entry.userAgent.startsWith("tidekeeper/"));
      const objects = ours.filter((entry) => [name, `${name}-bootstrap`].includes(entry.name));
      const verbs = objects
        .filter(({ resource }) => ["jobs", "services", "statefulsets"].includes(resource))
        .map(({ verb, resource }) => `${verb} ${resource}`);
      expect(verbs).toEqual([
        // Each is created, since it must not be there yet, and then applied, so that its fields are ours.
        "create services",
        "patch services",
        "create jobs",
        "patch jobs",
        "delete jobs",
        "delete services",
        "patch statefulsets",
        "patch services",
      ]);
      const [first, second] = await sidecars.lives({ namespace: home, nodes: [name] });
      const set = objects.find(({ resource }) => resource === "statefulsets");
      expect(first?.endedAt?.wall ?? Number.POSITIVE_INFINITY).toBeLessThan(set?.atMs ?? 0);
      expect(second?.pod).toBe(`${name}-0`);
    },
  );

  test(
    "a Job that fails at its height fails the node in words, and leaves no StatefulSet",
    async () => {
      const name = "job-fails";
      await sidecars.behave({ bootstrap: { afterMs: 2000, exitCode: 2 } }, { namespace: home, nodes: [name] });
      await api.apply(sample("full-node-bootstrap", home, name));
      const node = await untilNode(api, { namespace: home, name, withinMs: 60_000 }, failed);
      const [stalled, message] = [conditionOf(node, "Stalled"), node.status?.history?.at(-1)?.message];
      expect(stalled).toBe("True/InitFailed");
      expect(message).toStartWith(
        `task await-bootstrap-complete: BOOTSTRAP_FAILED: Job ${name}-bootstrap: it failed: `,
      );
      expect(await api.get(at("set", name))).toBeNull();
      await untilEvents(api, { namespace: home, name }, (reasons) => reasons.includes("PlanFailed"));
    },
    SLOW_MS,
  );

  test(
    "a Job that fails before its gate opens fails the node too, with nobody waiting for its sidecar",
    async () => {
      const name = "job-fails-early";
      await sidecars.behave({ startDelayMs: [60_000, 60_000] }, { namespace: home, nodes: [name] });
      await api.apply(sample("full-node-bootstrap", home, name));
      await endPod(api, await jobPodOf(name), 1);
      const node = await untilNode(api, { namespace: home, name, withinMs: 60_000 }, failed);
      expect(node.status?.history?.at(-1)?.message).toStartWith(
        `task snapshot-restore: BOOTSTRAP_FAILED: Job ${name}-bootstrap: it failed: `,
      );
    },
    SLOW_MS,
  );

  test(
    "a Job that somebody deletes fails the node",
    async () => {
      const name = "job-deleted";
      await sidecars.behave({ bootstrap: null }, { namespace: home, nodes: [name] });
      await api.apply(sample("full-node-bootstrap", home, name));
      await untilNode(api, { namespace: home, name, withinMs: 60_000 }, ({ status }) => {
        const current = status?.plan?.tasks.find((task) => task.status !== "Complete");
        return current?.type === "await-bootstrap-complete";
      });
      await api.remove(at("job", name), { propagationPolicy: "Background" });
      const node = await untilNode(api, { namespace: home, name, withinMs: 60_000 }, failed);
      expect(node.status?.history?.at(-1)?.message).toStartWith(
        `task await-bootstrap-complete: BOOTSTRAP_FAILED: Job ${name}-bootstrap: `,
      );
    },
    SLOW_MS,
  );

  test(
    "a sidecar task that fails, or is rejected, fails the node in words",
    async () => {
      const rejecting = { submitAnswer: { status: 400, body: '{"error":"no such bucket"}' } };
      await sidecars.behave({ failing: { "snapshot-restore": "no disk" } }, { namespace: home, nodes: ["task-fails"] });
      await sidecars.behave(rejecting, { namespace: home, nodes: ["task-rejected"] });
      await api.apply(sample("validator-snapshot", home, "task-fails"));
      await api.apply(sample("genesis-validator", home, "task-rejected"));
      const one = await untilNode(api, { namespace: home, name: "task-fails", withinMs: 60_000 }, failed);
      const what = "task snapshot-restore: SIDECAR_TASK_FAILED: snapshot-restore: no disk";
      expect(told(one)).toEqual(["True/InitFailed", what, null]);
      const two = await untilNode(api, { namespace: home, name: "task-rejected", withinMs: 60_000 }, failed);
      const why = "task generate-identity: SIDECAR_REJECTED: sidecar rejected generate-identity (400): no such bucket";
      expect(told(two)).toEqual(["True/InitFailed", why, null]);
    },
    SLOW_MS,
  );

  test(
    "a controller killed in mid-bootstrap is succeeded by one that hands nothing over twice",
    async () => {
      const name = "succeeded";
      const place = { namespace: home, nodes: [name] };
      await sidecars.behave({ taskMs: 1500 }, place);
      await api.apply(sample("full-node-bootstrap", home, name));
      await untilNode(api, { namespace: home, name, withinMs: 60_000 }, ({ status }) => {
        const current = status?.plan?.tasks.find((task) => task.status !== "Complete");
        return current?.type === "config-apply" && current.status === "Running";
      });
      await controller.kill("SIGKILL");
      controller = await startController({ installation });
      await untilNode(api, { namespace: home, name, withinMs: 90_000 }, isAtRest);
      const lives = await sidecars.lives(place);
      expect(lives.map(({ submissions }) => submissions.map(({ type }) => type))).toEqual(
        (GIVEN["full-node-bootstrap"] ?? []).map((types) => [...types]),
      );
    },
    SLOW_MS,
  );

  test(
    "peers that labels choose reach status and the sidecar by the names of their Pods",
    async () => {
      const name = "chooses";
      const peer = sample("full-node-state-sync", home, "chosen");
      await api.apply({ ...peer, metadata: { ...peer.metadata, labels: { chain: "chosen-1" } } });
      await untilNode(api, { namespace: home, name: "chosen", withinMs: 60_000 }, isAtRest);
      const chooser = sample("full-node", home, name);
      const peers = [{ label: { selector: { chain: "chosen-1" } } }];
      await api.apply({ ...chooser, spec: { ...Object(chooser["spec"]), peers } });
      const node = await untilNode(api, { namespace: home, name, withinMs: 60_000 }, isAtRest);
      const endpoints = [`chosen-0.chosen.${home}.svc.cluster.local`];
      expect(node.status?.resolvedPeers).toEqual(endpoints);
      const [life] = await sidecars.lives({ namespace: home, nodes: [name] });
      const body = life?.submissions.find(({ type }) => type === "discover-peers")?.body ?? "null";
      expect(Object(JSON.parse(body)).params).toEqual({ sources: [{ type: "dnsEndpoints", endpoints }] });
    },
    SLOW_MS,
  );

  test(
    "a genesis that is not there yet is asked for again, with the same id, until it is",
    async () => {
      const name = "early";
      const place = { namespace: home, nodes: [name] };
      await sidecars.behave({ failing: { "configure-genesis": "no genesis yet" } }, place);
      await api.apply(sample("genesis-validator", home, name));
      const tries = async () =>
        (await sidecars.lives(place)).flatMap((life) =>
          life.submissions.filter(({ type }) => type === "configure-genesis"),
        );
      const waiting = await untilNode(api, { namespace: home, name, withinMs: 90_000 }, ({ status }) => {
        const task = status?.plan?.tasks.find(({ type }) => type === "configure-genesis");
        return task?.retryCount === 3;
      });
      expect(waiting.status?.phase).toBe("Initializing");
      await sidecars.behave({ failing: {} }, place);
      await untilNode(api, { namespace: home, name, withinMs: 60_000 }, isAtRest);
      const made = await tries();
      expect([made.length, new Set(made.map(({ id }) => id)).size]).toEqual([4, 1]);
      for (const [index, seconds] of [10, 20, 30].entries()) {
        const waited = ((made[index + 1]?.at.mono ?? 0) - (made[index]?.at.mono ?? 0)) / 1000;
        // Never early; late by no more than a busy machine makes it.
        expect(waited).toBeWithin(seconds - 0.1, seconds + 8);
      }
    },
    SLOW_MS,
  );
});
