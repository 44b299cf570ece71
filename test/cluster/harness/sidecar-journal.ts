/** What is agreed between the process that plays the sidecars and the tests: how they behave, and what they wrote down. */

/** Milliseconds: `mono` never steps but counts from the start of its own process (in Bun); `wall` is Unix time, to compare processes. */
export interface Stamp {
  readonly mono: number;
  readonly wall: number;
}

/** Now. */
export function stamp(): Stamp {
  return { mono: Number(process.hrtime.bigint()) / 1e6, wall: performance.timeOrigin + performance.now() };
}

/**
 * How a request is answered: as a sidecar does; never (`hang`); done but never answered (`lost`, tasks only);
 * with bytes that are no HTTP (`garbage`, `answer` only); or with this reply.
 */
export type Answer =
  | "sidecar"
  | "hang"
  | "lost"
  | "garbage"
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> };

/** How a sidecar behaves. Set for all, for a namespace, for a node; the narrower one wins, field by field. */
export interface Behaviour {
  /** From the container running to the first answer, drawn evenly; until then connections are refused. */
  readonly startDelayMs: readonly [number, number];
  /** From 201 to the end of the task: the gate opens only then. */
  readonly taskMs: number;
  /** To every request. */
  readonly answer: Answer;
  /** To POST /v0/tasks, where `answer` is `sidecar`. */
  readonly submitAnswer: Answer;
  /** To GET /v0/tasks, where `answer` is `sidecar`. */
  readonly listAnswer: Answer;
  /** Task types that end as failed, with their error. */
  readonly failing: Readonly<Record<string, string>>;
  /** How seid of a bootstrap Job ends: so long after its gate opened, with this code. Null = it never does. */
  readonly bootstrap: { readonly afterMs: number; readonly exitCode: number } | null;
}

/** One POST /v0/tasks. */
export interface Submission {
  readonly at: Stamp;
  readonly id: string;
  readonly type: string;
  readonly body: string;
  /** Status of the reply; 0 when none was sent. */
  readonly status: number;
  readonly userAgent: string;
}

/** One life of one sidecar: from the start of its container to its end. */
export interface Life {
  readonly namespace: string;
  /** Label `sei.io/node`, else the Pod's name without its ordinal. */
  readonly node: string;
  readonly pod: string;
  readonly podUid: string;
  readonly restartCount: number;
  readonly ip: string;
  readonly port: number;
  /** The Pod with its address came over the watch. */
  readonly ipSeenAt: Stamp;
  /** From here on connections are not refused: with `ipSeenAt`, the moment it could be seen. */
  readonly listeningAt: Stamp | null;
  readonly endedAt: Stamp | null;
  /** First 503 to a probe, since the start or since the gate was last shut. */
  readonly firstNotReady: { readonly at: Stamp; readonly userAgent: string } | null;
  /** The gate was shut by the test. */
  readonly shutAt: Stamp | null;
  /** The gate last opened. */
  readonly openedAt: Stamp | null;
  readonly ready: boolean;
  readonly probes: number;
  readonly submissions: readonly Submission[];
  /** Why it could not listen. */
  readonly error: string | null;
}

/** Which sidecars are meant: all, those of a namespace, or these nodes of it. */
export interface Selection {
  readonly namespace?: string;
  readonly nodes?: readonly string[];
}

/** Address of the process that plays the sidecars. */
export const CONTROL_PORT = 7070;
