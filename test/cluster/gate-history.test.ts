/** A gate whose tasks do not tell why it is shut, on a real control plane. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import {
  bringUp,
  conditionOf,
  isAtRest,
  seiNode,
  seiNodePath,
  untilEvents,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { podPath } from "./harness/pods.ts";

const SLOW_MS = 90_000;
const OPEN_GATE = "tidekeeper.sei.io/open-gate";
const nine = "2026-01-01T09:00:00.000000001Z";
const task = (type: string, submittedAt?: string) => ({
  id: crypto.randomUUID(),
  type,
  status: "completed",
  submittedAt,
});

/** Node, and what its sidecar says of its tasks. */
const UNKNOWN: readonly [name: string, tasks: readonly object[]][] = [
  ["full", Array.from({ length: 100 }, () => task("config-apply", nine))],
  ["tie", [task("mark-not-ready", nine), task("mark-ready", "2026-01-01T11:00:00.0000000010+02:00")]],
  ["untimed", [task("mark-ready", nine), task("mark-not-ready")]],
];
/** Shut on purpose, by a nanosecond. */
const PURPOSE = [task("mark-ready", nine), task("mark-not-ready", "2026-01-01T09:00:00.000000002Z")];
const unknown = UNKNOWN.map(([name]) => name);
/** Its tasks may be read. That it is healed tells that the others would be, too. */
const PLAIN = "plain";
const names = [...unknown, "purpose"];

describeCluster("a gate whose tasks do not tell whether it was shut on purpose", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const annotate = (name: string, uid: string) =>
    api.patch(seiNodePath(home, name), { metadata: { annotations: { [OPEN_GATE]: uid } } });
  const podUid = async (name: string) => (await api.get(podPath(home, `${name}-0`)))?.metadata.uid ?? "";
  const posts = async (name: string) =>
    (await sidecars.lives({ namespace: home, nodes: [name] })).map(({ submissions }) => submissions.length);
  const held = async (name: string) => conditionOf(await seiNode(api, home, name), "HeldByWorkflow");

  beforeAll(async () => {
    home = await namespace("history");
    controller = await startController({ installation: await install(cluster, home), flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: [...names, PLAIN] });
    for (const [name, tasks] of [...UNKNOWN, ["purpose", PURPOSE] as const]) {
      const listAnswer = { status: 200, body: JSON.stringify(tasks) };
      await sidecars.behave({ listAnswer }, { namespace: home, nodes: [name] });
    }
    await sidecars.shut({ namespace: home, nodes: [...names, PLAIN] });
    for (const name of names) {
      await untilNode(api, { namespace: home, name }, (node) => conditionOf(node, "SidecarReady") === "False/NotReady");
    }
    await untilNode(
      api,
      { namespace: home, name: PLAIN },
      (node) => isAtRest(node) && node.status?.history?.length === 2,
    );
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test(
    "stays shut, and says so in a condition, an Event, a metric and a column",
    async () => {
      await untilProbed(sidecars, { namespace: home, nodes: names });
      const { columnDefinitions, rows } = await api.table(`/apis/sei.io/v1alpha1/namespaces/${home}/seinodes`);
      const [named, column] = ["Name", "Held"].map((title) =>
        columnDefinitions.findIndex(({ name }) => name === title),
      );
      const metrics = await (await fetch(controller.metricsUrl)).text();
      for (const name of unknown) {
        expect([name, await held(name), await posts(name)]).toEqual([name, "Unknown/GateHistoryUnknown", [4]]);
        const events = await untilEvents(api, { namespace: home, name }, (all) => all.includes("GateHistoryUnknown"));
        expect(events.filter((reason) => reason === "GateHistoryUnknown")).toHaveLength(1);
        expect(rows.find(({ cells }) => cells[named ?? 0] === name)?.cells[column ?? 0]).toBe("GateHistoryUnknown");
        expect(metrics).toContain(`gate_history_unknown{namespace="${home}",name="${name}"} 1`);
      }
      expect([await held("purpose"), await posts("purpose")]).toEqual(["True/GateShutOnPurpose", [4]]);
    },
    SLOW_MS,
  );

  test(
    "is not opened by a word that names another Pod, nor one that is known to be shut on purpose by any",
    async () => {
      for (const name of unknown) await annotate(name, await podUid("purpose"));
      await annotate("purpose", await podUid("purpose"));
      await untilProbed(sidecars, { namespace: home, nodes: names });
      for (const name of names) expect([name, await posts(name)]).toEqual([name, [4]]);
    },
    SLOW_MS,
  );

  test(
    "is opened by a person who names its Pod",
    async () => {
      for (const name of unknown) await annotate(name, await podUid(name));
      for (const name of unknown) {
        const healed = await untilNode(api, { namespace: home, name }, isAtRest);
        expect([name, await posts(name), conditionOf(healed, "HeldByWorkflow")]).toEqual([name, [5], "False/NotHeld"]);
      }
      expect([await held("purpose"), await posts("purpose")]).toEqual(["True/GateShutOnPurpose", [4]]);
    },
    SLOW_MS,
  );
});
