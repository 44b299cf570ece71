/** The test cluster itself. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { KubeObject } from "./harness/admin-api.ts";
import type { AuditEntry } from "./harness/audit-log.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { nodeObjects } from "./harness/node-objects.ts";
import { type Pod, podPath, restartSidecar, setPodReady } from "./harness/pods.ts";
import type { Cluster } from "./harness/cluster.ts";

const LIMIT_MS = 60_000;

interface Claim extends KubeObject {
  readonly status?: { readonly phase?: string };
}

describeCluster("the test cluster", (cluster) => {
  const { api, audit, sidecars } = cluster;

  test("answers its administrator over its own CA, and writes down who changed what", async () => {
    const from = audit.offset();
    const name = await cluster.namespace();
    expect(await api.get(`/api/v1/namespaces/${name}`)).toMatchObject({ metadata: { name } });
    const isOurs = (one: AuditEntry): boolean => one.resource === "namespaces" && one.name === name;
    const entry = audit.mutationsSince(from, "test-admin").find(isOurs);
    expect(entry).toMatchObject({ verb: "patch", resource: "namespaces", name, code: 201, userAgent: "test-admin" });
  });

  describe("a node of our shape", () => {
    let namespace = "";
    beforeAll(async () => {
      namespace = await cluster.namespace();
    });

    const up = async (name: string, image?: string): Promise<Pod> => {
      for (const object of nodeObjects({ namespace, name, ...(image === undefined ? {} : { image }) })) {
        await api.apply(object);
      }
      return runningPod(cluster, namespace, name);
    };

    test(
      "comes up: volume bound, address in the Pod range, sidecar and seid running, not Ready unless told so",
      async () => {
        const pod = await up("full");
        expect(pod.status.podIP).toMatch(/^10\.0\./);
        expect(pod.status.initContainerStatuses).toMatchObject([
          { name: "seid-init", state: { terminated: { reason: "Completed" } } },
          {
            name: "sei-sidecar",
            restartCount: 0,
            containerID: expect.stringMatching(/^kwok:/),
            state: { running: {} },
          },
        ]);
        expect(pod.status.containerStatuses).toMatchObject([{ name: "seid", image: "sei:1", state: { running: {} } }]);
        const claim = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/data-full`;
        await eventually("a bound claim", async () => (await api.get<Claim>(claim))?.status?.phase === "Bound");
        const path = podPath(namespace, "full-0");
        expect(isReady(await api.get<Pod>(path))).toBe(false);
        await setPodReady(api, path, true);
        expect(isReady(await api.get<Pod>(path))).toBe(true);
      },
      LIMIT_MS,
    );

    test(
      "mark-ready opens the gate after its 201; a new Pod shuts it again, and its records outlive the Pod",
      async () => {
        const pod = await up("gate");
        const submit = (to: Pod, id: string): Promise<Response> =>
          fetch(`${sidecarOf(to)}/v0/tasks`, { method: "POST", body: JSON.stringify({ id, type: "mark-ready" }) });
        await sidecars.behave({ taskMs: 3_000 }, { namespace, nodes: ["gate"] });
        await eventually("sidecar up", async () => (await health(pod)) === 503);
        const id = crypto.randomUUID();
        expect((await submit(pod, id)).status).toBe(201);
        expect(await health(pod)).toBe(503);
        await eventually("gate open", async () => (await health(pod)) === 200);
        await sidecars.behave({ taskMs: 5 }, { namespace, nodes: ["gate"] });

        await api.remove(podPath(namespace, "gate-0"));
        const next = await runningPod(cluster, namespace, "gate", pod.metadata.uid);
        await eventually("next sidecar up", async () => (await health(next)) === 503);
        const record: unknown = await (await fetch(`${sidecarOf(next)}/v0/tasks/${id}`)).json();
        expect(record).toMatchObject({ id, type: "mark-ready", status: "completed", run: 1 });
        expect((await submit(next, id)).status).toBe(201);
        await Bun.sleep(300);
        expect(await health(next)).toBe(503);

        const [first, second] = await sidecars.lives({ namespace, nodes: ["gate"] });
        expect(first).toMatchObject({
          podUid: pod.metadata.uid,
          submissions: [{ id, type: "mark-ready", status: 201 }],
        });
        expect(first?.endedAt).not.toBeNull();
        expect(second).toMatchObject({ podUid: next.metadata.uid, openedAt: null, submissions: [{ id, status: 201 }] });
        expect(second?.firstNotReady?.at.mono).toBeGreaterThanOrEqual(second?.listeningAt?.mono ?? Infinity);
      },
      LIMIT_MS,
    );

    test(
      "the Pod proxy reaches the sidecar; one that is not up yet is refused, which the proxy tells as 503 and a Status",
      async () => {
        await sidecars.behave({ startDelayMs: [600_000, 600_000] }, { namespace, nodes: ["late"] });
        const pod = await up("late");
        const proxied = `${podPath(namespace, "late-0:7777")}/proxy/v0/healthz`;
        const refused = await api.request("GET", proxied);
        expect(refused.status).toBe(503);
        expect(refused.json).toMatchObject({ kind: "Status", reason: "ServiceUnavailable" });
        const code = await fetch(`${sidecarOf(pod)}/v0/healthz`).then(
          () => "answered",
          (error: { code?: string }) => error.code,
        );
        expect(code).toBe("ECONNREFUSED");
        await sidecars.behave({ startDelayMs: [0, 0] }, { namespace, nodes: ["late"] });
        await restartSidecar(api, podPath(namespace, "late-0"));
        const shut = await eventually("sidecar up", async () => {
          const reply = await api.request("GET", proxied);
          return reply.text === "" && reply;
        });
        expect(shut.status).toBe(503);
        await sidecars.open({ namespace, nodes: ["late"] });
        expect((await api.request("GET", proxied)).status).toBe(200);
      },
      LIMIT_MS,
    );

    test(
      "a restarted container is a new life of the same Pod; gates shut on order; answers are as told",
      async () => {
        const pod = await up("odd");
        const meant = { namespace, nodes: ["odd"] };
        const url = `${sidecarOf(pod)}/v0/healthz`;
        await eventually("gate opened", async () => (await sidecars.open(meant)) === 1);
        expect(await health(pod)).toBe(200);
        expect(await sidecars.shut(meant)).toBe(1);
        expect(await health(pod)).toBe(503);

        await sidecars.open(meant);
        await restartSidecar(api, podPath(namespace, "odd-0"));
        await eventually("new life", async () => (await sidecars.lives(meant)).length === 2);
        await eventually("gate shut", async () => (await health(pod)) === 503);

        await sidecars.behave({ answer: { status: 302, headers: { location: "http://127.0.0.1:1/" } } }, meant);
        expect((await fetch(url, { redirect: "manual" })).status).toBe(302);
        await sidecars.behave({ answer: "hang" }, meant);
        const outcome = await fetch(url, { signal: AbortSignal.timeout(300) }).catch((error: Error) => error.name);
        expect(outcome).toBe("TimeoutError");
        await sidecars.behave({ answer: "garbage" }, meant);
        expect(await fetch(url).catch(() => "no HTTP")).toBe("no HTTP");
        await sidecars.behave({ answer: "sidecar" }, meant);
        await eventually("HTTP again", async () => (await health(pod)) === 503);
      },
      LIMIT_MS,
    );

    test(
      "a Pod that is told to take its time terminates slowly, and its sidecar answers until it is gone",
      async () => {
        const pod = await up("slow");
        const path = podPath(namespace, "slow-0");
        await api.patch(path, { metadata: { annotations: { "test.tidekeeper.sei.io/stop-after": "6s" } } });
        await api.remove(path);
        expect((await api.get(path))?.metadata).toMatchObject({
          uid: pod.metadata.uid,
          deletionTimestamp: expect.any(String),
        });
        expect(await health(pod)).toBe(503);
        await eventually("old Pod gone", async () => (await api.get(path))?.metadata.uid !== pod.metadata.uid);
      },
      LIMIT_MS,
    );

    test(
      "an image that is never pulled leaves seid waiting while its sidecar answers",
      async () => {
        for (const object of nodeObjects({ namespace, name: "stuck", image: "sei:never" })) await api.apply(object);
        const pod = await eventually("image back-off", async () => {
          const seen = await api.get<Pod>(podPath(namespace, "stuck-0"));
          return seen?.status.containerStatuses?.[0]?.state["waiting"]?.reason === "ImagePullBackOff" && seen;
        });
        expect(pod.status.phase).toBe("Pending");
        await eventually("its sidecar", async () => (await health(pod)) === 503);
      },
      LIMIT_MS,
    );
  });
});

async function runningPod({ api }: Cluster, namespace: string, node: string, notUid?: string): Promise<Pod> {
  return eventually(`pod of ${node} running`, async () => {
    const pod = await api.get<Pod>(podPath(namespace, `${node}-0`));
    return pod !== null && pod.metadata.uid !== notUid && pod.status.phase === "Running" && pod;
  });
}

function sidecarOf(pod: Pod): string {
  return `http://${pod.status.podIP ?? ""}:7777`;
}

/** Status of its sidecar's gate; 0 when nobody answers. */
async function health(pod: Pod): Promise<number> {
  return (await fetch(`${sidecarOf(pod)}/v0/healthz`).catch(() => null))?.status ?? 0;
}

function isReady(pod: Pod | null): boolean {
  return pod?.status.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
}
