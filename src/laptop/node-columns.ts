/** The columns that every table of nodes begins with. */
import { type Column, painted } from "./table.ts";

/** What they show of a node. */
export interface NodeRow {
  readonly namespace: string;
  readonly name: string;
  /** Status of the condition `Ready`. */
  readonly ready: string;
  /** Its reason. */
  readonly why: string;
  readonly phase: string;
}

/** Name, readiness and phase; the namespace first where nodes of several are shown. */
export function nodeColumns(isEverywhere: boolean): readonly Column<NodeRow>[] {
  return [
    ...(isEverywhere ? [NAMESPACE] : []),
    { title: "NAME", cell: ({ name }) => name },
    {
      title: "READY",
      cell: ({ ready }) => ready,
      paint: ({ ready }, text) => painted(text, ready === "True" ? "green" : ready === "False" ? "red" : "yellow"),
    },
    { title: "WHY", cell: ({ why }) => why },
    { title: "PHASE", cell: ({ phase }) => phase },
  ];
}

const NAMESPACE: Column<NodeRow> = { title: "NAMESPACE", cell: ({ namespace }) => namespace };
