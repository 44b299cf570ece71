/** Planted bugs of the classes that controllers are known for; seeds of the swarm must find each, whatever they switch on. */
import type { PlantedBug } from "./planted.ts";
import { bugsOfEffects } from "./planted-effects.ts";
import { bugsOfJudgements } from "./planted-judgements.ts";

const REFLECTOR = "src/kube/watch/reflector.ts";
const HEALTH = "src/sidecar/health.ts";

/** Those that other runs of the simulation are shown too, put to the swarm. */
function again(title: string, code: string, seed = 1): PlantedBug {
  const known = [...bugsOfEffects, ...bugsOfJudgements].find((bug) => bug.title === title);
  if (known === undefined) throw new Error(`no such bug: ${title}`);
  return { ...known, title: `${title} (swarm)`, found: at(seed), code };
}

const at = (seed: number) => ({ by: "swarm", seed }) as const;

/** All of them. */
export const bugsOfTheCatalogue: readonly PlantedBug[] = [
  again("a status patch is not locked", "versions"),
  again("a plan is carried out before it is stored", "stored"),
  again("an id of a task does not follow from its plan", "ids"),
  again("the fence is not asked", "fence"),
  {
    title: "the first list is of any age",
    edits: [
      {
        file: REFLECTOR,
        from: "...(continueToken === null ? {} : { continue: continueToken }),",
        to: '...(continueToken === null ? { resourceVersion: "0" } : { continue: continueToken }),',
      },
      { file: "src/kube/watch/reflector-step.ts", from: "  streamRefused: false,\n", to: "  streamRefused: true,\n" },
      {
        file: "src/kube/watch/reflector-step.ts",
        from: '  attempt: { kind: "stream" },\n',
        to: '  attempt: { kind: "list", continueToken: null },\n',
      },
    ],
    found: at(1),
    code: "time",
  },
  {
    title: "a 410 is taken for any other error",
    edits: [
      {
        file: "src/kube/watch/reflector-step.ts",
        from: 'if (status === 410 || reason === "Expired" || reason === "Gone") {',
        to: 'if (reason === "Forgotten") {',
      },
    ],
    found: at(1),
    code: "watch",
  },
  {
    title: "a bookmark is taken for the end of a list",
    edits: [
      {
        file: REFLECTOR,
        from: "return writer.advance(event.version);",
        to: 'return this.#swap("stream", event.version);',
      },
    ],
    found: at(1),
    code: "quiet",
  },
  {
    title: "a key that is added while it is worked on is lost",
    edits: [
      {
        file: "src/kube/queue/queue.ts",
        from: "if (entry.ready !== null) this.#lists[entry.ready].push(entry);",
        to: "entry.ready = null;",
      },
    ],
    found: at(1),
    code: "rest",
  },
  {
    title: "a sidecar that gives no answer is a shut gate",
    edits: [
      {
        file: HEALTH,
        from: 'return { state: "unreachable", cause: asked.cause };',
        to: 'return { state: "notReady", tasks: [] };',
      },
    ],
    found: at(1),
    code: "evidence",
  },
  {
    title: "the text of an error, with its port, is told in a condition",
    edits: [
      {
        file: HEALTH,
        from: 'return { state: "unreachable", cause: asked.cause };',
        to: 'return { state: "unreachable", cause: `${asked.cause}: 10.0.0.1:54321` };',
      },
    ],
    found: at(1),
    code: "conditions",
  },
  {
    title: "Events are sent before what they tell of is stored",
    edits: [
      {
        file: "src/core/persist.ts",
        from: "const reply = await loop.writer.patchStatus(context.node, patch);",
        to: "const early = context.draft.take(); for (const event of early.events) loop.writer.send(context.node, event); const reply = await loop.writer.patchStatus(context.node, patch);",
      },
    ],
    found: at(1),
    code: "events",
  },
  {
    title: "the image is copied from the spec",
    edits: [
      {
        file: "src/executor/tasks/observe-image.ts",
        from: "currentImage: asked.seid,",
        to: 'currentImage: String(node.spec["image"]),',
      },
    ],
    found: at(1),
    code: "image",
  },
  {
    title: "a plan has no deadline",
    edits: [
      {
        file: "src/core/watch-step.ts",
        from: "watched.planMs >= RUNNING_PLAN_DEADLINE_MS;",
        to: "watched.planMs >= 100 * RUNNING_PLAN_DEADLINE_MS;",
      },
    ],
    found: at(10),
    code: "deadline",
  },
  {
    title: "a patch that met a conflict is sent again over the new version",
    edits: [
      {
        file: "src/controller/writer.ts",
        from: 'if (reply.kind === "conflict") await refresh(`${namespace}/${name}`);',
        to: 'if (reply.kind === "conflict") { await refresh(`${namespace}/${name}`); const newest = nodes.reader.get(`${namespace}/${name}`) ?? null; if (newest !== null) return send(newest, { ...patch, metadata: lockOf(newest) }, { via, ...path }); }',
      },
    ],
    found: at(1),
    code: "versions",
  },
];
