/** Finished plans in the status of nodes, as a node has them that has lived a while: what a status patch costs hangs on them. */
import type { PlanRecord } from "../../src/model/index.ts";
import type { AdminApi } from "../../test/cluster/harness/admin-api.ts";
import { type SeiNodeObject, seiNodePath } from "../../test/cluster/harness/fleet.ts";
import { takenAs } from "../../test/cluster/harness/taken-as.ts";

/** `full`: ten finished plans a node. `empty`: the one that brought the node up. */
export type History = "full" | "empty";

/** The field of status that a program keeps its finished plans in. */
export type HistoryFormat = "history" | "outcomes";

/** What is kept at most. */
const KEPT = 10;
/** Newest first: what a program may have stopped to write still stands in the status of older nodes. */
const FORMATS: readonly HistoryFormat[] = ["outcomes", "history"];
const AT_ONCE = 32;
const HOUR_MS = 3_600_000;

type Status = Readonly<Record<string, unknown>>;

/** Writes a full history into every node of a fleet that one program brought up, in its own format: a status patch a node. */
export async function seedHistory(
  api: AdminApi,
  { namespace, names }: { readonly namespace: string; readonly names: readonly string[] },
): Promise<void> {
  const [first = ""] = names;
  const own = await statusOf(api, namespace, first);
  const format = formatOf(own);
  await writeHistory(api, { namespace, names }, fullHistory(format, own, Date.now()));
  const kept = takenAs<readonly unknown[] | undefined>((await statusOf(api, namespace, first))[format])?.length ?? 0;
  if (kept !== KEPT) throw new Error(`history: ${namespace}/${first}: status.${format}: got ${kept}, want ${KEPT}`);
}

/** What stands in the status of the first node of past plans, to be written back with `writeHistory`. */
export async function historyOf(api: AdminApi, namespace: string, name: string): Promise<Status> {
  const own = await statusOf(api, namespace, name);
  const format = formatOf(own);
  return { [format]: own[format] };
}

/** Merges this into the status of every node. */
export async function writeHistory(
  api: AdminApi,
  { namespace, names }: { readonly namespace: string; readonly names: readonly string[] },
  status: Status,
): Promise<void> {
  const line = names.values();
  const write = async (): Promise<void> => {
    for (const name of line) await api.patch(`${seiNodePath(namespace, name)}/status`, { status });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, write));
}

/** The format of the program that wrote this status. */
export function formatOf(status: Status): HistoryFormat {
  const format = FORMATS.find((field) => takenAs<readonly unknown[] | undefined>(status[field])?.length);
  if (format === undefined)
    throw new Error(`history: status: got no finished plan, want one of ${FORMATS.toSorted().join(", ")}`);
  return format;
}

/** The part of status that holds ten finished plans; `own` is the status that the program itself left. */
export function fullHistory(format: HistoryFormat, own: Status, now: number): Status {
  switch (format) {
    case "history":
      return { history: Array.from({ length: KEPT }, (_, index) => record(now - (KEPT - index + 1) * HOUR_MS, index)) };
    case "outcomes": {
      const lines = takenAs<readonly string[] | undefined>(own["outcomes"]) ?? [];
      return { outcomes: Array.from({ length: KEPT }, () => lines.at(-1) ?? "") };
    }
  }
}

/** The same part of status after one more plan of the kind, as often as one likes: each record moves up by one. */
export function movedUp(status: Status): Status {
  const format = FORMATS.find((field) => Array.isArray(status[field]));
  if (format === undefined) return status;
  const [first, ...rest] = takenAs<readonly unknown[]>(status[format]);
  return { ...status, [format]: first === undefined ? [] : [...rest, first] };
}

/** A healing; every third plan lost its sidecar before it was done. */
function record(finishedMs: number, index: number): PlanRecord {
  const isLost = index % 3 === 1;
  const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const incarnation = { podUid: crypto.randomUUID(), containerId: `containerd://${randomHex()}`, restartCount: 0 };
  return {
    id: crypto.randomUUID(),
    detector: "sidecar-ready",
    reason: "SidecarNotReady",
    outcome: isLost ? "Superseded" : "Complete",
    healed: !isLost,
    ...(isLost ? { message: "the sidecar was replaced before its gate could be opened" } : {}),
    createdAt: at(finishedMs - 4000),
    finishedAt: at(finishedMs),
    generation: 1,
    ...(isLost ? {} : { incarnation }),
  };
}

async function statusOf(api: AdminApi, namespace: string, name: string): Promise<Status> {
  const node = await api.get<SeiNodeObject>(seiNodePath(namespace, name));
  return takenAs<Status>(node?.status ?? {});
}

function randomHex(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
}
