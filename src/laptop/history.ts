/** `tidekeeper history NODE`: past plans and what came of them, with the Events that are still kept. */
import type { HistoryConfig } from "../config/index.ts";
import type { SeiNode } from "../model/index.ts";
import { ageText } from "./age.ts";
import { eventsAbout, type SeenEvent } from "./node-events.ts";
import { oneNode } from "./one-node.ts";
import { dataText, readerOf } from "./output.ts";
import { openReading, type Stage } from "./reading.ts";
import { type Column, painted, type Reader, table } from "./table.ts";

/** Something that happened to a node. */
export interface HistoryRow {
  /** RFC 3339: when a plan ended, or an Event came last. */
  readonly at: string;
  readonly kind: "plan" | "event";
  /** The detector of a plan; type and sender of an Event. */
  readonly by: string;
  readonly reason: string;
  /** How a plan ended; empty for an Event. */
  readonly outcome: string;
  /** Milliseconds that a plan took; null for an Event. */
  readonly tookMs: number | null;
  readonly message: string;
  readonly plan: string;
}

/** `tidekeeper history`. Returns the exit code. */
export async function history(config: HistoryConfig, stage: Stage): Promise<0> {
  const { world } = stage;
  const reading = await openReading(config, stage);
  const node = await oneNode(reading, "history", config.node);
  const { namespace, name } = node.metadata;
  const events = await eventsAbout(reading, { namespace, kind: "SeiNode", name });
  const rows = historyRows(node, events.ok ? events.value : []);
  await world.write("stdout", historyText(rows, config, { reader: readerOf(world), now: world.clock.wall() }));
  if (!events.ok) await world.write("stderr", `tidekeeper: warning: Events are not shown: ${events.fault.why}\n`);
  const isForPeople = config.output === "table" || config.output === "wide";
  if (rows.length === 0 && isForPeople) {
    await world.write("stderr", `tidekeeper: ${namespace}/${name}: no plan has ended yet, and no Event is kept\n`);
  }
  return 0;
}

/** Plans and Events, oldest first. */
export function historyRows({ status }: SeiNode, events: readonly SeenEvent[]): readonly HistoryRow[] {
  const plans = (status.history ?? []).map((record): HistoryRow => ({
    at: record.finishedAt,
    kind: "plan",
    by: record.detector,
    reason: record.reason,
    outcome: record.healed ? `${record.outcome}, healed` : record.outcome,
    tookMs: Date.parse(record.finishedAt) - Date.parse(record.createdAt),
    message: record.message ?? "",
    plan: record.id,
  }));
  const told = events.map(({ at, type, reason, note, count }): HistoryRow => ({
    at,
    kind: "event",
    by: type,
    reason,
    outcome: "",
    tookMs: null,
    message: count > 1 ? `${note} (${count} times)` : note,
    plan: "",
  }));
  return [...plans, ...told].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** What is printed. */
export function historyText(
  rows: readonly HistoryRow[],
  { output, node }: Pick<HistoryConfig, "output" | "node">,
  { reader, now }: { readonly reader: Reader; readonly now: number },
): string {
  if (output === "json" || output === "yaml") return dataText({ kind: "History", node, items: rows }, output);
  const columns: readonly Column<HistoryRow>[] = [
    { title: "AGO", cell: ({ at }) => ageText(now - Date.parse(at)) },
    { title: "WHAT", cell: ({ kind }) => kind },
    { title: "BY", cell: ({ by }) => by },
    { title: "REASON", cell: ({ reason }) => reason },
    {
      title: "OUTCOME",
      cell: ({ outcome }) => outcome,
      paint: ({ outcome }, text) => painted(text, outcome.startsWith("Failed") ? "red" : "green"),
    },
    { title: "TOOK", cell: ({ tookMs }) => (tookMs === null ? "" : tookText(tookMs)) },
    ...(output === "wide" ? WIDE : []),
    { title: "MESSAGE", cell: ({ message }) => message },
  ];
  return table(columns, rows, reader);
}

const WIDE: readonly Column<HistoryRow>[] = [
  { title: "AT", cell: ({ at }) => at },
  { title: "PLAN", cell: ({ plan }) => plan },
];

function tookText(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : ageText(ms);
}
