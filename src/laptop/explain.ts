/** `tidekeeper explain NODE`: why nothing happens, every reason in order. */
import { folded } from "../base/index.ts";
import type { ExplainConfig } from "../config/index.ts";
import { GROUP, PLURAL, type SeiNode, VERSION } from "../model/index.ts";
import type { Check } from "./check.ts";
import { type Explanation, explanation } from "./explanation.ts";
import { Failure } from "./failure.ts";
import { judgedWith } from "./judged-with.ts";
import { type SeenLeases, serverTime } from "./leases.ts";
import { missingNodes } from "./missing-nodes.ts";
import { eventsAbout, type SeenEvent } from "./node-events.ts";
import { dataText, readerOf } from "./output.ts";
import { rawList } from "./raw-list.ts";
import type { Reading, Stage } from "./reading.ts";
import { painted, type Reader } from "./table.ts";

/** `tidekeeper explain`. Returns the exit code. */
export async function explain(config: ExplainConfig, stage: Stage): Promise<0> {
  const { world } = stage;
  const judged = await judgedWith(config, { selector: null, nodes: [config.node] }, stage);
  const { reading, fleet } = judged;
  const places = { command: "explain", namespace: reading.namespace };
  const [judgement, other] = fleet.judgements;
  if (judgement === undefined) throw new Failure(missingNodes([config.node], fleet.known, places), 1);
  if (other !== undefined) {
    const where = fleet.judgements.map(({ node }) => node.metadata.namespace).join(", ");
    throw new Failure(
      [`explain: ${config.node}: got one in each of ${where}, want a single one. -n names a namespace`],
      2,
    );
  }
  const { node } = judgement;
  const leases = await judged.leases();
  const [selected, events] = await Promise.all([
    selectedBy(reading, node, leases),
    warningsAbout(reading, judgement.owned.pod?.name ?? `${node.metadata.name}-0`, node),
  ]);
  const told = explanation({
    judgement,
    leases,
    isSelected: (selector) => selected.get(selector) ?? null,
    hasPlace: fleet.hasPlace,
    events,
    now: serverTime(reading),
  });
  await world.write("stdout", explainText(told, config, readerOf(world)));
  return 0;
}

/** Which of the selectors of living Leases match the node: the API server says so. */
async function selectedBy(
  reading: Reading,
  { metadata }: SeiNode,
  { ours }: SeenLeases,
): Promise<ReadonlyMap<string, boolean>> {
  const { namespace, name } = metadata;
  const selectors = new Set(
    ours.flatMap(({ scope, isAlive }) => {
      const selector = scope?.selector ?? null;
      return isAlive && selector !== null ? [selector] : [];
    }),
  );
  const path = `/apis/${GROUP}/${VERSION}/namespaces/${namespace}/${PLURAL}`;
  const answers = await Promise.all(
    [...selectors].map(async (selector) => {
      const found = await rawList(reading, path, { labelSelector: selector, fieldSelector: `metadata.name=${name}` });
      return found.ok ? [[selector, found.value.length > 0] as const] : [];
    }),
  );
  return new Map(answers.flat());
}

/** Warnings about the Pod, and about the StatefulSet that is to make it; null where they could not be read. */
async function warningsAbout(
  reading: Reading,
  podName: string,
  { metadata }: SeiNode,
): Promise<readonly SeenEvent[] | null> {
  const { namespace, name } = metadata;
  const read = await Promise.all([
    eventsAbout(reading, { namespace, kind: "Pod", name: podName }),
    eventsAbout(reading, { namespace, kind: "StatefulSet", name }),
  ]);
  const all = read.flatMap((one) => (one.ok ? one.value : []));
  return read.every(({ ok }) => ok) ? all.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)) : null;
}

/** What is printed. */
export function explainText(told: Explanation, { output }: Pick<ExplainConfig, "output">, reader: Reader): string {
  if (output !== "text") return dataText({ kind: "Explanation", ...told }, output);
  const columns = reader.columns ?? Number.POSITIVE_INFINITY;
  const remedy = told.remedy === null ? [] : [folded(`What to do: ${told.remedy}`, columns, "  ")];
  const nameWidth = Math.max(...told.checks.map(({ name }) => name.length));
  const detectorWidth = Math.max(0, ...told.detectors.map(({ detector }) => detector.length));
  return [
    folded(`${told.node}: ${told.answer}`, columns, "  "),
    ...remedy,
    "",
    ...told.checks.map((check) => checkLine(check, nameWidth, { reader, columns })),
    "",
    "Detectors, in the order in which they are asked:",
    ...told.detectors.map(({ detector, word }, index) => {
      const start = `${String(index + 1).padStart(3)}  ${detector.padEnd(detectorWidth)}  `;
      return folded(`${start}${word}`, columns, " ".repeat(start.length));
    }),
    "",
  ].join("\n");
}

const MARKS = { fine: "ok", stops: "STOPS", waits: "waits", note: "-", unknown: "?" } as const;
const COLORS = { fine: "green", stops: "red", waits: "yellow", note: "dim", unknown: "yellow" } as const;

function checkLine(
  { name, state, saw, reason }: Check,
  nameWidth: number,
  { reader, columns }: { readonly reader: Reader; readonly columns: number },
): string {
  const mark = MARKS[state].padEnd(5);
  const start = `  ${name.padEnd(nameWidth)}  ${mark}  `;
  const text = folded(`${start}${reason === undefined ? "" : `${reason}: `}${saw}`, columns, " ".repeat(start.length));
  return reader.color ? text.replace(mark, painted(mark, COLORS[state])) : text;
}
