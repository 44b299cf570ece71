/** One node under edit: it is edited, brought to rest, and laid beside a fresh install of the same spec. */
import { messageOf } from "../../src/base/index.ts";
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { conditionOf, isAtRest, type SeiNodeObject, seiNodePath, untilNode } from "../../test/cluster/harness/fleet.ts";
import { podPath } from "../../test/cluster/harness/pods.ts";
import type { Dice } from "../../test/simulation/dice.ts";
import { type Edit, edited, MISTAKES, patchOf, REFUSED, SERVED, type Sign, type Spec, told, undoing } from "./edits.ts";
import { conditionsOf, differences, objectsOf, pictureOf } from "./picture.ts";

/** Under load a roll-out takes seconds; what takes longer than this does not end. */
const REST_MS = 120_000;

/** What is counted, over all subjects. */
export interface Tally {
  edits: number;
  /** By the API server. */
  refused: number;
  mistakes: number;
  kills: number;
  recreated: number;
  comparisons: number;
}

/** Thrown when an end state is not that of a fresh install; the message says all that is known. */
export class Difference extends Error {}

/** What a subject is made of. */
export interface SubjectOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly name: string;
  readonly spec: Spec;
  readonly dice: Dice;
  readonly tally: Tally;
  /** Longest wait between two edits. */
  readonly pauseMs: number;
}

/** The node and what is known of it. */
export class Subject {
  readonly #options: SubjectOptions;
  #spec: Spec;
  #twins = 0;
  /** Edits since the last comparison, for whoever looks for what went wrong. */
  #log: string[] = [];
  edits = 0;
  /** What it waits for, and since when; null while it does not. */
  waiting: { readonly what: string; readonly since: number } | null = null;

  constructor(options: SubjectOptions) {
    this.#options = options;
    this.#spec = options.spec;
  }

  /** Makes the node, and waits until it is up. */
  async begin(): Promise<void> {
    await this.#create(this.#options.name, this.#spec);
    await this.#rest(this.#options.name);
  }

  /** One deed by lot: an edit, a mistake that is taken back, a refused one, a Pod that is killed, a node made anew. */
  async step(): Promise<void> {
    const { dice } = this.#options;
    const throwOf = dice.between(1, 100);
    if (throwOf <= 4) await this.#kill();
    else if (throwOf <= 5) await this.#recreate();
    else if (throwOf <= 14) await this.#refused();
    else if (throwOf <= 22) await this.#mistake();
    else await this.#served();
    await this.#pause();
  }

