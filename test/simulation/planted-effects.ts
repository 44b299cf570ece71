/** Planted bugs of what is proven right before an effect: each takes away one proof, and leaves all others. */
import type { PlantedBug } from "./planted.ts";

const CONFIRM = "src/executor/confirm.ts";
const MARK_READY = "src/executor/tasks/mark-ready.ts";
const OBSERVE_IMAGE = "src/executor/tasks/observe-image.ts";

/** What is read live. */
const unread: readonly PlantedBug[] = [
  {
    title: "a claim is not read live",
    edits: [
      {
        file: "src/executor/proofs.ts",
        from: "const found = await ports.objects.claim(metadata.namespace, dataVolume.claimName);",
        to: 'const found = { kind: "ok", value: ports.owned(context.node).claim ?? dataVolume };',
      },
    ],
    found: { by: "silences", kind: "claims" },
    code: "claim",
  },
  {
    title: "a Pod is not read live",
    edits: [
      {
        file: "src/executor/proofs.ts",
        from: "const reply = await ports.objects.pod(pod.namespace, pod.name);",
        to: 'const reply = { kind: "ok", value: pod };',
      },
    ],
    found: { by: "silences", kind: "Pods" },
    code: "address",
  },
  {
    title: "the tasks of a gate are not read anew",
    edits: [{ file: MARK_READY, from: "fleeting: () => gateProof(context, at),", to: "fleeting: async () => null," }],
    found: { by: "awaits", work: "a gate that is opened", change: "its gate is shut on purpose" },
    code: "purpose",
  },
  {
    title: "the node is not read live",
    edits: [{ file: CONFIRM, from: "return (await ports.refresh(node)) ? null", to: "return node !== null ? null" }],
    found: { by: "awaits", work: "a gate that is opened", change: "it is paused" },
    code: "pause",
  },
  {
    title: "a StatefulSet is not read live before its Pod is deleted, and nothing bounds the deletions",
    edits: [
      {
        file: OBSERVE_IMAGE,
        from: "const found = await ports.objects.statefulSet(namespace, statefulSetName(name));",
        to: 'const found = { kind: "ok", value: ports.owned(node).statefulSet };',
      },
      {
        file: OBSERVE_IMAGE,
        from: "ports.objects.statefulSet(namespace, statefulSetName(name)),",
        to: '{ kind: "ok", value: ports.owned(node).statefulSet },',
      },
      { file: OBSERVE_IMAGE, from: "const DELETION_EVERY_MS = 60_000;", to: "const DELETION_EVERY_MS = 0;" },
    ],
    found: { by: "silences", kind: "StatefulSets" },
    code: "often",
  },
];

