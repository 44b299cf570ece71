/** The controller killed at every point of a plan: what is stored is enough to end as if nothing had happened. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { taskId } from "../../src/model/index.ts";
import type { AuditEntry } from "./harness/audit-log.ts";
import type { Cluster } from "./harness/cluster.ts";
import { type ControllerProcess, install, type Installation, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  eventReasons,
  isAtRest,
  seiNode,
  type SeiNodeObject,
  seiNodePath,
  untilEvents,
  untilNode,
} from "./harness/fleet.ts";
import { type HoldPoint, type HoldProxy, holdProxy, type PassingRequest } from "./harness/hold-proxy.ts";
import type { Behaviour } from "./harness/sidecar-journal.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 120_000;
const ROUNDS = 10;

/** What a heal left behind, without what differs from run to run. */
interface Trace {
  readonly records: readonly string[];
  readonly events: readonly string[];
  /** Different task ids that the healed sidecar was given. */
  readonly tasks: number;
  readonly image: string;
}

type Drift = "gate" | "image";

/** A moment of death: resolves when it has come. `name` is the node. */
type Moment = (at: {
  readonly cluster: Cluster;
  readonly door: HoldProxy;
  readonly space: string;
  readonly name: string;
}) => Promise<void>;

const writes =
  (method: string, suffix: string, body = "") =>
  (name: string) =>
  (request: PassingRequest): boolean =>
    request.method === method && request.path.endsWith(suffix.replace("NAME", name)) && request.body.includes(body);
const STATUS = "/seinodes/NAME/status";
const planStored = writes("PATCH", STATUS, '"phase":"Active"');
const planEnded = writes("PATCH", STATUS, '"plan":null');
const statefulSet = writes("PATCH", "/statefulsets/NAME");
const service = (name: string) => (request: PassingRequest) =>
  request.method === "PATCH" && request.path.includes(`/services/${name}`);
const podGone = writes("DELETE", "/pods/NAME-0");
const podRead = writes("GET", "/pods/NAME-0");
const told = writes("POST", "/events", "SidecarReadiness");

const held =
  (point: HoldPoint, which: (name: string) => (request: PassingRequest) => boolean): Moment =>
  ({ door, name }) =>
    door.hold(point, which(name));
/** The sidecar misbehaves from now on; dead as soon as it was given the task. */
const submitted =
  (behaviour: Partial<Behaviour>): Moment =>
  async ({ cluster, space, name }) => {
    const life = { namespace: space, nodes: [name] };
    const before = (await cluster.sidecars.lives(life)).flatMap(({ submissions }) => submissions).length;
    await cluster.sidecars.behave(behaviour, life);
    await eventually("a submission", async () => {
      const now = (await cluster.sidecars.lives(life)).flatMap(({ submissions }) => submissions);
      return now.length > before;
    });
  };

const cases: readonly (readonly [string, Drift, Moment])[] = [
  ["before its plan is stored", "gate", held("before", planStored)],
  ["when its plan is stored and the reply is lost", "gate", held("after", planStored)],
  ["between its plan and the POST", "gate", held("before", podRead)],
  ["when the POST was never carried out", "gate", submitted({ submitAnswer: "hang" })],
  ["when the POST was carried out and never answered", "gate", submitted({ submitAnswer: "lost" })],
  ["when the POST was answered and the task runs", "gate", submitted({ taskMs: 1500 })],
  ["before the end of the plan is stored", "gate", held("before", planEnded)],
  ["when the end of the plan is stored and the reply is lost", "gate", held("after", planEnded)],
  ["before an Event is told", "gate", held("before", told)],
  ["when an Event is told and the reply is lost", "gate", held("after", told)],
  ["before its plan is stored", "image", held("before", planStored)],
  ["when its plan is stored and the reply is lost", "image", held("after", planStored)],
  ["before the StatefulSet is applied", "image", held("before", statefulSet)],
  ["when the StatefulSet is applied and the reply is lost", "image", held("after", statefulSet)],
  ["before the Service is applied", "image", held("before", service)],
  ["when the Service is applied and the reply is lost", "image", held("after", service)],
  ["before the old Pod is deleted", "image", held("before", podGone)],
  ["when the old Pod is deleted and the reply is lost", "image", held("after", podGone)],
  ["when the POST was never carried out", "image", submitted({ submitAnswer: "hang" })],
  ["when the POST was carried out and never answered", "image", submitted({ submitAnswer: "lost" })],
  ["when the POST was answered and the task runs", "image", submitted({ taskMs: 1500 })],
  ["before the end of the plan is stored", "image", held("before", planEnded)],
  ["when the end of the plan is stored and the reply is lost", "image", held("after", planEnded)],
];

