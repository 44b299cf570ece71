/** The metrics page as it is served: rendered in slices, by one for all who ask within a second. */
import type { Clock, Timers } from "../base/index.ts";
import type { Instruments } from "./instruments.ts";
import type { NodeState } from "./node-state.ts";
import { prometheusBlocks } from "./prometheus-text.ts";

/** What a page is made from. */
export interface MetricsRenderOptions {
  readonly instruments: Instruments;
  /** The nodes as they are when asked. */
  readonly nodes: () => Iterable<NodeState>;
  /** Called before each rendering, to set what no event tells of. */
  readonly measure: () => void;
  readonly clock: Pick<Clock, "mono">;
  readonly timers: Timers;
}

/** A page in pieces, which belong to all who asked. */
export type MetricsPage = readonly Uint8Array[];

/** A page is given out for so long, so that no crowd of readers renders more often. */
const KEPT_MS = 1000;
/** Timers, and with them the Lease, wait no longer for it at a time. */
const SLICE_MS = 5;
const PIECE_CHARS = 64 * 1024;

/** A function that gives the page, at most a second old. A defect in rendering rejects, and is not kept. */
export function metricsRender(options: MetricsRenderOptions): () => Promise<MetricsPage> {
  const { clock } = options;
  let page: Promise<MetricsPage> | null = null;
  let keptUntil = Number.POSITIVE_INFINITY;
  return () => {
    if (page !== null && clock.mono() < keptUntil) return page;
    keptUntil = Number.POSITIVE_INFINITY;
    const begun = clock.mono();
    const rendering = renderPage(options).then(
      (done) => {
        keptUntil = begun + KEPT_MS;
        return done;
      },
      (error: unknown) => {
        page = null;
        throw error;
      },
    );
    page = rendering;
    return rendering;
  };
}

async function renderPage({ instruments, nodes, measure, clock, timers }: MetricsRenderOptions): Promise<MetricsPage> {
  measure();
  const pieces: Uint8Array[] = [];
  let text = "";
  let until = clock.mono() + SLICE_MS;
  for (const block of prometheusBlocks(instruments, nodes())) {
    text += block;
    if (text.length >= PIECE_CHARS) {
      pieces.push(Buffer.from(text));
      text = "";
    }
    if (clock.mono() < until) continue;
    await new Promise<void>((resolve) => void timers.after(0, resolve));
    until = clock.mono() + SLICE_MS;
  }
  pieces.push(Buffer.from(text));
  return pieces;
}
