/** One task on a bench: what is stored, what is live, what the sidecar says, and every effect that left. */
import type {
  ClaimView,
  Incarnation,
  NodeStatus,
  PodView,
  SeiNode,
  ServiceView,
  StatefulSetView,
  StoredPlan,
  StoredTask,
  TaskContext,
} from "../../src/model/index.ts";
import type { Effects, ExecutorPorts, Reply, SidecarReads } from "../../src/executor/ports.ts";
import type { Permit } from "../../src/base/index.ts";
import { execute } from "../../src/executor/run-task.ts";
import { incarnationOf } from "../../src/model/gate/index.ts";
import type { SidecarTask, Submitted, TaskAnswer } from "../../src/sidecar/index.ts";
import { Imports } from "../fixtures/imports.ts";
import { aClaim, aPod, aService, aStatefulSet } from "../fixtures/stage.ts";

const ID = "11111111-1111-5111-8111-111111111111";

/** Everything a test may set and look at. */
export class Bench {
  pod: PodView | null = aPod("pod-1");
  /** What a live read of the Pod gives. */
  live: Reply<PodView> = { kind: "ok", value: aPod("pod-1") };
  pods: PodView[] = [aPod("pod-1")];
  statefulSet: StatefulSetView | null = aStatefulSet("v1");
  claim: ClaimView | null = aClaim("claim-1");
  status: NodeStatus = { phase: "Running", dataVolume: { claimName: "data-node", uid: "claim-1" } };
  plan: Partial<StoredPlan> = {};
  task: Partial<StoredTask> = {};
  annotations: Readonly<Record<string, string>> = {};
  fresh = true;
  mayAct = true;
  /** What is stored of the node by the time of the effect; null = it is gone, unless it is as the task was given it. */
  newest: (node: SeiNode) => SeiNode | null = (node) => node;
  /** Whether the node can be read live, which happens when it was not just stored. */
  refresh: () => boolean = () => true;
  /** Runs when the request of an effect is about to be sent, after all waiting. */
  whenSent: () => void = () => undefined;
  mono: () => number = () => 0;
  now = Date.parse("2026-01-01T00:00:00Z");
  /** Answers of the sidecar; the last one stands for all that follow. */
  submitReplies: Submitted[] = [{ kind: "accepted" }];
  answers: TaskAnswer[] = [];
  tasks: SidecarTask[] | null = [];
  /** What a live read of the set gives, where it is not what is stored. */
  found: Reply<StatefulSetView> | null = null;
  foundService: Reply<ServiceView> = { kind: "ok", value: aService() };
  foundClaim: Reply<ClaimView> = { kind: "ok", value: aClaim("claim-1") };
  applied: Reply<null> = { kind: "ok", value: null };
  /** What the patch to OnDelete, and the giving up of the reference's fields, come to. */
  turned: Reply<null> = { kind: "ok", value: null };
  released: Reply<null> = { kind: "ok", value: null };
  /** The Service as it is after an apply. */
  service: ServiceView = aService();
  /** Image that the sidecar is to run. */
  sidecarImage: string | null = "sidecar:v1";
  /** Types of the tasks that come before the one on the bench. */
  before: readonly string[] = [];
  deleted: Reply<null> = { kind: "ok", value: null };
  /** Whether nobody edited the Pod's images in place. */
  asMade: Reply<boolean> = { kind: "ok", value: true };
  imports = new Imports();
  /** Every effect, in order. */
  effects: string[] = [];

  run(type: string, params: StoredTask["params"] = {}) {
    const context = this.#context(type, params);
    this.#stored = { ...context.node, status: { ...context.node.status, plan: context.plan } };
    return execute(context, this.ports());
  }

  #stored: SeiNode | null = null;