const BOTH_WAYS = ["SidecarReadinessLost", "SidecarReadinessRestored"];
const ROLL_OUT = ["UpdateComplete", "UpdateStarted"];

/** Who deleted the node's Pod, in order: told where it was replaced otherwise than once. */
function deletions(entries: readonly AuditEntry[], node: string): readonly string[] {
  return entries
    .filter(({ verb, resource, name }) => verb === "delete" && resource === "pods" && name === `${node}-0`)
    .map(({ atMs, userAgent, code }) => `${atMs} ${userAgent}: ${code}`);
}

describeCluster("killed", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let direct: Installation;
  let door: HoldProxy;
  let controller: ControllerProcess;
  let images = 1;
  const undisturbed = new Map<Drift, Trace>();

  const start = async (identity = "same"): Promise<void> => {
    controller = await startController({
      installation: door.installation,
      flags: [`--leader-elect-identity=${identity}`, "--probe-interval=1s"],
    });
  };
  const die = async (): Promise<void> => {
    await controller.kill("SIGKILL");
    door.release();
  };

  /** Waits for so many Events about a node. */
  const untilTold = async (name: string, count: number): Promise<void> => {
    try {
      await untilEvents(api, { namespace: home, name }, (reasons) => reasons.length >= count);
    } catch (cause) {
      const { status } = await seiNode(api, home, name);
      throw new Error(`${String(cause)}, want ${count}. ${JSON.stringify(status)}\n${controller.log()}`, { cause });
    }
  };
  /** Makes nodes and waits until all is told about them. */
  const make = async (names: readonly string[]): Promise<void> => {
    await bringUp(api, { namespace: home, names });
    for (const name of names) await untilTold(name, 2);
  };

  /** Makes a node drift; the result resolves when it was healed, and tells what was left behind. */
  const drift = async (name: string, kind: Drift): Promise<() => Promise<Trace>> => {
    const before = await seiNode(api, home, name);
    const eventsBefore = await eventReasons(api, home, name);
    const livesBefore = (await sidecars.lives({ namespace: home, nodes: [name] })).length;
    const old = before.status?.history?.length ?? 0;
    const beganAt = Math.floor(Date.now());
    const from = cluster.audit.offset();
    const image = kind === "image" ? `sei:${(images += 1)}` : String(before.spec["image"]);
    if (kind === "image") await api.patch(seiNodePath(home, name), { spec: { image } });
    else await api.remove(`/api/v1/namespaces/${home}/pods/${name}-0`);
    return async () => {
      const healed = (node: SeiNodeObject): boolean =>
        isAtRest(node) && (node.status?.history?.length ?? 0) > old && node.status?.currentImage === image;
      const { status } = await untilNode(api, { namespace: home, name, withinMs: 30_000 }, healed);
      // A rolled-out Pod may be marked ready before anybody saw its gate shut: then nothing was lost.
      const seen = (status?.readinessTransitions ?? []).filter(({ at }) => Date.parse(at) >= beganAt);
      await untilTold(name, eventsBefore.length + (kind === "gate" ? BOTH_WAYS.length : seen.length + ROLL_OUT.length));
      // One Event too many would come at once: the next reconcile is the catching up.
      await Bun.sleep(100);
      const node = await seiNode(api, home, name);
      const events = (await eventReasons(api, home, name)).slice(eventsBefore.length).toSorted();
      const records = (node.status?.history ?? []).slice(old);
      const lives = (await sidecars.lives({ namespace: home, nodes: [name] })).slice(livesBefore);
      const replacements = new Set(lives.map(({ podUid }) => podUid)).size;
      const deleted = replacements === 1 ? [] : deletions(cluster.audit.mutationsSince(from), name);
      expect({ replacements, deleted }).toEqual({ replacements: 1, deleted: [] });
      const given = new Set(lives.flatMap(({ submissions }) => submissions.map(({ id }) => id)));
      const stored = cluster.audit.mutationsSince(from).map(({ requestObject }) => planIdIn(requestObject));
      const ended = stored.filter((id) => records.some((record) => record.id === id.slice(0, 8)));
      const planned = ended.flatMap((id) => [0, 1, 2, 3].map((index) => taskId(id, "mark-ready", index)));
      expect([...given].filter((id) => !planned.includes(id))).toEqual([]);
      return {
        records: records.map(({ detector, outcome, healed: isHealed }) => `${detector} ${outcome} ${isHealed}`),
        events: kind === "image" && seen.length === 0 ? [...BOTH_WAYS, ...events] : events,
        tasks: given.size,
        image: node.status?.currentImage ?? "",
      };
    };
  };
  const same = (trace: Trace): Omit<Trace, "image"> => ({
    records: trace.records,
    events: trace.events,
    tasks: trace.tasks,
  });

  beforeAll(async () => {
    home = await namespace("killed");
    direct = await install(cluster, home);
    door = await holdProxy(cluster, direct);
    await start();
    await make(["calm-gate", "calm-image"]);
    undisturbed.set("gate", await (await drift("calm-gate", "gate"))());
    undisturbed.set("image", await (await drift("calm-image", "image"))());
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill("SIGKILL");
    door.close();
  }, SLOW_MS);

  test("undisturbed, a drift is one plan, one task and one Event each way", () => {
    const events = BOTH_WAYS;
    const gate = undisturbed.get("gate");
    expect(gate && same(gate)).toEqual({ records: ["sidecar-ready Complete true"], events, tasks: 1 });
    const image = undisturbed.get("image");
    expect(image && same(image)).toEqual({
      records: ["image Complete true"],
      events: [...events, ...ROLL_OUT],
      tasks: 1,
    });
  });

  test.each(cases.map(([moment, kind, when], index) => ({ moment, kind, when, name: `n${index}` })))(
    "of $kind: killed $moment, the node ends as if nothing had happened",
    async ({ kind, when, name }) => {
      await make([name]);
      const moment = when({ cluster, door, space: home, name });
      const healed = await drift(name, kind);
      await moment;
      await die();
      await sidecars.behave({ submitAnswer: "sidecar", taskMs: 5 }, { namespace: home, nodes: [name] });
      await start();
      const trace = await healed();
      const calm = undisturbed.get(kind);
      expect(same(trace)).toEqual(calm ? same(calm) : { records: [], events: [], tasks: 0 });
    },
    SLOW_MS,
  );

  test(
    "another identity waits for the dead one's Lease and then ends what it began",
    async () => {
      await make(["heir"]);
      const moment = held("after", planStored)({ cluster, door, space: home, name: "heir" });
      const healed = await drift("heir", "gate");
      await moment;
      await die();
      const diedAt = performance.now();
      await start("other");
      await controller.leads();
      expect(performance.now() - diedAt).toBeLessThan(20_000);
      const calm = undisturbed.get("gate");
      expect(same(await healed())).toEqual(calm ? same(calm) : { records: [], events: [], tasks: 0 });
      await controller.kill();
      await start();
    },
    SLOW_MS,
  );

  test(
    `killed ${ROUNDS} times at random moments, it heals each drift by one plan`,
    async () => {
      const names = ["r0", "r1", "r2", "r3"];
      for (let round = 0; round < ROUNDS; round += 1) {
        // A node's Pod is deleted at most once a minute, so each round has nodes of its own.
        const some = names.map((name) => `${name}-${round}`);
        await make(some);
        const heals = await Promise.all(some.map((name, index) => drift(name, index % 2 === 0 ? "gate" : "image")));
        const ms = Math.random() * 700;
        await Bun.sleep(ms);
        await die();
        await start();
        const traces = await Promise.all(heals.map((heal) => heal()));
        const calm = ["gate", "image", "gate", "image"] as const;
        expect({ ms, traces: traces.map(same) }).toEqual({
          ms,
          traces: calm.flatMap((kind) => undisturbed.get(kind) ?? []).map(same),
        });
      }
    },
    2 * SLOW_MS,
  );
});

/** The plan that a patch of status stores; its outcome tells the beginning of its id. */
function planIdIn(patch: unknown): string {
  return (
    takenAs<{ readonly status?: { readonly plan?: { readonly id?: string } } } | null>(patch)?.status?.plan?.id ?? ""
  );
}
