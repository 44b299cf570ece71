/**
 * The verdicts of a controller, without one: its own loop runs over the cluster behind a door that lets nothing but reads
 * through, once for each node. What it would write of a node is caught there, and is its verdict.
 */
import { type HttpRequest, oneLine } from "../base/index.ts";
import { FLAGS } from "../config/index.ts";
import { type ControllerReport, createBudgets, createController, ownedObjects } from "../controller/index.ts";
import { createRequestQueue } from "../kube/client/index.ts";
import type { ReflectorReport } from "../kube/watch/index.ts";
import {
  type DriftReport,
  keyOf,
  type NodeKey,
  type RegisteredDetector,
  type SeiNode,
  type OwnedObjects,
} from "../model/index.ts";
import type { JsonObject } from "../base/index.ts";
import type { Platform } from "../seinode/platform/index.ts";
import { Failure } from "./failure.ts";
import { type Finding, keepJournal } from "./journal.ts";
import { readOnly } from "./read-only.ts";
import type { Reading } from "./reading.ts";
import { statusPatchIn, withStatusPatch } from "./status-ahead.ts";
import { watchFailure } from "./watch-failure.ts";

/** What is judged, and with what. */
export interface JudgeOptions {
  readonly reading: Reading;
  /** Named in what fails. */
  readonly command: string;
  readonly detectors: readonly RegisteredDetector[];
  readonly platform: Platform;
  readonly route: "direct" | "apiserver";
  readonly selector: string | null;
  /** Names; none = all. */
  readonly nodes: readonly string[];
}

/** The verdict about one node. */
export interface Judgement {
  readonly stored: SeiNode;
  /** The same with the status that a controller would write of it now. */
  readonly node: SeiNode;
  readonly owned: Omit<OwnedObjects, "sidecarImage">;
  /** Drifts as they were judged, in order. */
  readonly drifts: readonly DriftReport[];
  readonly findings: readonly Finding[];
  /** What failed about it; null when nothing did. */
  readonly problem: string | null;
}

/** The same of a fleet. */
export interface FleetJudgement {
  readonly judgements: readonly Judgement[];
  /** Every node in sight, also those that were not asked for. */
  readonly known: readonly NodeKey[];
  /** Whether a plan of this budget would get a place, with as many places as there are unless somebody says otherwise. */
  readonly hasPlace: (node: SeiNode, budget: string) => boolean;
}

const API_PLACES = 64;
/** All nodes at once: who waits does so for a sidecar. */
const CONCURRENCY = 1024;
const DEADLINE_MS = 60_000;
const USUAL_PLACES = FLAGS.run.maxUnavailable.fallback;
/** Nobody asks twice. */
const PROBE_INTERVAL_MS = 3_600_000;

