/** One task on a bench: what is stored, what is live, what the sidecar says, and every effect that left. */
import type { Incarnation, StoredPlan, StoredTask } from "../../src/core/plan.ts";
import type { NodeStatus } from "../../src/core/node.ts";
import type { TaskContext } from "../../src/core/ports.ts";
import type { ClaimView, PodView, StatefulSetView } from "../../src/core/views.ts";
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
  serviceOwner: Reply<string | null> = { kind: "ok", value: "node-uid" };
  foundClaim: Reply<ClaimView> = { kind: "ok", value: aClaim("claim-1") };
  applied: Reply<null> = { kind: "ok", value: null };
  deleted: Reply<null> = { kind: "ok", value: null };
  imports = new Imports();
  /** Every effect, in order. */
  effects: string[] = [];

  run(type: string, params: StoredTask["params"] = {}) {
    return execute(this.#context(type, params), this.ports());
  }

  #context(type: string, params: StoredTask["params"]): TaskContext {
    const task: StoredTask = { type, id: ID, status: "Pending", params, ...this.task };
    return {
      node: {
        metadata: { namespace: "sei", name: "node", uid: "node-uid", resourceVersion: "1", generation: 1 },
        spec: { chainId: "sei-test", image: "seid:v1", fullNode: {} },
        status: this.status,
      },
      plan: { id: "00000000-0000-4000-8000-000000000000", phase: "Active", tasks: [task], ...this.plan },
      index: 0,
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
        statefulSet: async () => this.found,
        applyStatefulSet: async (_object, force) => {
          this.effects.push(`apply set${force ? " forced" : ""}`);
          return this.applied.kind === "ok" ? { kind: "ok", value: aStatefulSet("v1") } : this.applied;
        },
        serviceOwner: async () => this.serviceOwner,
        applyService: async (_object, force) => {
          this.effects.push(`apply service${force ? " forced" : ""}`);
          return this.applied.kind === "ok" ? { kind: "ok", value: aService() } : this.applied;
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
        sidecarImage: null,
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
  service: async () => missing,
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
