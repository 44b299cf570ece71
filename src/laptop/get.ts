/** `tidekeeper get`: the nodes as their status says, once or with every change. */
import { nodeColumns } from "./node-columns.ts";
import type { GetConfig } from "../config/index.ts";
import { createStores, RESOURCES } from "../controller/index.ts";
import { parseLean, resourcePath } from "../kube/client/index.ts";
import { startReflector } from "../kube/watch/index.ts";
import { conditionOf, keyOf, type SeiNode } from "../model/index.ts";
import { readNode } from "../seinode/read/index.ts";
import { ageText } from "./age.ts";
import { missingNodes } from "./missing-nodes.ts";
import { dataText, readerOf } from "./output.ts";
import { openReading, type Reading, type Stage } from "./reading.ts";
import { type Column, head, line, type Reader, table, widthsOf } from "./table.ts";
import { refusalLine, watchFailure } from "./watch-failure.ts";

/** One node as its status says, for tables and for programs. */
export interface FleetRow {
  readonly namespace: string;
  readonly name: string;
  readonly ready: string;
  readonly why: string;
  readonly phase: string;
  readonly image: string;
  readonly drift: string;
  readonly held: string;
  readonly plan: string;
  readonly detector: string;
  readonly sidecarImage: string;
  readonly stalled: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** The row of a node. */
export function fleetRow({ metadata, status }: SeiNode, isGone = false): FleetRow {
  const reason = (type: string): string => conditionOf(status.conditions, type)?.reason ?? "";
  const ready = conditionOf(status.conditions, "Ready");
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    ready: ready?.status ?? "",
    why: ready?.reason ?? "",
    phase: isGone ? "(deleted)" : (status.phase ?? ""),
    image: status.currentImage ?? "",
    drift: reason("Drift"),
    held: reason("HeldByWorkflow"),
    plan: status.plan?.reason ?? "",
    detector: status.plan?.detector ?? "",
    sidecarImage: status.currentSidecarImage ?? "",
    stalled: reason("Stalled"),
    createdAt: metadata.creationTimestamp ?? "",
  };
}

/** `tidekeeper get`. Returns the exit code. */
export async function get(config: GetConfig, stage: Stage): Promise<0 | 1> {
  const reading = await openReading(config, stage);
  const print = printer(config, reading);
  const ending = new AbortController();
  const { promise: over, resolve: end } = Promise.withResolvers<0 | 1>();
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  const { nodes } = createStores();
  const { reader } = nodes;
  const isMeant = ({ metadata }: SeiNode): boolean => config.nodes.length === 0 || config.nodes.includes(metadata.name);
  const first = async (): Promise<void> => {
    const found = [...reader.values()]
      .filter(isMeant)
      .toSorted((a, b) => (keyOf(a.metadata) < keyOf(b.metadata) ? -1 : 1));
    const absent = missingNodes(config.nodes, [...reader.keys()], { command: "get", namespace: reading.namespace });
    await print.all(found.map((node) => fleetRow(node)));
    await stage.world.write("stderr", absent.map((problem) => `tidekeeper: ${problem}\n`).join(""));
    if (!config.watch) end(absent.length === 0 ? 0 : 1);
  };
  let isListed = false;
  const { api, world, stopping } = reading;
  startReflector({
    ...world,
    transport: api,
    path: resourcePath(
      reading.namespace === null ? RESOURCES.nodes : { ...RESOURCES.nodes, namespace: reading.namespace },
    ),
    query: config.selector === null ? {} : { labelSelector: config.selector },
    project: readNode,
    parse: parseLean,
    store: nodes,
    signal: ending.signal,
    report(report) {
      if (report.type === "synced" && !isListed) {
        isListed = true;
        void first().catch(fail);
      } else if (report.type === "retry" || report.type === "denied") {
        if (!isListed) fail(watchFailure("get", report, reading.connection.origin));
        else void world.write("stderr", `tidekeeper: warning: ${refusalLine(report, reading.connection.origin)}\n`);
      }
    },
  });
  reader.subscribe(({ type, object }) => {
    if (isListed && config.watch && isMeant(object)) void print.one(fleetRow(object, type === "deleted"));
  });
  stopping.addEventListener("abort", () => end(0), { once: true });
  if (stopping.aborted) end(0);
  try {
    return await Promise.race([over, failed]);
  } finally {
    ending.abort();
  }
}

interface Printer {
  all(rows: readonly FleetRow[]): Promise<void>;
  one(row: FleetRow): Promise<void>;
}

function printer(config: GetConfig, { world }: Reading): Printer {
  const reader = readerOf(world);
  const write = (text: string): Promise<void> => world.write("stdout", text);
  const { output } = config;
  switch (output) {
    case "json":
    case "yaml":
      return {
        all: (rows) =>
          write(
            config.watch
              ? rows.map((row) => dataLine(row, output)).join("")
              : dataText({ kind: "FleetList", items: rows }, output),
          ),
        one: (row) => write(dataLine(row, output)),
      };
    case "name":
      return {
        all: (rows) => write(rows.map(({ name }) => `seinode.sei.io/${name}\n`).join("")),
        one: ({ name }) => write(`seinode.sei.io/${name}\n`),
      };
    case "table":
    case "wide":
      return tablePrinter(config, { reader, write, world });
  }
}

function tablePrinter(
  config: GetConfig,
  {
    reader,
    write,
    world,
  }: { readonly reader: Reader; readonly write: (text: string) => Promise<void>; readonly world: Stage["world"] },
): Printer {
  const columns = fleetColumns(config, () => world.clock.wall());
  let widths: readonly number[] | null = null;
  return {
    async all(rows) {
      if (rows.length > 0) {
        widths = widthsOf(columns, rows);
        await write(table(columns, rows, reader));
      } else if (!config.watch) await world.write("stderr", "tidekeeper: no SeiNodes found\n");
    },
    async one(row) {
      if (widths === null) {
        widths = widthsOf(columns, [row]);
        await write(head(columns, widths, reader));
      }
      await write(line(columns, row, { widths, reader }));
    },
  };
}

/** One document of many: a line of JSON, or a document of YAML. */
function dataLine(row: FleetRow, output: "json" | "yaml"): string {
  return output === "json" ? `${JSON.stringify(row)}\n` : `---\n${dataText(row, output)}`;
}

/** The columns that `kubectl get seinodes` has. */
export function fleetColumns(
  { output, isEverywhere }: Pick<GetConfig, "output" | "isEverywhere">,
  now: () => number,
): readonly Column<FleetRow>[] {
  const wide: readonly Column<FleetRow>[] = [
    { title: "DETECTOR", cell: ({ detector }) => detector },
    { title: "SIDECAR", cell: ({ sidecarImage }) => sidecarImage },
    { title: "STALLED", cell: ({ stalled }) => stalled },
  ];
  return [
    ...nodeColumns(isEverywhere),
    { title: "IMAGE", cell: ({ image }) => image },
    { title: "DRIFT", cell: ({ drift }) => drift },
    { title: "HELD", cell: ({ held }) => held },
    { title: "PLAN", cell: ({ plan }) => plan },
    ...(output === "wide" ? wide : []),
    { title: "AGE", cell: ({ createdAt }) => ageText(now() - Date.parse(createdAt)) },
  ];
}