/** Judges each node once. Rejects with `Failure` where the cluster cannot be read. */
export async function judgeFleet(options: JudgeOptions): Promise<FleetJudgement> {
  const { reading, command, nodes } = options;
  const { world, stopping } = reading;
  const isMeant = ({ metadata }: SeiNode): boolean => nodes.length === 0 || nodes.includes(metadata.name);
  const journal = keepJournal(options.detectors, isMeant);
  const notes = new Map<NodeKey, Note>();
  const noteOf = (key: NodeKey): Note => {
    const note = notes.get(key) ?? { drifts: [], patch: null, problem: null, isDone: false };
    notes.set(key, note);
    return note;
  };
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  const { promise: synced, resolve: isSynced } = Promise.withResolvers<void>();
  const { promise: allDone, resolve: isAllDone } = Promise.withResolvers<void>();
  const missing = new Set<string>();
  const awaited = new Set<NodeKey>();
  let left = 0;
  const done = (key: NodeKey): void => {
    const note = noteOf(key);
    if (note.isDone || !awaited.has(key)) return;
    note.isDone = true;
    left -= 1;
    if (left <= 0) isAllDone();
  };
  const caught = (request: HttpRequest): void => {
    const patch = statusPatchIn(request);
    if (patch === null || noteOf(patch.key).patch !== null) return;
    noteOf(patch.key).patch = patch.status;
  };
  const watched = (report: ReflectorReport): void => {
    if (report.type === "synced") {
      missing.delete(report.resource);
      if (missing.size === 0) isSynced();
    } else if (report.type === "retry" || report.type === "denied") {
      fail(watchFailure(command, report, reading.connection.origin));
    }
  };
  const controller = createController({
    clock: world.clock,
    timers: world.timers,
    random: world.random,
    api: readOnly(reading.api, caught),
    requests: createRequestQueue({ clock: world.clock, timers: world.timers, places: API_PLACES }),
    direct: world.transports.direct(),
    route: options.route,
    platform: options.platform,
    detectors: journal.detectors,
    // Nothing is begun; that it would be is told.
    mode: "observe",
    // What would be written is asked for, so that it is heard of; the door lets none of it out.
    mayWrite: () => true,
    namespace: reading.namespace,
    selector: options.selector,
    probeIntervalMs: PROBE_INTERVAL_MS,
    concurrency: CONCURRENCY,
    maxUnavailable: USUAL_PLACES,
    report: reportInto({ noteOf, done, watched }),
    send: () => {},
  });
  for (const { resource } of controller.caches.reflectors.values()) missing.add(resource);
  const cancel = world.timers.after(DEADLINE_MS, () =>
    fail(
      new Failure(
        [
          `${command}: ${reading.connection.origin}: got no whole answer within ${DEADLINE_MS / 1000} s, want every node judged by then`,
        ],
        1,
      ),
    ),
  );
  const stop = (): void => fail(new Failure([`${command}: stopped`], 1));
  stopping.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([synced, failed]);
    const { reader } = controller.caches.nodes;
    const meant = [...reader.values()].filter(isMeant);
    const known = [...reader.keys()];
    const before = new Map(meant.map((node) => [keyOf(node.metadata), node]));
    for (const key of before.keys()) awaited.add(key);
    left = awaited.size;
    if (left > 0) {
      controller.lead([0]);
      await Promise.race([allDone, failed]);
    }
    const judgements = [...before].map(([key, stored]): Judgement => {
      const { drifts, patch, problem } = noteOf(key);
      const node = withStatusPatch(stored, patch);
      const owned = ownedObjects(controller.caches, node);
      return { stored, node, owned, drifts, findings: journal.findings(key), problem };
    });
    const places = createBudgets({ nodes: reader, clock: world.clock, maxUnavailable: USUAL_PLACES });
    const hasPlace = (node: SeiNode, budget: string): boolean => places.admit(node, budget);
    return { judgements: judgements.toSorted(byPlace), known, hasPlace };
  } finally {
    cancel();
    stopping.removeEventListener("abort", stop);
    // Nobody waits for what is still under way: it only reads.
    void controller.stop();
  }
}

interface Note {
  drifts: DriftReport[];
  patch: JsonObject | null;
  problem: string | null;
  isDone: boolean;
}

function byPlace({ node: { metadata: one } }: Judgement, { node: { metadata: other } }: Judgement): number {
  return keyOf(one) < keyOf(other) ? -1 : 1;
}

/** What the loop reports of its first reconcile of each node; what comes after is a repeat. */
function reportInto({
  noteOf,
  done,
  watched,
}: {
  readonly noteOf: (key: NodeKey) => Note;
  readonly done: (key: NodeKey) => void;
  readonly watched: (report: ReflectorReport) => void;
}): ControllerReport {
  const nothing = (): void => {};
  return {
    probed: nothing,
    drift(node, found) {
      const note = noteOf(keyOf(node.metadata));
      if (!note.isDone) note.drifts.push(found);
    },
    detectorFailed(node, detector, why) {
      const note = noteOf(keyOf(node.metadata));
      if (!note.isDone) note.problem ??= `detector ${detector}: ${oneLine(why)}`;
    },
    sidecarUnknown: nothing,
    planStarted: nothing,
    planEnded: nothing,
    phaseChanged: nothing,
    waiting: nothing,
    attention: nothing,
    // What was withheld is told as refused.
    problem: nothing,
    reconciled: (key) => done(key),
    watch: watched,
    queue: { added: nothing, retried: nothing, waited: nothing, worked: nothing },
  };
}
