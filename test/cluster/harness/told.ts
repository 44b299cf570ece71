/** How a person is told of a node: the column WHY, Events, log lines and the gauge. */
import { expect } from "bun:test";
import type { AdminApi } from "./admin-api.ts";
import type { ControllerProcess } from "./controller.ts";
import { eventually } from "./eventually.ts";
import { seiNodePath, untilEvents } from "./fleet.ts";
import { takenAs } from "./taken-as.ts";

/** Which node, and who works on it. */
export interface ToldOf {
  readonly api: AdminApi;
  readonly controller: Pick<ControllerProcess, "log" | "metricsUrl">;
  readonly namespace: string;
  readonly name: string;
}

/** What `kubectl get seinode NAME` shows in a column, without `-o wide`; null where it has no such column. */
export async function columnOf({ api, namespace, name }: ToldOf, column: string): Promise<string | null> {
  const { columnDefinitions, rows } = await api.table(seiNodePath(namespace, name));
  const index = columnDefinitions.findIndex((one) => one.name === column && one.priority === 0);
  return index === -1 ? null : String(rows[0]?.cells[index]);
}

/** What the Events of one reason say about the node, oldest first. */
export async function notesOf(
  { api, namespace, name }: Omit<ToldOf, "controller">,
  reason: string,
): Promise<readonly string[]> {
  const told = await api.list<{ reason: string; note: string; eventTime: string; regarding: { name: string } }>(
    `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
  );
  return told
    .filter((event) => event.regarding.name === name && event.reason === reason)
    .toSorted((a, b) => a.eventTime.localeCompare(b.eventTime))
    .map(({ note }) => note);
}

/**
 * The log lines about a state of the node, as `level reason`. Where another node came to the same for the same cause within
 * the minute, its line stands for both, and the next one has their number.
 */
export function linesOf({ controller, namespace, name }: ToldOf): readonly string[] {
  const lines = controller
    .log()
    .split("\n")
    .filter((line) => line.includes("erson is wanted"))
    .map((line) => takenAs<{ level: string; node?: string; reason: string }>(JSON.parse(line)));
  const own = lines.filter(({ node }) => node === `${namespace}/${name}`);
  const isOwn = (reason: string): boolean => own.some((one) => one.level === "warn" && one.reason === reason);
  const shared = new Set(
    lines.filter(({ level, reason }) => level === "warn" && !isOwn(reason)).map(({ reason }) => reason),
  );
  return [...[...shared].map((reason) => `warn ${reason}`), ...own.map(({ level, reason }) => `${level} ${reason}`)];
}

/** The reasons that the gauge has a series of the node for. */
export async function gaugeOf({ controller, namespace, name }: ToldOf): Promise<readonly string[]> {
  const page = await (await fetch(controller.metricsUrl)).text();
  const start = `tidekeeper_seinode_needs_attention{namespace="${namespace}",name="${name}",reason="`;
  return page
    .split("\n")
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length, line.indexOf('"}')));
}

/** Waits until the state is told in all four ways, with one Event and one line. */
export async function untilTold(of: ToldOf, reason: string): Promise<void> {
  await eventually(`${of.name} to say ${reason}`, async () => (await columnOf(of, "Why")) === reason, 30_000);
  const events = await untilEvents(of.api, of, (reasons) => reasons.includes(reason));
  expect(events.filter((one) => one === reason)).toHaveLength(1);
  // The page of metrics is given out for a second.
  await eventually(`the series of ${reason}`, async () => (await gaugeOf(of)).join(",") === reason);
  expect(linesOf(of).filter((line) => line.endsWith(` ${reason}`))).toEqual([`warn ${reason}`]);
}

/** Waits until the state is told no longer: another reason of `Ready`, no series, and one line that says so. */
export async function untilOver(of: ToldOf, reason: string): Promise<void> {
  await eventually(`${of.name} to say ${reason} no more`, async () => (await columnOf(of, "Why")) !== reason, 30_000);
  await eventually(`no series of ${reason}`, async () => !(await gaugeOf(of)).includes(reason));
  expect(linesOf(of).filter((line) => line.endsWith(` ${reason}`))).toEqual([`warn ${reason}`, `info ${reason}`]);
}
