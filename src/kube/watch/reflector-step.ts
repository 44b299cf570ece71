/** The pure step of list and watch: how an attempt ended in, the next attempt out. */
import { backOffMs, jitter, plainLine } from "../../base/index.ts";
import type { Refusal } from "../client/index.ts";

/**
 * What a reflector does next.
 *
 * - `stream`: list and watch in one (WatchList). Left by the end bookmark (then it goes on as a watch) or a refusal.
 * - `list`: one page of a quorum list. Left by the last page.
 * - `watch`: follow from `version`. Left by its end, and for good only by 410.
 */
export type Attempt =
  | { readonly kind: "stream" }
  | { readonly kind: "list"; readonly continueToken: string | null }
  | { readonly kind: "watch"; readonly version: string };

/** How an attempt ended. `version` is what a stream has reached; `null` when its list part was not complete. */
export type AttemptEnd =
  | { readonly kind: "page"; readonly continueToken: string | null; readonly version: string }
  | {
      readonly kind: "closed";
      readonly version: string | null;
      readonly lastedMs: number;
      readonly progressed: boolean;
    }
  /** Our own timer cut a stream that had gone quiet. */
  | { readonly kind: "silent"; readonly version: string | null }
  | { readonly kind: "refused"; readonly version: string | null; readonly refusal: Refusal; readonly inStream: boolean }
  | { readonly kind: "unreachable"; readonly version: string | null; readonly why: string }
  /** A page of more bytes than are held at once; it was broken off. */
  | { readonly kind: "tooLarge"; readonly version: string | null; readonly why: string }
  /** Bytes that are no watch: too long a line, no UTF-8, no JSON. */
  | { readonly kind: "broken"; readonly version: string | null; readonly why: string };

/** All that a reflector remembers between two attempts. */
export interface ReflectorState {
  readonly attempt: Attempt;
  /** Failures in a row, and when the last one was (monotonic milliseconds). */
  readonly failures: number;
  readonly failedAt: number;
  /** The server has no WatchList; not asked again by this reflector. */
  readonly streamRefused: boolean;
  /** Pages expired under us: the next list asks for all at once. */
  readonly wholeList: boolean;
  /** How many objects are asked for at once: fewer and fewer while they are large, and then for good. */
  readonly pageObjects: number;
  readonly tooLarge: number;
  readonly broken: number;
}

/** What the step wants: the next state, how long to wait before it, and what there is to tell. */
export interface Next {
  readonly state: ReflectorState;
  readonly waitMs: number;
  /** `null`: nothing went wrong. */
  readonly problem: Problem | null;
}

/** Why an attempt did not simply go on. `denied` is 401 or 403; `relist` and `fallback` say what is done instead. */
export interface Problem {
  readonly type: "retry" | "denied" | "relist" | "fallback" | "dead";
  readonly verb: "list" | "watch";
  /** One line; never empty. */
  readonly why: string;
  /** HTTP status; 0 when there was none. */
  readonly status: number;
}

/** Nothing known yet. */
export const reflectorStart: ReflectorState = {
  attempt: { kind: "stream" },
  failures: 0,
  failedAt: 0,
  streamRefused: false,
  wholeList: false,
  pageObjects: 500,
  tooLarge: 0,
  broken: 0,
};

/** A quarter more or less. */
const BACK_OFF = { firstMs: 800, capMs: 30_000, jitter: { from: 0.75, to: 1.25 } };
/** Never sooner than the server asks for. */
const AFTER_ASKED = { from: 1, to: 1.1 };
/** A CRD that is applied at last is found within 30 s, which the common cap with its jitter would overrun. */
const MISSING_CAP_MS = 10_000;
const HEALTHY_MS = 2 * 60_000;
const SHORT_WATCH_MS = 1_000;
/** A server may lag behind the version we know for a moment; one that lags for longer was restored from a backup. */
const TOO_LARGE_TRIES = 3;
/** The same bad bytes twice mean that resuming at that version would meet them for ever. */
const BROKEN_TRIES = 2;
const SHRINK_BY = 4;
/** Longest message of a refusal that is told. */
const MESSAGE_CHARS = 200;
const STREAM_REFUSED: ReadonlySet<number> = new Set([400, 403, 422]);

type Fail = (next: ReflectorState, problem: Omit<Problem, "verb">, retryAfterMs?: number | null) => Next;

