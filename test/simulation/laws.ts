/** What must hold of everything that was ever committed, whatever befell the controller. */
import type { NodeStatus, StoredPlan } from "../../src/model/index.ts";
import { shardOf } from "../../src/kube/lease/index.ts";
import { LEASE_NAME, shardLeaseName } from "../../src/seinode/crd/index.ts";
import type { Revision, Submission } from "../../src/sim/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";

const TASK_NAMESPACE = "b7e89c3a-4f12-4d8b-9a6e-1c2d3e4f5a6b";
const RANK = { Pending: 0, Running: 1, Complete: 2, Failed: 2 } as const;

interface NodeObject {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status?: NodeStatus & { readonly outcomes?: readonly string[] };
}

interface LeaseObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly holderIdentity?: string | null };
}

interface Patch {
  readonly metadata?: { readonly resourceVersion?: string; readonly uid?: string; readonly finalizers?: unknown };
}

/** Watches the log of revisions; each breach is one line. */
export class Laws {
  readonly breaches: string[] = [];
  readonly #plans = new Map<string, StoredPlan | null>();
  readonly #statuses = new Map<string, NodeStatus>();
  /** Task id to when its Active plan was first committed. */
  readonly #committed = new Map<string, { readonly node: string; readonly at: number }>();
  readonly #events = new Map<string, string>();
  /** Holder of each Lease as last committed. */
  readonly #holders = new Map<string, string>();
  /** Every node as it was last committed. */
  readonly newest = new Map<string, unknown>();
  /** Committed changes between an open and a shut gate, by node: times and directions. */
  readonly turns = new Map<string, { readonly lost: number; readonly restored: number }>();

  /** Takes revisions in their order. */
  take(revision: Revision): void {
    const { plural } = revision.resource;
    if (plural === "seinodes" && revision.type !== "DELETED")
      this.#node(takenAs<NodeObject>(revision.object), revision.at);
    if (plural === "events") this.#event(revision);
    if (plural === "leases") {
      const { metadata, spec } = takenAs<LeaseObject>(revision.object);
      this.#holders.set(metadata.name, revision.type === "DELETED" ? "" : (spec?.holderIdentity ?? ""));
    }
  }

  /** Holds what reached the sidecars against what was committed before. */
  submissions(all: readonly Submission[]): void {
    for (const { at, pod, body } of all) {
      const task = takenAs<{ id?: string; type?: string }>(JSON.parse(body));
      const known = this.#committed.get(task.id ?? "");
      const node = pod.replace(/-0$/, "");
      if (known === undefined || known.at > at || known.node !== node) {
        this.breaches.push(
          `stored: ${task.type} ${task.id} reached ${pod} and no Active plan of it was committed before`,
        );
      }
    }
  }

  /** A status is only ever written over the version it was made from. */
  sent({ method, path, body }: { readonly method: string; readonly path: string; readonly body?: string }): void {
    if (!path.includes("/seinodes/")) return;
    const patch = takenAs<Patch>(JSON.parse(body ?? "{}"));
    const { resourceVersion: _version, uid: _uid, finalizers, ...more } = patch.metadata ?? {};
    const isStatus = path.split("?")[0]?.endsWith("/status") === true;
    const isFinalizer = finalizers !== undefined && Object.keys({ ...patch, ...more }).join() === "metadata";
    if (method !== "PATCH" || (!isStatus && !isFinalizer)) {
      this.breaches.push(`spec: ${method} ${path}: a SeiNode is written through its status and its finalizers alone`);
    } else if ((patch.metadata?.resourceVersion ?? "") === "" || (patch.metadata?.uid ?? "") === "") {
      this.breaches.push(`version: a status patch without version or UID: ${body}`);
    }
  }

  /** Whoever begins a write about a node holds its shard then. */
  begun(by: { readonly identity: string; readonly key: string; readonly shards: number }): void {
    const { identity, key, shards } = by;
    const lease = shards === 1 ? LEASE_NAME : shardLeaseName(shardOf(key, shards));
    const holder = this.#holders.get(lease) ?? "";
    if (holder !== identity) this.breaches.push(`lease: ${identity} writes ${key}, while ${lease} is ${holder}'s`);
  }

  /** Events that were told of a node, by reason. */
  told(node: string, reason: string): number {
    return [...this.#events.values()].filter((line) => line === `${node} ${reason}`).length;
  }

  #node(object: NodeObject, at: number): void {
    const { metadata, status = {} } = object;
    const node = metadata.name;
    this.newest.set(node, { ...object });
    const plan = status.plan ?? null;
    const before = this.#plans.get(node) ?? null;
    if (before !== null && plan !== null && before.id !== plan.id) {
      this.breaches.push(
        `plans: ${node}: plan ${plan.id} (${plan.reason}) took the place of ${before.id} (${before.reason})`,
      );
    }
    if (before !== null && plan !== null && before.id === plan.id) this.#sameTasks(node, before, plan);
    if (plan?.phase === "Active") this.#commit(node, plan, at);
    this.#plans.set(node, plan);
    this.#turn(node, this.#statuses.get(node), status);
    this.#statuses.set(node, status);
    if (status.history !== undefined) this.breaches.push(`outcomes: ${node}: status.history is written`);
    const ids = (status.outcomes ?? []).map((line) => / id=(\S+)/.exec(line)?.[1] ?? "none");
    if (new Set(ids).size < ids.length)
      this.breaches.push(`outcomes: ${node}: a plan is in the outcomes twice: ${ids.join(" ")}`);
  }

  #commit(node: string, plan: StoredPlan, at: number): void {
    plan.tasks.forEach(({ id, type }, index) => {
      const want = Bun.randomUUIDv5(`${plan.id}/${type}/${index}`, TASK_NAMESPACE);
      if (id !== want) this.breaches.push(`ids: ${node}: task ${index} of ${plan.id} has id ${id}, want ${want}`);
      if (!this.#committed.has(id)) this.#committed.set(id, { node, at });
    });
  }

  #sameTasks(node: string, before: StoredPlan, plan: StoredPlan): void {
    const fixed = ({ tasks }: StoredPlan): string =>
      JSON.stringify(tasks.map(({ id, type, params }) => [id, type, params]));
    if (fixed(before) !== fixed(plan)) this.breaches.push(`steps: ${node}: the tasks of ${plan.id} changed`);
    plan.tasks.forEach((task, index) => {
      const old = before.tasks[index];
      if (old !== undefined && RANK[task.status] < RANK[old.status]) {
        this.breaches.push(`steps: ${node}: task ${index} of ${plan.id} went from ${old.status} to ${task.status}`);
      }
    });
    if (before.phase !== "Active" && plan.phase === "Active")
      this.breaches.push(`plans: ${node}: ${plan.id} came back`);
  }

  #turn(node: string, before: NodeStatus | undefined, after: NodeStatus): void {
    const known = this.turns.get(node) ?? { lost: 0, restored: 0 };
    const story = (status: NodeStatus | undefined): string => status?.readinessTransitions?.at(-1)?.at ?? "";
    if (story(after) === story(before)) return;
    const isLoss = after.readinessTransitions?.at(-1)?.to !== "Ready";
    this.turns.set(node, isLoss ? { ...known, lost: known.lost + 1 } : { ...known, restored: known.restored + 1 });
  }

  #event({ type, object }: Revision): void {
    const event = takenAs<{ metadata: { name: string }; regarding: { name: string }; reason: string }>(object);
    if (type !== "ADDED") this.breaches.push(`events: Event ${event.metadata.name} was ${type}`);
    this.#events.set(event.metadata.name, `${event.regarding.name} ${event.reason}`);
  }
}
