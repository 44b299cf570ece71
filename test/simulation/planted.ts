/**
 * Bugs that are put back, to see that the simulation finds them: each is a snippet of a source file and what stood, or
 * could stand, in its place. A snippet that is not there exactly once fails the test, so that the list cannot rot.
 */

/** One change of one file. `file`: from the root of the checkout. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** One bug. */
export interface PlantedBug {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Where it is found: by the seeds of trial.ts or of day.ts; or at the awaits of awaits.ts, which are numbered. */
  readonly by: "trial" | "day" | "awaits";
  /** Code of the breach. */
  readonly code: string;
  /** One that finds it and that was not made for it: the first from 1 on that breaks this law with the bug and not without. */
  readonly seed: number;
}

/** All of them. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    title: "a status patch is not locked",
    edits: [
      {
        file: "src/cli/controller/status-writer.ts",
        from: "return { resourceVersion, uid };",
        to: "return { uid, ...(resourceVersion === '' ? { resourceVersion } : {}) };",
      },
    ],
    by: "trial",
    code: "S7",
    seed: 1,
  },
  {
    title: "a plan is carried out before it is stored",
    edits: [
      {
        file: "src/core/turn.ts",
        from: "const reply = await ports.patchStatus(turn.node, patch);",
        to: "void ports.patchStatus(turn.node, patch); const status = turn.draft.status; const reply = { kind: 'stored', node: { ...turn.node, status }, status };",
      },
    ],
    by: "trial",
    code: "S3",
    seed: 1,
  },
  {
    title: "an id of a task does not follow from its plan",
    edits: [
      {
        file: "src/core/task-id.ts",
        from: "return Bun.randomUUIDv5(`${planId}/${type}/${index}`, TASK_NAMESPACE);",
        to: "return Bun.randomUUIDv5(`${planId}/${type}/${index + 1}`, TASK_NAMESPACE);",
      },
    ],
    by: "trial",
    code: "S4",
    seed: 1,
  },
  {
    title: "the fence is not asked",
    edits: [
      {
        file: "src/cli/controller/session.ts",
        from: "leadership?.mayWrite(keyOf(metadata)) ?? false;",
        to: "leadership !== null && keyOf(metadata) !== '';",
      },
    ],
    by: "awaits",
    code: "fence",
    seed: 93,
  },
  {
    title: "a workflow that has adopted a node is not heeded",
    edits: [
      {
        file: "src/drift/held.ts",
        from: 'if (adoptedWorkflow !== undefined && adoptedWorkflow !== null) return "AdoptedWorkflow";',
        to: 'if (adoptedWorkflow?.name === "") return "AdoptedWorkflow";',
      },
    ],
    by: "awaits",
    code: "hold",
    seed: 1,
  },
];
