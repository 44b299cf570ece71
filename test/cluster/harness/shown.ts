/** What a person is told of a state: collected on a real cluster, and held against the blocks of docs/operations.md. */
import { readFileSync, writeFileSync } from "node:fs";
import type { AdminApi, Table } from "./admin-api.ts";
import type { ControllerProcess } from "./controller.ts";
import { eventually } from "./eventually.ts";
import { takenAs } from "./taken-as.ts";

const PAGE = "docs/operations.md";
const pathOf = (page: string): string => new URL(`../../../${page}`, import.meta.url).pathname;
/** With this set the blocks are written anew from what is told now: `SHOWN=write`. */
const isWriting = process.env["SHOWN"] === "write";
const SETTLED_MS = 3000;
const WITHIN_MS = 60_000;

/** What is shown of one state: the commands that show it, each with its lines. */
export type Telling = Readonly<Record<string, readonly string[]>>;

/** A SeiNode that something happens to. Log and Events count from `since` on. */
export interface Subject {
  readonly api: AdminApi;
  readonly namespace: string;
  readonly name: string;
  readonly controller: ControllerProcess;
  readonly since: Since;
}

/** A moment: what was told before it is of something else. */
export interface Since {
  readonly logged: number;
  readonly events: ReadonlySet<string>;
}

interface EventObject {
  readonly metadata: { readonly name: string };
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly kind: string; readonly name: string };
}

/** Now, for `Subject.since`. */
export async function sinceNow({
  api,
  namespace,
  controller,
}: Pick<Subject, "api" | "namespace" | "controller">): Promise<Since> {
  const events = (await eventsIn(api, namespace)).map(({ metadata }) => metadata.name);
  return { logged: controller.log().length, events: new Set(events) };
}

/** All that is told of a node: its line of `kubectl get`, its Events, log lines of warnings, and gauges. */
export async function tellingOf(subject: Subject): Promise<Telling> {
  const { api, namespace, name, controller, since } = subject;
  const row = await tableRow(api, namespace, name);
  const events = (await eventsIn(api, namespace))
    .filter((event) => event.regarding.kind === "SeiNode" && event.regarding.name === name)
    .filter(({ metadata }) => !since.events.has(metadata.name))
    .map(({ type, reason, note }) => `${type}  ${reason}  seinode/${name}  ${note}`);
  const metrics = await (await fetch(controller.metricsUrl)).text();
  const gauges = metrics.split("\n").filter((line) => line.includes(`name="${name}"`) && line.includes('reason="'));
  return plain(subject, {
    [`kubectl get seinode ${name}`]: row,
    [`kubectl get events.events.k8s.io --field-selector regarding.name=${name}`]: unique(events),
    "the log": warnings(controller.log().slice(since.logged), `${namespace}/${name}`),
    "the metrics": gauges,
  });
}

/** What a controller logs from `logged` on that matters to whoever runs it, and the lines of `/metrics` asked for. */
export async function tellingOfProcess(
  { controller, namespace }: Pick<Subject, "controller" | "namespace">,
  { logged = 0, lines, metrics }: { readonly logged?: number; readonly lines: RegExp; readonly metrics?: RegExp },
): Promise<Telling> {
  const log = controller.log().slice(logged).split("\n");
  const text = metrics === undefined ? "" : await (await fetch(controller.metricsUrl)).text();
  return plain(
    { namespace },
    {
      "the log": unique(log.filter((line) => lines.test(line))),
      ...(metrics === undefined ? {} : { "the metrics": text.split("\n").filter((line) => metrics.test(line)) }),
    },
  );
}

/** Holds that each line of the state's block in the page (docs/operations.md unless given) is told; or writes the block, where that is asked for. */
export async function isShown(state: string, tell: () => Promise<Telling>, page = PAGE): Promise<void> {
  if (isWriting) return write(state, await settled(tell), page);
  const wanted = linesOf(blockOf(readFileSync(pathOf(page), "utf8"), state, page).text);
  if (wanted.length === 0)
    throw new Error(`${page}: ${state}: got an empty block, want what is told. Run it with SHOWN=write`);
  let missing: readonly string[] = wanted;
  let told: ReadonlySet<string> = new Set();
  try {
    await eventually(
      state,
      async () => {
        told = new Set(linesOf(textOf(await tell())));
        missing = wanted.filter((line) => !told.has(line));
        return missing.length === 0;
      },
      WITHIN_MS,
    );
  } catch (error) {
    throw new Error(`${String(error)}\nnot told:\n${missing.join("\n")}\ntold:\n${[...told].join("\n")}`, {
      cause: error,
    });
  }
}

