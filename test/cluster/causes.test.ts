/** Whoever asks why a node is not what it should be is told the cause, in the cluster's own words. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  fullNode,
  isAtRest,
  replacePod,
  type SeiNodeObject,
  seiNodePath,
  untilNode,
} from "./harness/fleet.ts";
import { untilAllowed } from "./harness/permissions.ts";
import { podPath } from "./harness/pods.ts";
import { deny } from "./harness/policies.ts";

const SLOW_MS = 120_000;
const WORDS = "no Pod without a cost centre";
const ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/tidekeeper";

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

describeCluster("the cause", (cluster) => {
  const { api, namespace } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const place = (name: string) => ({ namespace: home, name, withinMs: 30_000 });
  const messageOf = (node: SeiNodeObject, type: string): string =>
    node.status?.conditions?.find((condition) => condition.type === type)?.message ?? "";
  const until = (name: string, type: string, words: string): Promise<SeiNodeObject> =>
    untilNode(api, place(name), (node) => messageOf(node, type).includes(words));
  const isReady = (node: SeiNodeObject): boolean => isAtRest(node) && conditionOf(node, "Ready") === "True/Ready";
  const notes = async (name: string, reason: string): Promise<readonly string[]> => {
    const events = await api.list<{ reason: string; note: string; regarding: { name: string; kind: string } }>(
      `/apis/events.k8s.io/v1/namespaces/${home}/events`,
    );
    return events
      .filter(({ reason: of, regarding }) => of === reason && regarding.kind === "SeiNode" && regarding.name === name)
      .map(({ note }) => note);
  };
  const denyPods = (node: string) =>
    deny(
      api,
      { namespace: home, node, resource: "pods", operations: ["CREATE"] },
      { expression: "false", message: WORDS },
    );
  const label = (path: string, value: string | null) =>
    api.patch(path, { metadata: { labels: { "sei.io/node": value } } });

  beforeAll(async () => {
    home = await namespace("causes");
    controller = await startController({ installation: await install(cluster, home), flags: ["--probe-interval=1s"] });
    await controller.leads();
    await bringUp(api, { namespace: home, names: ["image", "pod", "claim", "edited", "label", "other"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test(
    "of a roll-out whose image cannot be pulled is the kubelet's, in Reconciling, in the task and in an Event",
    async () => {
      await api.patch(seiNodePath(home, "image"), { spec: { image: "sei:never" } });
      const want = "Pod image-0: container seid: ImagePullBackOff: image sei:never";
      const node = await until("image", "Reconciling", want);
      expect(messageOf(node, "Reconciling")).toBe(`plan for ImageChanged; observe-image waits: ${want}`);
      expect(node.status?.plan?.tasks.find(({ type }) => type === "observe-image")?.error).toBe(want);
      expect([conditionOf(node, "Ready"), messageOf(node, "Ready")]).toEqual(["False/PodNotRunning", want]);
      await eventually("its Event", async () => (await notes("image", "PodNotRunning")).includes(want));
    },
    SLOW_MS,
  );

  test(
    "of a node without a Pod is the StatefulSet's FailedCreate, of a new one and of one that is up",
    async () => {
      const lifts = [await denyPods("new"), await denyPods("pod")];
      const said = (name: string) => `StatefulSet ${name}: FailedCreate: denied by a policy: Create Pod ${name}-0 in`;
      await api.apply(fullNode(home, "new"));
      await api.remove(podPath(home, "pod-0"));
      const created = await until("new", "Reconciling", said("new"));
      expect(messageOf(created, "Reconciling")).toStartWith("plan for NewNode; configure-genesis waits: ");
      expect(messageOf(created, "Reconciling")).toContain(WORDS);
      const up = await until("pod", "Reconciling", said("pod"));
      expect([conditionOf(up, "Reconciling"), conditionOf(up, "Ready")]).toEqual([
        "True/Progressing",
        "Unknown/PodNotRunning",
      ]);
      expect(messageOf(up, "Ready")).toContain(WORDS);
      await eventually("its Event", async () =>
        (await notes("pod", "PodNotRunning")).some((note) => note.includes(WORDS)),
      );
      for (const lift of lifts) await lift();
      for (const name of ["new", "pod"]) await untilNode(api, { ...place(name), withinMs: 90_000 }, isReady);
    },
    SLOW_MS,
  );

  test(
    "of a claim that is missed is its label, where it was taken",
    async () => {
      const path = `/api/v1/namespaces/${home}/persistentvolumeclaims/data-claim`;
      await label(path, null);
      const node = await until("claim", "Stalled", "got it without the label sei.io/node=claim");
      expect(conditionOf(node, "Stalled")).toBe("True/DataVolumeLost");
      expect(messageOf(node, "Stalled")).toContain(
        `kubectl label pvc data-claim -n ${home} --overwrite sei.io/node=claim`,
      );
      await label(path, "claim");
      await untilNode(api, place("claim"), isReady);
    },
    SLOW_MS,
  );

  test(
    "of a Pod that is missed is its label, where it was taken",
    async () => {
      const path = podPath(home, "label-0");
      await label(path, null);
      const node = await until("label", "Reconciling", "LabelMissing: Pod label-0 stands there without the label");
      expect(messageOf(node, "Reconciling")).toContain(
        `kubectl label pod label-0 -n ${home} --overwrite sei.io/node=label`,
      );
      await label(path, "label");
      await untilNode(api, place("label"), isReady);
    },
    SLOW_MS,
  );

  test(
    "of an edit that changes nothing is that only init applies it, told at the edit; an older Pod is not ready",
    async () => {
      await api.patch(seiNodePath(home, "edited"), { spec: { overrides: { "p2p.laddr": "x" } } });
      const node = await untilNode(
        api,
        place("edited"),
        (one) => isReady(one) && conditionOf(one, "SpecUnapplied") === "True/ChangedSinceInit",
      );
      expect(messageOf(node, "SpecUnapplied")).toStartWith("spec.overrides: changed since init. ");
      await eventually("its Event", async () => (await notes("edited", "SpecUnapplied")).length === 1);
      await api.patch(seiNodePath(home, "edited"), { spec: { overrides: null, podLabels: { team: "a" } } });
      const older = await untilNode(
        api,
        place("edited"),
        (one) => conditionOf(one, "PodOutdated") === "True/TemplateChanged",
      );
      expect([conditionOf(older, "Ready"), conditionOf(older, "SpecUnapplied")]).toEqual([
        "False/SpecNotApplied",
        "False/AsInitialized",
      ]);
      await replacePod(api, home, "edited");
      await untilNode(api, place("edited"), isReady);
    },
    SLOW_MS,
  );

  test(
    "is told to be unreadable where Events may not be listed, and nothing else depends on that",
    async () => {
      const role = await api.get<
        { metadata: { name: string }; rules: readonly Rule[] } & { apiVersion: string; kind: string }
      >(ROLE);
      const rules = role?.rules ?? [];
      const less = rules.map((rule) =>
        rule.resources.includes("events") ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== "list") } : rule,
      );
      const account = { namespace: home, name: "tidekeeper" };
      const access = { verb: "list", group: "events.k8s.io", resource: "events", namespace: home };
      await api.patch(ROLE, { rules: less });
      await untilAllowed(api, account, access, false);
      const lift = await denyPods("other");
      await api.remove(podPath(home, "other-0"));
      const node = await until("other", "Reconciling", "EventsForbidden: no Pod comes, and why may not be read");
      expect(conditionOf(node, "Ready")).toBe("Unknown/PodNotRunning");
      await replacePod(api, home, "pod");
      await lift();
      await untilNode(api, { ...place("other"), withinMs: 90_000 }, isReady);
      await api.patch(ROLE, { rules });
    },
    SLOW_MS,
  );
});
