/** What operators are told of a SeiNode that wants them: the blocks of docs/operations.md, made on the real cluster. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ATTENTION_REASONS, attentionState } from "../../src/model/index.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ControllerProcess, install, type Installation, startController } from "./harness/controller.ts";
import { askLaptop } from "./harness/ask-laptop.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, conditionOf, fullNode, seiNodePath, untilNode } from "./harness/fleet.ts";
import { loosenSchema } from "./harness/loose-schema.ts";
import { type Pod, podPath } from "./harness/pods.ts";
import { untilOutcomesAre } from "./harness/outcomes-kept.ts";
import { deny, type Meant } from "./harness/policies.ts";
import { isShown, sinceNow, tellingOf } from "./harness/shown.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 120_000;
const HOLD_ID = "6f9f1b50-3a1e-4c6e-9d53-0f4a5c6d7e81";
const CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io";

/** A state of the SeiNode of this name, and how it comes about. */
interface State {
  readonly name: string;
  readonly make: () => Promise<unknown>;
  /** The reason of `Ready` by then; the state's name unless given. */
  readonly why?: string;
  /** It does not run before. */
  readonly isNew?: true;
}

describeCluster("what a person is told of a SeiNode", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  let installation: Installation;
  const core = (kind: string, name: string) => `/api/v1/namespaces/${home}/${kind}/${name}`;
  const edit = (name: string, spec: object) => api.patch(seiNodePath(home, name), { spec });
  const setStatus = (name: string, status: unknown) => api.patch(`${seiNodePath(home, name)}/status`, { status });
  const shut = (name: string) => sidecars.shut({ namespace: home, nodes: [name] });
  const create = (name: string) => api.apply(fullNode(home, name));
  const refuse = (node: string, meant: Pick<Meant, "resource" | "operations">, expression = "false") =>
    deny(
      api,
      { namespace: home, node, ...meant },
      { expression, message: "the security team has not signed this off" },
    );
  const tasksOf = async (name: string) => {
    const pod = await api.get<Pod>(podPath(home, `${name}-0`));
    return `http://${pod?.status.podIP}:7777/v0/tasks`;
  };
  const quota = async (kind: string) => {
    const used = (await api.list(`/api/v1/namespaces/${home}/${kind}`)).length;
    const metadata = { namespace: home, name: "few" };
    await api.apply({ apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard: { [kind]: String(used) } } });
    await eventually("the quota to count", async () => {
      const found = await api.get(core("resourcequotas", "few"));
      return Object(Object(found?.["status"]).used)[kind] === String(used);
    });
  };

  const STATES: Readonly<Record<string, State>> = {
    UnsupportedSpec: {
      name: "seeded",
      make: () => edit("seeded", { fullNode: null, seed: { nodeKey: { secret: { secretName: "node-key" } } } }),
    },
    SpecTooLarge: {
      name: "heavy",
      make: () => {
        const keys = Array.from({ length: 300 }, (_none, index) => [`a.k${index}`, "x".repeat(1000)]);
        return edit("heavy", { overrides: Object.fromEntries(keys) });
      },
    },
    DataVolumeLost: {
      name: "robbed",
      make: async () => {
        const claim = core("persistentvolumeclaims", "data-robbed");
        await api.remove(claim);
        await api.patch(claim, { metadata: { finalizers: null } });
      },
    },
    StatusLost: {
      name: "wiped",
      make: async () => {
        await shut("wiped");
        await setStatus("wiped", null);
      },
    },
    ConsentNeeded: {
      name: "left",
      make: async () => {
        await api.remove(seiNodePath(home, "left"), { propagationPolicy: "Orphan" });
        await eventually("it to be gone", async () => (await api.get(seiNodePath(home, "left"))) === null);
        await create("left");
      },
    },
    InitFailed: {
      name: "broken",
      isNew: true,
      make: async () => {
        await sidecars.behave(
          { failing: { "config-apply": "chain-id: sei-test: unknown" } },
          { namespace: home, nodes: ["broken"] },
        );
        await create("broken");
      },
    },
    "ObjectRefused by a quota": {
      name: "crowded",
      why: "ObjectRefused",
      isNew: true,
      make: async () => {
        await quota("persistentvolumeclaims");
        await create("crowded");
      },
    },
    "ObjectRefused by a policy": {
      name: "unsigned",
      why: "ObjectRefused",
      isNew: true,
      make: async () => {
        await refuse("unsigned", { resource: "statefulsets" });
        await api.remove(core("resourcequotas", "few"));
        await create("unsigned");
      },
    },
    TearDownFailed: {
      name: "stuck",
      make: async () => {
        await refuse("stuck", { resource: "statefulsets", operations: ["DELETE"] });
        await api.remove(seiNodePath(home, "stuck"));
      },
    },
    AdoptedWorkflow: {
      name: "adopted",
      make: () => setStatus("adopted", { adoptedWorkflow: { name: "migrate" } }),
    },
    GateShutOnPurpose: {
      name: "closed",
      make: async () => {
        const body = JSON.stringify({ id: HOLD_ID, type: "mark-not-ready" });
        await fetch(await tasksOf("closed"), { method: "POST", body });
      },
    },
    GateHistoryUnknown: {
      name: "blurred",
      make: async () => {
        const at = "2026-01-01T09:00:00Z";
        const tasks = ["mark-ready", "mark-not-ready"].map((type) => ({
          id: crypto.randomUUID(),
          type,
          status: "completed",
          submittedAt: at,
        }));
        const listAnswer = { status: 200, body: JSON.stringify(tasks) };
        await sidecars.behave({ listAnswer }, { namespace: home, nodes: ["blurred"] });
        await shut("blurred");
      },
    },
    Paused: { name: "paused", make: () => edit("paused", { paused: true }) },
    ImagePullBackOff: { name: "pulling", why: "PodNotRunning", make: () => edit("pulling", { image: "sei:never" }) },
    "no Pod": {
      name: "podless",
      why: "PodNotRunning",
      make: async () => {
        await refuse("podless", { resource: "pods", operations: ["CREATE"] });
        await api.remove(podPath(home, "podless-0"));
      },
    },
    UpdateFailed: {
      name: "bumped",
      make: async () => {
        await refuse(
          "bumped",
          { resource: "statefulsets" },
          'object.spec.template.spec.containers[0].image == "sei:1"',
        );
        await edit("bumped", { image: "registry.example/sei:2" });
      },
    },
    BackingOff: {
      name: "served",
      make: async () => {
        await refuse("served", { resource: "services" });
        await api.remove(core("services", "served"));
      },
    },
    InvalidSpec: {
      name: "odd",
      make: async () => {
        await loosenSchema(api, home);
        await edit("odd", { image: "no image at all" });
      },
    },
    CRDTooOld: {
      name: "early",
      make: async () => {
        await install(cluster, home);
        const crd = await api.get<KubeObject & { spec: { versions: readonly object[] } }>(CRD);
        await api.patch(CRD, { spec: { versions: withoutOutcomes(crd?.spec.versions ?? []) } });
        // A heal is over sooner than the API server serves the changed CRD, and then nothing of it is held back.
        await untilOutcomesAre(api, seiNodePath(home, "early"), "dropped");
        await api.remove(podPath(home, "early-0"));
      },
    },
  };

  beforeAll(async () => {
    home = await namespace("told");
    installation = await install(cluster, home);
    controller = await startController({
      installation,
      flags: ["--probe-interval=1s"],
      logFormat: "console",
    });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    const names = Object.values(STATES).flatMap(({ name, isNew = false }) => (isNew ? [] : [name]));
    await bringUp(api, { namespace: home, names });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
    await install(cluster, home);
  }, SLOW_MS);

  test.each(Object.entries(STATES))(
    "%s",
    async (state, { name, make, why = state }) => {
      const since = await sinceNow({ api, namespace: home, controller });
      await make();
      const place = { namespace: home, name, withinMs: 60_000 };
      await untilNode(api, place, (node) => conditionOf(node, "Ready").endsWith(`/${why}`));
      await isShown(state, () => tellingOf({ api, namespace: home, name, controller, since }));
      await isExplained({ installation, name, why });
    },
    SLOW_MS,
  );
});

/** The schema as an earlier CRD had it. */
function withoutOutcomes(versions: readonly object[]): unknown {
  const text = JSON.stringify(versions, (key, value: unknown) => (key === "outcomes" ? undefined : value));
  return JSON.parse(text);
}

/** Whoever asks from a laptop is told the same cause, and what to do about it. */
async function isExplained({
  installation,
  name,
  why,
}: {
  readonly installation: Installation;
  readonly name: string;
  readonly why: string;
}): Promise<void> {
  const argv = ["explain", "-n", installation.namespace, name, "-o", "json"];
  const { stdout, stderr } = await askLaptop(argv, { installation });
  if (stdout === "") throw new Error(stderr);
  const { answer, remedy } = takenAs<{ answer: string; remedy: string | null }>(JSON.parse(stdout));
  const known = ATTENTION_REASONS.find((reason) => reason === why);
  expect(answer).toContain(`nothing is done: ${why}: `);
  expect(remedy).toBe(known === undefined ? null : attentionState(known).remedy);
}