/** The next attempt after `ending`. `now` is monotonic milliseconds, `u32` a random number for the jitter. */
export function reflectorStep(
  state: ReflectorState,
  ending: AttemptEnd,
  { now, u32 }: { readonly now: number; readonly u32: number },
): Next {
  const verb = state.attempt.kind === "list" ? "list" : "watch";
  const missing = missingWatchList(state, ending);
  if (missing !== null) {
    const next = { ...state, streamRefused: true, attempt: { kind: "list", continueToken: null } } as const;
    return { state: next, waitMs: 0, problem: { type: "fallback", verb, ...missing } };
  }
  const resumed: ReflectorState = { ...state, attempt: resume(state, ending) };
  const fail: Fail = (next, problem, retryAfterMs = null) => {
    const failures = (now - state.failedAt > HEALTHY_MS ? 0 : state.failures) + 1;
    const waitMs = waitAfter(failures, u32, retryAfterMs);
    return { state: { ...next, failures, failedAt: now }, waitMs, problem: { ...problem, verb } };
  };

  switch (ending.kind) {
    case "page":
      return goOn(resumed, ending.continueToken === null);
    case "closed": {
      if (ending.progressed || ending.lastedMs >= SHORT_WATCH_MS) return goOn(resumed, ending.progressed);
      const why = "got an end at once, want a watch that lasts";
      return fail(resumed, { type: "retry", why, status: 0 });
    }
    case "silent": {
      const problem: Problem = {
        type: "dead",
        verb,
        why: "got nothing when its end was due, want news or an end",
        status: 0,
      };
      return { state: resumed, waitMs: 0, problem };
    }
    case "unreachable":
      return fail(resumed, { type: "retry", why: ending.why, status: 0 });
    case "tooLarge": {
      const problem = { type: "retry", why: ending.why, status: 0 } as const;
      // All at once is too much: by pages again, from the beginning.
      if (state.wholeList) return fail({ ...state, wholeList: false, attempt: fresh(state) }, problem);
      if (state.pageObjects === 1) return fail(state, problem);
      const pageObjects = Math.max(1, Math.floor(state.pageObjects / SHRINK_BY));
      return { state: { ...state, pageObjects }, waitMs: 0, problem: null };
    }
    case "broken": {
      const broken = state.broken + 1;
      if (broken < BROKEN_TRIES) return fail({ ...resumed, broken }, { type: "retry", why: ending.why, status: 0 });
      return fail({ ...state, broken: 0, attempt: fresh(state) }, { type: "relist", why: ending.why, status: 0 });
    }
    case "refused":
      return afterRefusal(resumed, ending.refusal, fail);
  }
}

/** Why the server cannot be relied on to list by streaming, if this ending says so. */
function missingWatchList(state: ReflectorState, ending: AttemptEnd): { why: string; status: number } | null {
  if (state.attempt.kind !== "stream" || ending.version !== null) return null;
  switch (ending.kind) {
    case "closed":
      return { why: "got an end before the end bookmark, want WatchList", status: 0 };
    case "silent":
      return { why: "got no end bookmark, want WatchList", status: 0 };
    case "refused":
      if (!isStreamRefusal(ending)) return null;
      return { why: describe(ending.refusal), status: ending.refusal.status };
    case "page":
    case "unreachable":
    case "tooLarge":
    case "broken":
      return null;
  }
}

/** What an API server's refusal means for the next attempt. */
function afterRefusal(state: ReflectorState, refusal: Refusal, fail: Fail): Next {
  const { status, reason, retryAfterMs } = refusal;
  const why = describe(refusal);
  if (status === 410 || reason === "Expired" || reason === "Gone") {
    const wholeList = state.attempt.kind === "list" && state.attempt.continueToken !== null;
    const next = fail({ ...state, wholeList, attempt: fresh(state) }, { type: "relist", why, status });
    // The first one is the ordinary end of a long absence; only a row of them is a storm.
    return next.state.failures === 1 ? { ...next, waitMs: 0 } : next;
  }
  if (reason === "ResourceVersionTooLarge") {
    const tooLarge = state.tooLarge + 1;
    if (tooLarge < TOO_LARGE_TRIES) return fail({ ...state, tooLarge }, { type: "retry", why, status }, retryAfterMs);
    const list: Attempt = { kind: "list", continueToken: null };
    return fail({ ...state, tooLarge: 0, attempt: list }, { type: "relist", why, status });
  }
  if (status === 401 || status === 403) return fail(state, { type: "denied", why, status });
  // The resource itself is gone (a CRD being replaced): its versions mean nothing any more.
  if (status === 404) {
    const next = fail({ ...state, attempt: fresh(state) }, { type: "retry", why, status });
    return { ...next, waitMs: Math.min(next.waitMs, MISSING_CAP_MS) };
  }
  return fail(state, { type: "retry", why, status }, retryAfterMs);
}

/** `WatchList` off answers 400, 403 or 422; an etcd without progress notifications an ERROR of code 500 in the stream. */
function isStreamRefusal({ refusal, inStream }: { readonly refusal: Refusal; readonly inStream: boolean }): boolean {
  return inStream ? refusal.status === 500 : STREAM_REFUSED.has(refusal.status);
}

function goOn(state: ReflectorState, progressed: boolean): Next {
  const settled = progressed ? { ...state, wholeList: false, tooLarge: 0, broken: 0 } : state;
  return { state: settled, waitMs: 0, problem: null };
}

/** The same attempt again, from as far as it got. */
function resume(state: ReflectorState, ending: AttemptEnd): Attempt {
  if (ending.kind === "page") {
    if (ending.continueToken !== null) return { kind: "list", continueToken: ending.continueToken };
    return { kind: "watch", version: ending.version };
  }
  if (ending.version !== null) return { kind: "watch", version: ending.version };
  return state.attempt;
}

/** The beginning: all objects anew. */
function fresh(state: ReflectorState): Attempt {
  return state.streamRefused ? { kind: "list", continueToken: null } : { kind: "stream" };
}

/** A server that asks for no wait at all gets the ordinary one. */
function waitAfter(failures: number, u32: number, retryAfterMs: number | null): number {
  if (retryAfterMs !== null && retryAfterMs > 0) return jitter(retryAfterMs, u32, AFTER_ASKED);
  return jitter(backOffMs(BACK_OFF, failures), u32, BACK_OFF.jitter);
}

function describe({ status, reason, message }: Refusal): string {
  const told =
    message === reason || message === ""
      ? reason
      : [reason, plainLine(message, MESSAGE_CHARS)].filter((part) => part !== "").join(": ");
  // Some say their status in the text again.
  return `got ${told.startsWith(`${status} `) ? told : `${status} ${told}`.trim()}, want 200`;
}
