/** The detectors of this run in their order: built-ins, then plugins as given, or as the configuration lists them. */
import type { Detector, DetectorMode, RegisteredDetector } from "../model/index.ts";
import { builtinDetectors } from "../drift/index.ts";
import { tasks } from "../executor/index.ts";
import { deepFreeze } from "../plugin/index.ts";
import { guardFor, type Plugin } from "../plugin/loading/index.ts";

/** A probe and the list of tasks behind a shut gate, each with a deadline of its own, fit into this. */
const BUILTIN_MS = 6000;
/** A plugin that does not answer holds its node's reconcile up for no longer. */
const PLUGIN_MS = 1000;

const BUILTIN = { mode: "act", origin: "builtin", onFailure: "hold", deadlineMs: BUILTIN_MS } as const;
const PLUGIN = { mode: "act", origin: "plugin", onFailure: "skip", deadlineMs: PLUGIN_MS } as const;

/** A choice of `--detectors`. */
export interface Choice {
  readonly name: string;
  readonly mode: DetectorMode;
}

/** The list, or why the choice cannot be followed. */
export type RegistryReply =
  | { readonly ok: true; readonly detectors: readonly RegisteredDetector[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Builds the list. Detectors that are chosen by name come first and in that order; the others follow and act. */
export function registry(plugins: readonly Plugin[], choices: readonly Choice[] | null): RegistryReply {
  const guard = guardFor(
    new Set(tasks.map(({ type }) => type)),
    builtinDetectors.flatMap(({ conditionTypes }) => conditionTypes ?? []),
  );
  const trusting = { observed: () => null, drift: () => null, conditions: () => null };
  const usual: RegisteredDetector[] = [
    ...builtinDetectors.map((detector) => ({ ...BUILTIN, detector, guard: trusting }) as const),
    ...plugins.map(({ detector }) => ({ ...PLUGIN, detector: onFrozen(detector), guard }) as const),
  ];
  const byName = new Map(usual.map((entry) => [entry.detector.name, entry]));
  const unknown = (choices ?? []).filter(({ name }) => !byName.has(name));
  if (unknown.length > 0) {
    const known = [...byName.keys()].join(", ");
    return { ok: false, problems: unknown.map(({ name }) => `--detectors: got ${name}, want one of ${known}`) };
  }
  const chosen = (choices ?? []).flatMap(({ name, mode }) => {
    const entry = byName.get(name);
    return entry === undefined ? [] : [{ ...entry, mode }];
  });
  const named = new Set(chosen.map(({ detector }) => detector.name));
  return { ok: true, detectors: [...chosen, ...usual.filter(({ detector }) => !named.has(detector.name))] };
}

/** A plugin is given frozen data: what it changes by mistake would otherwise be everybody's. */
function onFrozen(detector: Detector<unknown>): Detector<unknown> {
  const { name, everyMs } = detector;
  const frozen: Detector<unknown> = {
    name,
    ...(everyMs === undefined ? {} : { everyMs }),
    conditions: (input) => detector.conditions?.(deepFreeze(input)) ?? [],
    detect: (input) => detector.detect(deepFreeze(input)),
  };
  if (detector.observe === undefined) return frozen;
  return {
    ...frozen,
    observe: async (input) => {
      const [node, owned] = [deepFreeze(input.node), deepFreeze(input.owned)];
      return (await detector.observe?.({ ...input, node, owned })) ?? null;
    },
  };
}