  #context(type: string, params: StoredTask["params"]): TaskContext {
    const before = this.before.map((other): StoredTask => ({ type: other, id: ID, status: "Complete", params: {} }));
    const task: StoredTask = { type, id: ID, status: "Pending", params, ...this.task };
    return {
      node: {
        metadata: {
          namespace: "sei",
          name: "node",
          uid: "node-uid",
          resourceVersion: "1",
          generation: 1,
          annotations: this.annotations,
        },
        spec: { chainId: "sei-test", image: "seid:v1", fullNode: {} },
        status: this.status,
      },
      plan: { id: "00000000-0000-4000-8000-000000000000", phase: "Active", tasks: [...before, task], ...this.plan },
      index: before.length,
      task,
      fresh: this.fresh,
      sinceStartMs: 0,
      now: this.now,
      signal: new AbortController().signal,
    };
  }

  ports(): ExecutorPorts {
    const next = <T>(from: T[], otherwise: T): T => (from.length > 1 ? from.shift() : from[0]) ?? otherwise;
    const sidecar: SidecarReads = {
      health: async () => ({ state: "notReady", tasks: this.tasks ?? [] }),
      task: async () => next<TaskAnswer>(this.answers, { kind: "notFound" }),
      tasks: async () => this.tasks,
    };
    return {
      objects: {
        claim: async () => this.foundClaim,
        statefulSet: async () => this.#set(),
        service: async () => this.foundService,
        job: async () => missing,
        pod: async () => this.live,
        hasImagesAsMade: async () => this.asMade,
      },
      effects: (permit) => this.#effects(permit),
      newest: (node) => this.newest(this.#stored ?? node),
      refresh: async () => this.refresh(),
      isPaused: ({ spec }) => spec["paused"] === true,
      imports: this.imports.port,
      recipes: {
        statefulSet: () => ({}),
        service: () => ({}),
        claim: () => ({}),
        bootstrapJob: () => null,
        bootstrapService: () => null,
      },
      owned: () => ({
        pod: this.pod,
        statefulSet: this.statefulSet,
        service: aService(),
        claim: this.claim,
        sidecarImage: this.sidecarImage,
      }),
      pods: () => this.pods,
      bootstrapJob: () => null,
      sidecar: () => (this.pod === null ? null : sidecar),
      mono: () => this.mono(),
      pause: async () => undefined,
      mayAct: () => this.mayAct,
    };
  }

  #set(): Reply<StatefulSetView> {
    const stored = this.statefulSet;
    return this.found ?? (stored === null ? { kind: "notFound" } : { kind: "ok", value: stored });
  }

  #effects(permit: Permit): Effects {
    const next = <T>(from: T[], otherwise: T): T => (from.length > 1 ? from.shift() : from[0]) ?? otherwise;
    /** As the client does: right before a request is sent, all is asked once more. */
    const isWithheld = (): boolean => {
      this.whenSent();
      return permit() !== null;
    };
    const withheld = { kind: "failed", why: "withheld" } as const;
    return {
      submit: async (_to, { id, type }) => {
        if (isWithheld()) return { kind: "unreachable", cause: "withheld" };
        this.effects.push(`submit ${type} ${id}`);
        return next(this.submitReplies, { kind: "accepted" });
      },
      objects: {
        createClaim: async () => {
          if (isWithheld()) return withheld;
          this.effects.push("create claim");
          return { kind: "ok", value: aClaim("claim-2") };
        },
        adoptClaim: async () => this.foundClaim,
        adoptService: async () => this.foundService,
        adoptStatefulSet: async () => this.#set(),
        reclaim: async () => {
          if (isWithheld()) return withheld;
          this.effects.push("reclaim claim");
          return this.foundClaim;
        },
        applyStatefulSet: async (_object, force) => {
          if (isWithheld()) return withheld;
          this.effects.push(`apply set${force ? " forced" : ""}`);
          const set = this.#set();
          const isOfReference = set.kind === "ok" && set.value.isOfReference;
          return this.applied.kind === "ok"
            ? { kind: "ok", value: { ...aStatefulSet("v1"), isOfReference } }
            : this.applied;
        },
        setOnDelete: async ({ uid }) => {
          if (isWithheld()) return withheld;
          this.effects.push(`on delete ${uid}`);
          return this.turned.kind === "ok" ? this.#set() : this.turned;
        },
        releaseStatefulSet: async ({ uid }) => {
          if (isWithheld()) return withheld;
          this.effects.push(`release set ${uid}`);
          return this.released.kind === "ok" ? { kind: "ok", value: aStatefulSet("v3") } : this.released;
        },
        applyService: async (_object, force) => {
          if (isWithheld()) return withheld;
          this.effects.push(`apply service${force ? " forced" : ""}`);
          return this.applied.kind === "ok" ? { kind: "ok", value: this.service } : this.applied;
        },
        releaseService: async ({ uid }) => {
          if (isWithheld()) return withheld;
          this.effects.push(`release service ${uid}`);
          return this.released.kind === "ok" ? { kind: "ok", value: aService() } : this.released;
        },
        ...NO_BOOTSTRAP,
        deletePod: async ({ uid }) => {
          if (isWithheld()) return withheld;
          this.effects.push(`delete ${uid}`);
          return this.deleted;
        },
      },
    };
  }
}

/** The bootstrap has a stage of its own: bootstrap.test.ts. */
const missing = { kind: "notFound" } as const;
const NO_BOOTSTRAP = {
  deleteStatefulSet: async () => missing,
  deleteClaim: async () => missing,
  createService: async () => missing,
  deleteService: async () => missing,
  createJob: async () => missing,
  deleteJob: async () => missing,
};

/** The life of the sidecar in `aPod("pod-1")`. */
export const LIFE: Incarnation = incarnationOf(aPod("pod-1"));

/** A task as the sidecar tells it. */
export function known(status: SidecarTask["status"], error: string | null = null): TaskAnswer {
  return { kind: "found", task: { id: ID, type: "mark-ready", status, error, submittedAt: null, run: null } };
}

/** The effect of handing over a task of this type. */
export function submitted(type: string): string {
  return `submit ${type} ${ID}`;
}
