/** What each detector saw and said of each node, written down beside the loop that asks them. */
import {
  type DetectInput,
  type Drift,
  keyOf,
  type NodeKey,
  type RegisteredDetector,
  type SeiNode,
} from "../model/index.ts";
import { oneLine } from "../base/index.ts";

/** One detector's word about one node. */
export interface Finding {
  readonly detector: string;
  readonly mode: RegisteredDetector["mode"];
  /** What it saw; undefined when it did not look. */
  readonly observed: unknown;
  /** Null = no drift, or it was not asked. */
  readonly drift: Drift | null;
  /** What it failed with; null when it is well. */
  readonly failure: string | null;
  /** False: the loop did not come to it, and `drift` is what it would have said. */
  readonly wasAsked: boolean;
}

/** The journal, and the detectors that write into it. */
export interface Journal {
  readonly detectors: readonly RegisteredDetector[];
  /** Of all of them in their order; those that the loop did not come to are asked now. */
  findings(key: NodeKey): readonly Finding[];
}

interface Page {
  readonly observed: Map<string, unknown>;
  readonly said: Map<string, { readonly drift: Drift | null; readonly failure: string | null }>;
  /** What the last one was given to judge by, without what it saw itself. */
  input: DetectInput<unknown> | null;
}

/** Begins a journal over these detectors. Nobody looks at a node that is not meant. */
export function keepJournal(list: readonly RegisteredDetector[], isMeant: (node: SeiNode) => boolean): Journal {
  const pages = new Map<NodeKey, Page>();
  const pageOf = (key: NodeKey): Page => {
    const page = pages.get(key) ?? { observed: new Map(), said: new Map(), input: null };
    pages.set(key, page);
    return page;
  };
  const judge = (entry: RegisteredDetector, input: DetectInput<unknown>): Drift | null => {
    const page = pageOf(keyOf(input.node.metadata));
    page.input = input;
    const { name } = entry.detector;
    try {
      const drift = entry.detector.detect(input);
      page.said.set(name, { drift, failure: drift === null ? null : entry.guard.drift(drift) });
      return drift;
    } catch (error) {
      page.said.set(name, { drift: null, failure: `detect() threw: ${oneLine(error)}` });
      throw error;
    }
  };
  return {
    detectors: list.map((entry) => ({
      ...entry,
      detector: {
        ...entry.detector,
        ...(entry.detector.observe === undefined
          ? {}
          : {
              observe: async (input) => {
                if (!isMeant(input.node)) return null;
                const seen = (await entry.detector.observe?.(input)) ?? null;
                pageOf(keyOf(input.node.metadata)).observed.set(entry.detector.name, seen);
                return seen;
              },
            }),
        detect: (input) => judge(entry, input),
      },
    })),
    findings(key) {
      const page = pageOf(key);
      return list.map((entry) => {
        const { name } = entry.detector;
        const said = page.said.get(name) ?? null;
        const observed = page.observed.get(name);
        const own = said ?? wouldSay(entry, page.input, observed);
        return { detector: name, mode: entry.mode, observed, ...own, wasAsked: said !== null };
      });
    },
  };
}

/** What one that was not asked would have said; nothing where no detector was. */
function wouldSay(
  { detector, mode }: RegisteredDetector,
  input: DetectInput<unknown> | null,
  observed: unknown,
): { readonly drift: Drift | null; readonly failure: string | null } {
  if (input === null || mode === "off") return { drift: null, failure: null };
  try {
    return { drift: detector.detect({ ...input, observed: observed ?? null }), failure: null };
  } catch (error) {
    return { drift: null, failure: `detect() threw: ${oneLine(error)}` };
  }
}