  /** Brings the node to rest and compares it; throws a `Difference`. */
  async compare(): Promise<void> {
    const { tally, name } = this.#options;
    if (this.#spec["paused"] === true) await this.#comparePaused();
    await this.#rest(name);
    await this.#takeUp();
    const twin = await this.#twin(this.#spec);
    await this.#rest(twin);
    // A Pod that was killed just before the first look may not have been missed by then.
    await this.#rest(name);
    const [edited, fresh] = await Promise.all([this.#picture(name), this.#picture(twin)]);
    const found = differences(edited, fresh);
    if (found.length > 0) this.#differ(found);
    await this.#forget(twin);
    tally.comparisons += 1;
    this.#log = [];
  }

  async #served(): Promise<void> {
    const { dice } = this.#options;
    const edit = dice.pick(SERVED)(dice, this.#spec);
    if (edit === null || (await this.#send(edit))) return;
    this.#differ([`the API server refused an edit that is served: ${told(edit)}`]);
  }

  async #refused(): Promise<void> {
    const { dice } = this.#options;
    const edit = dice.pick(REFUSED)(dice, this.#spec);
    if (edit === null) return;
    if (await this.#send(edit)) this.#differ([`the API server took what its schema should refuse: ${told(edit)}`]);
  }

  /** A bad value, then back; now and then its sign is waited for. */
  async #mistake(): Promise<void> {
    const { dice, tally } = this.#options;
    const { sign, draw } = dice.pick(MISTAKES);
    const isWaitedFor = dice.chance(0.2) && this.#spec["paused"] !== true;
    if (isWaitedFor) await this.#rest(this.#options.name);
    const before = this.#spec;
    const edit = draw(dice, before);
    if (edit === null || !(await this.#send(edit))) return;
    tally.mistakes += 1;
    if (isWaitedFor) await this.#sign(sign);
    else await this.#pause();
    await this.#send(undoing(before, edit));
  }

  async #sign(sign: Sign): Promise<void> {
    const { cluster, namespace, name } = this.#options;
    const isSeen = (node: SeiNodeObject): boolean => {
      if (sign === "Stalled") return conditionOf(node, "Stalled") === "True/InvalidSpec";
      if (sign === "PlanFailed") return node.status?.history?.at(-1)?.outcome === "Failed";
      return conditionOf(node, "NodeUpdateInProgress") === "True/UpdateStarted";
    };
    await this.#until(`the sign ${sign}`, name, isSeen);
    if (sign !== "Stalled") return;
    // A fresh install of such a spec says the same, and nothing is made for it.
    const twin = await this.#twin(this.#spec);
    await this.#until(`the sign ${sign}`, twin, isSeen);
    const { node, statefulSet, claim } = await objectsOf(cluster, namespace, twin);
    if (statefulSet !== null || claim !== null) this.#differ(["objects were made from a spec that is refused"]);
    const [edited, fresh] = [(await objectsOf(cluster, namespace, name)).node, node].map((one) => ({
      Stalled: conditionsOf(one)["Stalled"],
      Ready: conditionsOf(one)["Ready"],
    }));
    if (JSON.stringify(edited) !== JSON.stringify(fresh)) {
      this.#differ([`conditions: edited ${JSON.stringify(edited)}, fresh ${JSON.stringify(fresh)}`]);
    }
    await this.#forget(twin);
  }

  /** Nothing is made for a node that is paused from the start, so only what both say is compared; then both go on. */
  async #comparePaused(): Promise<void> {
    const { cluster, namespace, name } = this.#options;
    const isPaused = (node: SeiNodeObject): boolean =>
      conditionOf(node, "Paused") === "True/Paused" &&
      conditionOf(node, "Ready") === "False/Paused" &&
      conditionOf(node, "Reconciling") !== "True/Progressing" &&
      node.status?.observedGeneration === node.metadata.generation;
    await this.#until("the pause", name, isPaused);
    const twin = await this.#twin(this.#spec);
    await this.#until("the pause", twin, isPaused);
    const [ours, other] = [await objectsOf(cluster, namespace, name), await objectsOf(cluster, namespace, twin)];
    const replicas: unknown = Object(ours.statefulSet?.["spec"]).replicas;
    const hasNothing = ours.pod === null && (ours.statefulSet === null || replicas === 0);
    if (!hasNothing) this.#differ([`paused: replicas ${String(replicas)}, Pod ${ours.pod !== null}`]);
    if (other.statefulSet !== null) this.#differ(["a node that is paused from the start has a StatefulSet"]);
    await this.#forget(twin);
    await this.#send({ field: "paused", value: undefined });
  }

  /** What reached the template and not the Pod is told as such, and taken up when the Pod is replaced. */
  async #takeUp(): Promise<void> {
    const { cluster, namespace, name } = this.#options;
    const isOld = await eventually("the StatefulSet controller", async () => {
      const { statefulSet, pod } = await objectsOf(cluster, namespace, name);
      const { observedGeneration, updateRevision } = Object(statefulSet?.["status"]);
      const revision = pod?.metadata.labels?.["controller-revision-hash"];
      if (observedGeneration !== statefulSet?.metadata.generation || revision === undefined) return null;
      return { is: revision !== updateRevision };
    });
    await this.#until("PodOutdated", name, (node) => {
      return (conditionOf(node, "PodOutdated") === "True/TemplateChanged") === isOld.is;
    });
    if (!isOld.is) return;
    await cluster.api.remove(podPath(namespace, `${name}-0`));
    await this.#until("the new Pod", name, (node) => conditionOf(node, "PodOutdated") !== "True/TemplateChanged");
    await this.#rest(name);
  }

  async #kill(): Promise<void> {
    const { cluster, namespace, name, tally } = this.#options;
    this.#log.push("its Pod is killed");
    tally.kills += 1;
    await cluster.api.remove(podPath(namespace, `${name}-0`));
  }

  async #recreate(): Promise<void> {
    const { cluster, namespace, name, tally } = this.#options;
    this.#log.push("it is deleted and made anew");
    tally.recreated += 1;
    await cluster.api.remove(seiNodePath(namespace, name));
    const isGone = async () => (await cluster.api.get(seiNodePath(namespace, name))) === null;
    await eventually(`${name} to be gone`, isGone, REST_MS);
    await this.#create(name, this.#spec);
  }

