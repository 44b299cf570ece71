/** Shuts all gates of a fleet at once, and tells when each was marked ready and each plan closed. */
import type { AuditEntry } from "../test/cluster/harness/audit-log.ts";
import { eventually } from "../test/cluster/harness/eventually.ts";
import { takenAs } from "../test/cluster/harness/taken-as.ts";
import { startClock } from "./api-server.ts";
import { untilAtRest } from "./fleet/at-rest.ts";
import { wallMs } from "./fleet/player-orders.ts";
import type { BigFleet, Stage } from "./fleet/stage.ts";
import { countPatches, type PatchCount } from "./status-patches.ts";
import { type Usage, usageOf, usageSince } from "./usage.ts";

const ROUND_MS = 600_000;

/** `status` of the patches that healed one node: the one that stored its plan, and the one that closed it. */
export interface Bodies {
  readonly opening: Readonly<Record<string, unknown>>;
  readonly closing: Readonly<Record<string, unknown>>;
}

/** What came of it. */
export interface Seen {
  /** Milliseconds from the moment the gates were shut, in order. */
  readonly marked: readonly number[];
  readonly closed: readonly number[];
  readonly usage: Usage;
  /** Seconds of CPU that the API server used. */
  readonly apiSeconds: number;
  readonly patches: PatchCount;
  readonly bodies: Bodies;
}

/** Shuts them while process `pid` works on the fleet; resolves when it is idle again. */
export async function shutGates({ cluster, player }: Stage, { namespace, ips }: BigFleet, pid: number): Promise<Seen> {
  const from = cluster.audit.offset();
  const apiSeconds = startClock(cluster);
  const before = usageOf(pid);
  const at = wallMs();
  await player.shut(ips);
  const areMarked = async (): Promise<boolean> => {
    await Bun.sleep(1000);
    return (await player.probes(ips)).unmarked === 0;
  };
  await eventually("every gate to be marked ready", areMarked, ROUND_MS);
  await untilAtRest(cluster, namespace, ROUND_MS);
  const used = { usage: usageSince(pid, before), apiSeconds: apiSeconds() };
  const lives = await player.tell(ips);
  const entries = cluster.audit.mutationsSince(from, "tidekeeper/").filter((entry) => entry.namespace === namespace);
  return {
    ...used,
    marked: sorted(lives.map((life) => (life?.markedAt ?? Number.NaN) - at)),
    closed: sorted(lastOfEach(entries.filter(isClosing)).map(({ doneMs }) => doneMs - at)),
    patches: countPatches(entries, namespace),
    bodies: bodiesOf(entries),
  };
}

function bodiesOf(entries: readonly AuditEntry[]): Bodies {
  const closing = entries.find(isClosing);
  const opening = entries.find((entry) => entry.name === closing?.name && isOpening(entry));
  const [first, last] = [statusIn(opening), statusIn(closing)];
  if (first === undefined || last === undefined) throw new Error("gates-shut: no node was healed by two patches");
  return { opening: first, closing: last };
}

function isClosing(entry: AuditEntry): boolean {
  return statusIn(entry)?.["plan"] === null;
}

function isOpening(entry: AuditEntry): boolean {
  return typeof statusIn(entry)?.["plan"] === "object" && !isClosing(entry);
}

function statusIn(entry: AuditEntry | undefined): Readonly<Record<string, unknown>> | undefined {
  if (entry?.resource !== "seinodes/status" || entry.code !== 200) return undefined;
  return takenAs<{ status?: Readonly<Record<string, unknown>> } | null>(entry.requestObject)?.status;
}

/** One that had to be closed twice is over with the second. */
function lastOfEach(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  return [...new Map(entries.map((entry) => [entry.name, entry])).values()];
}

function sorted(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}
