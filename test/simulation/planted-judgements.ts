/** Planted bugs of what is stored, of drifts that mute one another, and of what counts as evidence. */
import type { PlantedBug } from "./planted.ts";

const HEALTH = "src/sidecar/health.ts";

const plans: readonly PlantedBug[] = [
  {
    title: "a status patch is not locked",
    edits: [
      {
        file: "src/controller/writer.ts",
        from: "return { resourceVersion, uid };",
        to: "return { uid, ...(resourceVersion === '' ? { resourceVersion } : {}) };",
      },
    ],
    found: { by: "trial", seed: 1 },
    code: "version",
  },
  {
    title: "a plan is carried out before it is stored",
    edits: [
      {
        file: "src/core/reconcile.ts",
        from: 'decided.kind === "decided" ? await persist(decided) : decided;',
        to: 'decided.kind !== "decided" ? decided : await persist({ ...decided, context: (await act({ kind: "persisted", obstacle: decided.obstacle, madePlan: decided.context.draft.status.plan?.id ?? null, context: { ...decided.context, node: { ...decided.context.node, status: decided.context.draft.status } } })).context });',
      },
      {
        file: "src/executor/confirm.ts",
        from: 'if (stored?.id !== plan.id || stored.phase !== "Active") {',
        to: "if (stored?.id === '') {",
      },
    ],
    found: { by: "trial", seed: 2 },
    code: "stored",
  },
  {
    title: "an id of a task does not follow from its plan",
    edits: [
      {
        file: "src/model/task-id.ts",
        from: "return Bun.randomUUIDv5(`${planId}/${type}/${index}`, TASK_NAMESPACE);",
        to: "return Bun.randomUUIDv5(`${planId}/${type}/${index + 1}`, TASK_NAMESPACE);",
      },
    ],
    found: { by: "trial", seed: 1 },
    code: "ids",
  },
];

const muted: readonly PlantedBug[] = [
  {
    title: "a refused write does not end its plan",
    edits: [
      {
        file: "src/executor/outcomes.ts",
        from: 'return fail("API_REFUSED", `${what}: ${reply.why}`);',
        to: "return again(RETRY_AFTER_MS, `${what}: ${reply.why}`);",
      },
    ],
    found: { by: "day", seed: 65 },
    code: "refused",
  },
  {
    title: "a drift that waits mutes those below it",
    edits: [{ file: "src/core/judge.ts", from: "if (isMeant && why === null) break;", to: "if (isMeant) break;" }],
    found: { by: "day", seed: 65 },
    code: "refused",
  },
  {
    title: "a roll-out is seen through by the images that a Pod says",
    edits: [
      {
        file: "src/executor/tasks/observe-image.ts",
        from: "if (pod.generation === 1) return null;",
        to: "return again(LOOK_AGAIN_MS, OTHER);",
      },
    ],
    found: { by: "day", seed: 30 },
    code: "mirror",
  },
];

const evidence: readonly PlantedBug[] = [
  {
    title: "any 503 is a shut gate",
    edits: [
      { file: HEALTH, from: "if (apiServer !== null) {", to: "if (apiServer?.reason === '') {" },
      { file: HEALTH, from: "if (body.length > 0) return", to: "if (body.length < 0) return" },
      {
        file: HEALTH,
        from: 'return { state: "probeError", cause: `${UNPROVEN}: ${read.cause}` };',
        to: 'return { state: "notReady", tasks: [] };',
      },
    ],
    found: { by: "day", seed: 68 },
    code: "evidence",
  },
  {
    title: "a gate whose history is not known is opened",
    edits: [
      {
        file: "src/model/gate/gate-history.ts",
        from: 'return { kind: "unknown", why };',
        to: 'return { kind: why === "" ? "unknown" : "mayOpen", why };',
      },
    ],
    found: { by: "day", seed: 97 },
    code: "purpose",
  },
];

/** All of them. */
export const bugsOfJudgements: readonly PlantedBug[] = [...plans, ...muted, ...evidence];
