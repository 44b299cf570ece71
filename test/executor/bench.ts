/** One task on a bench: what is stored, what is live, what the sidecar says, and every effect that left. */
import type { Incarnation, StoredPlan, StoredTask } from "../../src/core/plan.ts";
import type { NodeStatus } from "../../src/core/node.ts";
import type { TaskContext } from "../../src/core/ports.ts";
import type { ClaimView, PodView, ServiceView, StatefulSetView } from "../../src/core/views.ts";
import { execute, type ExecutorPorts, type Reply } from "../../src/executor/index.ts";
import { incarnationOf, isShutOnPurpose, workflowHold } from "../../src/drift/index.ts";
import type { Sidecar, SidecarTask, Submitted, TaskAnswer } from "../../src/sidecar/index.ts";
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
  fresh = true;
  mayAct = true;
  /** Answers of the sidecar; the last one stands for all that follow. */
  submitReplies: Submitted[] = [{ kind: "accepted" }];
  answers: TaskAnswer[] = [];
  tasks: SidecarTask[] | null = [];
  found: Reply<StatefulSetView> = { kind: "ok", value: aStatefulSet("v1") };
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
  imports = new Imports();
  /** Every effect, in order. */
  effects: string[] = [];

  run(type: string, params: StoredTask["params"] = {}) {
    return execute(this.#context(type, params), this.ports());
  }

  #context(type: string, params: StoredTask["params"]): TaskContext {
    const before = this.before.map((other): StoredTask => ({ type: other, id: ID, status: "Complete", params: {} }));
    const task: StoredTask = { type, id: ID, status: "Pending", params, ...this.task };
    return {
      node: {
        metadata: { namespace: "sei", name: "node", uid: "node-uid", resourceVersion: "1", generation: 1 },
        spec: { chainId: "sei-test", image: "seid:v1", fullNode: {} },
        status: this.status,
      },
      plan: { id: "00000000-0000-4000-8000-000000000000", phase: "Active", tasks: [...before, task], ...this.plan },
      index: before.length,
      task,
      fresh: this.fresh,
      sinceStartMs: 0,
      signal: new AbortController().signal,
    };
  }

  ports(): ExecutorPorts {
    const next = <T>(from: T[], otherwise: T): T => (from.length > 1 ? from.shift() : from[0]) ?? otherwise;
    const sidecar: Sidecar = {
      health: async () => ({ state: "notReady" }),
      submit: async ({ id, type }) => {
        this.effects.push(`submit ${type} ${id}`);
        return next(this.submitReplies, { kind: "accepted" });
      },
      task: async () => next<TaskAnswer>(this.answers, { kind: "notFound" }),
      tasks: async () => this.tasks,
    };
    return {
      objects: {
        claim: async () => this.foundClaim,
        createClaim: async () => {
          this.effects.push("create claim");
          return { kind: "ok", value: aClaim("claim-2") };
        },
        reclaim: async () => {
          this.effects.push("reclaim claim");
          return this.foundClaim;
        },
        adoptClaim: async () => this.foundClaim,
        adoptService: async () => this.foundService,
        adoptStatefulSet: async () => this.found,
        statefulSet: async () => this.found,
        applyStatefulSet: async (_object, force) => {
          this.effects.push(`apply set${force ? " forced" : ""}`);
          const isOfReference = this.found.kind === "ok" && this.found.value.isOfReference;
          return this.applied.kind === "ok"
            ? { kind: "ok", value: { ...aStatefulSet("v1"), isOfReference } }
            : this.applied;
        },
        setOnDelete: async ({ uid }) => {
          this.effects.push(`on delete ${uid}`);
          return this.turned.kind === "ok" ? this.found : this.turned;
        },
        releaseStatefulSet: async ({ uid }) => {
          this.effects.push(`release set ${uid}`);
          return this.released.kind === "ok" ? { kind: "ok", value: aStatefulSet("v3") } : this.released;
        },
        service: async () => this.foundService,
        applyService: async (_object, force) => {
          this.effects.push(`apply service${force ? " forced" : ""}`);
          return this.applied.kind === "ok" ? { kind: "ok", value: this.service } : this.applied;
        },
        releaseService: async ({ uid }) => {
          this.effects.push(`release service ${uid}`);
          return this.released.kind === "ok" ? { kind: "ok", value: aService() } : this.released;
        },
        ...NO_BOOTSTRAP,
        pod: async () => this.live,
        deletePod: async ({ uid }) => {
          this.effects.push(`delete ${uid}`);
          return this.deleted;
        },
      },
      imports: this.imports.port,
      recipes: {
        statefulSet: () => ({}),
        service: () => ({}),
        claim: () => ({}),
        bootstrapJob: () => null,
        bootstrapService: () => null,
        wireParams: (task) => (task.params["unreadable"] === true ? null : task.params),
      },
      around: () => ({
        pod: this.pod,
        statefulSet: this.statefulSet,
        service: aService(),
        claim: this.claim,
        sidecarImage: this.sidecarImage,
      }),
      pods: () => this.pods,
      bootstrapJob: () => null,
      sidecar: () => (this.pod === null ? null : sidecar),
      hold: workflowHold,
      isShutOnPurpose,
      incarnationOf,
      pause: async () => undefined,
      mayAct: () => this.mayAct,
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
  job: async () => missing,
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
