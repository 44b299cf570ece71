/** `tidekeeper drift`: which nodes drift, and the plan each would get. Writes nothing. */
import { nodeColumns } from "./node-columns.ts";
import type { DriftConfig } from "../config/index.ts";
import { type DriftRow, driftRow } from "./drift-row.ts";
import { judgedWith } from "./judged-with.ts";
import { missingNodes } from "./missing-nodes.ts";
import { dataText, readerOf } from "./output.ts";
import type { Stage } from "./reading.ts";
import { type Column, painted, type Reader, table } from "./table.ts";

/** `tidekeeper drift`. Returns the exit code: 0 no drift, 1 drift. Rejects with `Failure` where it cannot tell. */
export async function drift(config: DriftConfig, stage: Stage): Promise<0 | 1 | 2> {
  const { world } = stage;
  const { fleet, reading } = await judgedWith(config, config, stage);
  const rows = fleet.judgements.map(driftRow);
  const absent = missingNodes(config.nodes, fleet.known, { command: "drift", namespace: reading.namespace });
  await world.write("stdout", driftText(rows, config, readerOf(world)));
  const notes = [...absent, ...notesOn(rows, config)];
  await world.write("stderr", notes.map((note) => `tidekeeper: ${note}\n`).join(""));
  if (absent.length > 0) return 2;
  if (rows.some((row) => row.drift !== null)) return 1;
  return rows.some(isUntold) ? 2 : 0;
}

/** Nobody can say that it does not drift: a detector failed, or the API server lets us ask no sidecar. */
function isUntold({ problem, sidecarMessage }: DriftRow): boolean {
  return problem !== null || sidecarMessage.includes("API server refused the pod proxy");
}

/** What is printed. */
export function driftText(
  rows: readonly DriftRow[],
  { output, isEverywhere }: Pick<DriftConfig, "output" | "isEverywhere">,
  reader: Reader,
): string {
  switch (output) {
    case "json":
    case "yaml":
      return dataText({ kind: "DriftList", items: rows }, output);
    case "name":
      return rows.flatMap(({ drift: found, name }) => (found === null ? [] : [`seinode.sei.io/${name}\n`])).join("");
    case "table":
    case "wide": {
      const columns = [...nodeColumns(isEverywhere), ...COLUMNS, ...(output === "wide" ? WIDE : [])];
      return table(columns, rows, reader);
    }
  }
}

const COLUMNS: readonly Column<DriftRow>[] = [
  {
    title: "DRIFT",
    cell: ({ drift: found }) => found ?? "<none>",
    paint: ({ drift: found }, text) => painted(text, found === null ? "dim" : "yellow"),
  },
  {
    title: "PLAN",
    cell: ({ plan, state }) =>
      [plan.join(","), state === "" ? "" : `(${state})`].filter((part) => part !== "").join(" "),
  },
];

const WIDE: readonly Column<DriftRow>[] = [
  { title: "DETECTOR", cell: ({ detector }) => detector ?? "" },
  { title: "SIDECAR", cell: ({ sidecar }) => sidecar },
  { title: "IMAGE", cell: ({ image }) => image },
  { title: "MESSAGE", cell: ({ message, problem }) => problem ?? message },
];

/** What a person is told besides. */
function notesOn(rows: readonly DriftRow[], { output }: Pick<DriftConfig, "output">): readonly string[] {
  const unknown = rows.filter(({ sidecar }) => sidecar === "Unreachable" || sidecar === "ProbeError");
  const [first] = unknown;
  const failed = rows.filter(({ problem }) => problem !== null);
  return [
    ...(rows.length === 0 && (output === "table" || output === "wide") ? ["no SeiNodes found"] : []),
    ...(first === undefined
      ? []
      : [`${count(unknown.length)} not known to be ready or not: ${someOf(unknown)}: ${first.sidecarMessage}`]),
    ...failed.map(({ namespace, name, problem }) => `${namespace}/${name}: ${problem}`),
  ];
}

function count(nodes: number): string {
  return nodes === 1 ? "1 sidecar is" : `${nodes} sidecars are`;
}

const SHOWN = 5;

function someOf(rows: readonly DriftRow[]): string {
  const names = rows.slice(0, SHOWN).map(({ namespace, name }) => `${namespace}/${name}`);
  return `${names.join(", ")}${rows.length > SHOWN ? ` and ${rows.length - SHOWN} more` : ""}`;
}
