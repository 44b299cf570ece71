/** How many nodes nothing is written for, since their specs use fields that are not supported: told once, at the start. */
import type { SeiNode } from "../model/index.ts";
import type { StoreReader } from "../kube/store/index.ts";
import type { Timers } from "../base/index.ts";
import { unsupportedField } from "../seinode/read/index.ts";
import type { Logger } from "../telemetry/index.ts";

/** What it reads, and whom it tells. */
export interface UnsupportedOptions {
  /** All nodes; their first list is in. */
  readonly nodes: Pick<StoreReader<SeiNode>, "get" | "keys">;
  readonly timers: Timers;
  readonly log: Pick<Logger, "info" | "warn">;
}

const MAX_NAMES = 5;
/** To read a node takes some 10 µs: nobody else waits for longer than a few milliseconds. */
const AT_ONCE = 500;

/** Counts and tells them. */
export async function tellUnsupported({ nodes, timers, log }: UnsupportedOptions): Promise<void> {
  const names: string[] = [];
  const fields = new Set<string>();
  let [all, found] = [0, 0];
  // They may change while others have their turn.
  const keys = Array.from(nodes.keys());
  for (const key of keys) {
    all += 1;
    if (all % AT_ONCE === 0) await new Promise<void>((resolve) => void timers.after(0, resolve));
    const field = unsupportedField(nodes.get(key)?.spec);
    if (field === null) continue;
    found += 1;
    fields.add(field);
    if (names.length < MAX_NAMES) names.push(key);
  }
  if (found === 0) return log.info("All specs are supported", { nodes: all });
  log.warn("Specs are not supported: nothing is written for these nodes", {
    nodes: found,
    of: all,
    names,
    fields: [...fields].toSorted(),
    hint: "Their condition Stalled is UnsupportedSpec. docs/moving-over.md says how to list them",
  });
}