/** What is asked of the newest stored node, with nothing awaited after it. */
const unasked: readonly PlantedBug[] = [
  {
    title: "the newest node is not asked whether it is being deleted",
    edits: [
      {
        file: CONFIRM,
        from: "if (newest.metadata.deletionTimestamp !== undefined)",
        to: "if (node.metadata.deletionTimestamp !== undefined)",
      },
    ],
    found: { by: "awaits", work: "a gate that is opened", change: "it is deleted" },
    code: "deleted",
  },
  {
    title: "the newest node is not asked whether it is paused",
    edits: [{ file: CONFIRM, from: "if (ports.isPaused(newest))", to: "if (ports.isPaused(node))" }],
    found: { by: "awaits", work: "a gate that is opened", change: "it is paused" },
    code: "pause",
  },
  {
    title: "the newest node is not asked whether it is held",
    edits: [{ file: CONFIRM, from: "const held = workflowHold(newest);", to: "const held = workflowHold(node);" }],
    found: { by: "awaits", work: "a gate that is opened", change: "a workflow is in progress" },
    code: "hold",
  },
  {
    title: "the newest node is not asked whether it has the plan",
    edits: [
      { file: CONFIRM, from: "const { plan: stored } = newest.status;", to: "const { plan: stored } = node.status;" },
    ],
    found: { by: "awaits", work: "a gate that is opened", change: "its plan is gone" },
    code: "plan",
  },
  {
    title: "the fence is asked once for a step of several requests",
    edits: [
      { file: CONFIRM, from: "await effect(ports.effects(permit));", to: "await effect(ports.effects(() => null));" },
    ],
    found: { by: "awaits", work: "a node that is brought up", change: "the right to act runs out" },
    code: "fence",
  },
  {
    title: "no request carries a permit",
    edits: [
      { file: "src/kube/client/client.ts", from: "const why = limits.permit?.() ?? null;", to: "const why = null;" },
      {
        file: "src/kube/client/request-queue.ts",
        from: "const why = limits.permit?.() ?? null;",
        to: "const why = null;",
      },
    ],
    found: { by: "awaits", work: "a node that is brought up", change: "the right to act runs out" },
    code: "fence",
  },
  {
    title: "the fence is not asked",
    edits: [
      {
        file: "src/controller/session.ts",
        from: "({ metadata }) => leadership.mayWrite(keyOf(metadata)),",
        to: "({ metadata }) => keyOf(metadata) !== '',",
      },
    ],
    found: { by: "awaits", work: "a gate that is opened", change: "the right to act runs out" },
    code: "fence",
  },
  {
    title: "a workflow that has adopted a node is not heeded",
    edits: [
      {
        file: "src/model/gate/held.ts",
        from: 'if (adoptedWorkflow !== undefined && adoptedWorkflow !== null) return "AdoptedWorkflow";',
        to: 'if (adoptedWorkflow?.name === "") return "AdoptedWorkflow";',
      },
    ],
    found: { by: "awaits", work: "a gate that is opened", change: "a workflow adopts it" },
    code: "hold",
  },
];

/** What stands there, and whose it is. */
const misjudged: readonly PlantedBug[] = [
  {
    title: "what is deleted with cascade=orphan is taken down",
    edits: [
      { file: "src/core/delete-node.ts", from: "if (isOrphaning(node)) return letGo(context);", to: "" },
      {
        file: "src/executor/operations/delete-objects.ts",
        from: "return isOrphaning(newest) ?",
        to: "return newest === null ?",
      },
    ],
    found: { by: "day", seed: 59 },
    code: "orphan",
  },
  {
    title: "a status that was wiped is a new node's",
    edits: [{ file: "src/core/life.ts", from: "return lostLife(context, standing);", to: 'return { kind: "new" };' }],
    found: { by: "day", seed: 38 },
    code: "init",
  },
  {
    title: "a home is judged by the list of volumes",
    edits: [
      {
        file: "src/model/home.ts",
        from: 'return pod.home !== null && pod.home.claim === claimName && pod.home.subPath === "";',
        to: "return pod.claims?.includes(claimName) ?? true;",
      },
    ],
    found: { by: "day", seed: 11 },
    code: "volume",
  },
  {
    title: "a 404 removes whatever is there",
    edits: [
      {
        file: "src/kube/store/store.ts",
        from: "if (held === undefined || uid === null || this.#options.uidOf?.(held) !== uid) return;",
        to: "if (held === undefined) return;",
      },
    ],
    found: { by: "awaits", work: "a gate that is opened", change: "it is made again" },
    code: "unseen",
  },
  {
    title: "an imported claim is not reserved",
    edits: [
      {
        file: "src/executor/import-volume.ts",
        from: "return { ...again(0, `claim ${wish.name}: it is reserved first`), status: { reservedVolume: volume } };",
        to: 'return { kind: "done", status: { dataVolume: volume } };',
      },
    ],
    found: { by: "awaits", work: "a node that imports a claim", change: "another imports its claim" },
    code: "shared",
  },
];

/** All of them. */
export const bugsOfEffects: readonly PlantedBug[] = [...unread, ...unasked, ...misjudged];