  /** False when the API server refuses it. */
  async #send(edit: Edit): Promise<boolean> {
    const { cluster, namespace, name, tally } = this.#options;
    const patch = patchOf(this.#spec, edit);
    if (patch === null) return true;
    this.edits += 1;
    tally.edits += 1;
    this.#log.push(told(edit));
    const reply = await cluster.api.request(
      "PATCH",
      seiNodePath(namespace, name),
      patch,
      "application/json-patch+json",
    );
    if (reply.status >= 400 && reply.status < 500) {
      this.#log.push(`  refused: ${reply.text.slice(0, 200)}`);
      tally.refused += 1;
      return false;
    }
    if (reply.status >= 300) throw new Error(`PATCH ${name}: ${reply.status}: ${reply.text.slice(0, 300)}`);
    this.#spec = edited(this.#spec, edit);
    return true;
  }

  async #pause(): Promise<void> {
    const { dice, pauseMs } = this.#options;
    // Half of all edits come right after the one before.
    if (dice.chance(0.5)) await Bun.sleep(dice.between(0, pauseMs));
  }

  async #create(name: string, spec: Spec): Promise<void> {
    const { cluster, namespace } = this.#options;
    const object = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { namespace, name }, spec };
    const path = `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`;
    const reply = await cluster.api.request("POST", path, object);
    if (reply.status >= 300) throw new Error(`POST ${name}: ${reply.status}: ${reply.text.slice(0, 300)}`);
  }

  async #twin(spec: Spec): Promise<string> {
    const twin = `${this.#options.name}-twin-${(this.#twins += 1)}`;
    await this.#create(twin, spec);
    return twin;
  }

  async #forget(twin: string): Promise<void> {
    await this.#options.cluster.api.remove(seiNodePath(this.#options.namespace, twin));
  }

  async #picture(name: string): Promise<ReturnType<typeof pictureOf>> {
    const { cluster, namespace } = this.#options;
    const life = (await cluster.sidecars.lives({ namespace, nodes: [name] })).at(-1);
    return pictureOf(await objectsOf(cluster, namespace, name), { port: life?.port, isOpen: life?.ready });
  }

  #rest(name: string): Promise<void> {
    return this.#until("rest", name, isDone);
  }

  async #until(what: string, name: string, isSo: (node: SeiNodeObject) => boolean): Promise<void> {
    const { cluster, namespace } = this.#options;
    this.waiting = { what: `${name}: ${what}`, since: performance.now() };
    try {
      await untilNode(cluster.api, { namespace, name, withinMs: REST_MS }, isSo);
      this.waiting = null;
    } catch (error) {
      this.#differ([`${name} does not come to ${what}: ${messageOf(error)}`]);
    }
  }

  #differ(found: readonly string[]): never {
    const { name } = this.#options;
    throw new Difference(
      [
        `${name}, after its edit ${this.edits}:`,
        ...found.map((line) => `  ${line}`),
        `its spec: ${JSON.stringify(this.#spec)}`,
        "since the last comparison:",
        ...this.#log.map((line) => `  ${line}`),
      ].join("\n"),
    );
  }
}

/** Idle, and for the newest spec. */
function isDone(node: SeiNodeObject): boolean {
  const { generation } = node.metadata;
  const busy = ["Drift", "NodeUpdateInProgress", "Reconciling", "Paused", "Stalled"];
  return (
    isAtRest(node) &&
    node.status?.observedGeneration === generation &&
    node.status?.applied?.generation === generation &&
    busy.every((type) => !conditionOf(node, type).startsWith("True"))
  );
}