async function settled(tell: () => Promise<Telling>): Promise<Telling> {
  let last = await tell();
  for (;;) {
    await Bun.sleep(SETTLED_MS);
    const now = await tell();
    if (textOf(now) === textOf(last)) return now;
    last = now;
  }
}

function write(state: string, telling: Telling, page: string): void {
  const text = readFileSync(pathOf(page), "utf8");
  const { from, to } = blockOf(text, state, page);
  writeFileSync(pathOf(page), `${text.slice(0, from)}\n\`\`\`text\n${textOf(telling)}\n\`\`\`\n\n${text.slice(to)}`);
}

/** Where a block stands in the page, and what is in it now. */
function blockOf(
  text: string,
  state: string,
  page: string,
): { readonly from: number; readonly to: number; readonly text: string } {
  const opening = `<!-- shown: ${state} -->\n`;
  const from = text.indexOf(opening) + opening.length;
  const to = text.indexOf("<!-- /shown -->", from);
  if (from < opening.length || to < 0)
    throw new Error(`${page}: got no block for ${state}, want ${opening.trim()} and <!-- /shown -->`);
  return { from, to, text: text.slice(from, to) };
}

function textOf(telling: Telling): string {
  return Object.entries(telling)
    .filter(([, lines]) => lines.length > 0)
    .map(([command, lines]) => [`# ${command}`, ...lines].join("\n"))
    .join("\n\n");
}

/** The lines that something is told by, without the width of columns. */
function linesOf(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.replaceAll(/\s+/g, " ").trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("```"));
}

async function eventsIn(api: AdminApi, namespace: string): Promise<readonly EventObject[]> {
  return api.list<EventObject>(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`);
}

/** As kubectl lays it out. */
async function tableRow(api: AdminApi, namespace: string, name: string): Promise<readonly string[]> {
  const path = `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes?fieldSelector=metadata.name%3D${name}`;
  // While a CRD is replaced there is no table for a moment.
  const { columnDefinitions = [], rows = [] } = takenAs<Partial<Table>>(await api.table(path));
  const shown = columnDefinitions
    .map((column, index) => ({ ...column, index }))
    .filter(({ priority }) => priority === 0);
  const columns = shown.map(({ name: title, index }) => {
    const cell = rows[0]?.cells[index];
    const value = title === "Age" ? "5d" : typeof cell === "string" ? cell : "";
    const width = Math.max(title.length, value.length) + 3;
    return [title.toUpperCase().padEnd(width), value.padEnd(width)] as const;
  });
  return [0, 1].map((line) =>
    columns
      .map((column) => column[line])
      .join("")
      .trimEnd(),
  );
}

function warnings(log: string, node: string): readonly string[] {
  return unique(log.split("\n").filter((line) => / (?:WARN|ERROR) /.test(line) && line.includes(node)));
}

function unique(lines: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return lines.filter((line) => {
    const said = steady(line);
    if (seen.has(said)) return false;
    seen.add(said);
    return true;
  });
}

/** With the namespace of the page and nothing that differs from one run to the next. */
export function plain({ namespace }: Pick<Subject, "namespace">, telling: Telling): Telling {
  const said = (line: string): string => steady(line.replaceAll(namespace, "sei"));
  return Object.fromEntries(Object.entries(telling).map(([command, lines]) => [command, lines.map(said)]));
}

const UID = "1b4e28ba-2fa1-4d11-883f-0016d3cca427";

function steady(line: string): string {
  return (
    line
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, UID)
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "2026-01-02T03:04:05Z")
      .replace(/^\d\d:\d\d:\d\d\.\d{3}/, "03:04:05.000")
      .replaceAll(/\b(durationMs|ms|tookMs|seconds)=[\d.]+/g, "$1=100")
      .replaceAll(/\bid=[0-9a-f]{8}\b/g, "id=1b4e28ba")
      .replaceAll(/(silence_seconds|[sS]econds=)( ?)\d+(?:\.\d+)?/g, "$1$272")
      .replaceAll(/127\.0\.0\.1:\d+/g, "10.96.0.1:443")
      // Which of its requests failed last is chance.
      .replaceAll(/GET (https:\/\/10\.96\.0\.1:443)\/[^ ]*:/g, "GET $1/apis:")
      .replaceAll(/\b10\.0\.\d+\.\d+/g, "10.0.0.7")
      .replaceAll(/-[0-9a-f]{8,10}\b(?=-\d)/g, "-5d8f6b7c9")
  );
}
