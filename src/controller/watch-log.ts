/**
 * What is told of failing watches: one line for one cause, whichever resources it befalls, with what to do about it; again
 * each minute while it lasts; and its end.
 */
import type { ReflectorReport } from "../kube/watch/index.ts";
import type { Clock, Timers } from "../base/index.ts";
import type { Logger } from "../telemetry/index.ts";

/** What it is built from. */
export interface WatchLogOptions {
  readonly log: Pick<Logger, "info" | "warn" | "change">;
  readonly clock: Pick<Clock, "mono">;
  readonly timers: Timers;
  /** Address of the API server, told where it gave no answer; left out where it has none to tell. */
  readonly server?: string | undefined;
}

/** Tells what mirrors report. */
export interface WatchLog {
  tell(report: ReflectorReport): void;
  /** Tells nothing any more. */
  stop(): void;
}

/** All mirrors meet a cause within this time, and one that was cut off has tried again: that is not worth a line. */
const GATHER_MS = 1500;
const AGAIN_MS = 60_000;
/** A watch that works for this long works again. */
const SETTLED_MS = 5000;

type Trouble = Extract<ReflectorReport, { readonly waitMs: number }>;

interface Cause {
  last: Trouble;
  /** Resources that it befalls now. */
  readonly failing: Set<string>;
  readonly since: number;
  isTold: boolean;
  cancel: () => void;
}

/** A log of watches; as many causes at once as there are resources. */
export function watchLog(options: WatchLogOptions): WatchLog {
  const { log, clock, timers } = options;
  const causes = new Map<string, Cause>();
  /** Resources that were told to fail, and since when: their end is to be told. */
  const owed = new Map<string, number>();
  let cancelEnd = (): void => undefined;
  const write = (key: string, cause: Cause): void => {
    cause.isTold = true;
    cause.cancel = timers.after(AGAIN_MS, () => write(key, cause));
    for (const resource of cause.failing) owed.set(resource, owed.get(resource) ?? cause.since);
    const lastedMs = clock.mono() - cause.since;
    log.warn("A watch failed", { ...fieldsOf(cause, options), ...(lastedMs < AGAIN_MS ? {} : lasted(lastedMs)) });
  };
  const end = (): void => {
    const resource = [...owed.keys()].toSorted().join(", ");
    log.info("Watches work again", { resource, ...lasted(clock.mono() - Math.min(...owed.values()) - SETTLED_MS) });
    owed.clear();
  };
  const isFailing = (resource: string): boolean => [...causes.values()].some(({ failing }) => failing.has(resource));
  const recovered = (resource: string): void => {
    for (const [key, cause] of causes) {
      if (!cause.failing.delete(resource) || cause.failing.size > 0) continue;
      cause.cancel();
      // One that comes back within seconds is the same, and was told.
      if (cause.isTold) cause.cancel = timers.after(SETTLED_MS, () => causes.delete(key));
      else causes.delete(key);
    }
    if (owed.size === 0 || [...owed.keys()].some(isFailing)) return;
    cancelEnd();
    cancelEnd = timers.after(SETTLED_MS, end);
  };
  const failed = (trouble: Trouble): void => {
    const { resource } = trouble;
    const key = keyOf(trouble);
    const known = causes.get(key);
    if (owed.has(resource)) cancelEnd();
    for (const [other, cause] of causes) {
      if (other === key || !cause.failing.delete(resource) || cause.failing.size > 0) continue;
      // What it failed with before has turned into something else.
      cause.cancel();
      causes.delete(other);
    }
    if (known === undefined) {
      const since = clock.mono();
      const failing = new Set([resource]);
      const cause: Cause = { last: trouble, since, failing, isTold: false, cancel: () => undefined };
      cause.cancel = timers.after(GATHER_MS, () => write(key, cause));
      causes.set(key, cause);
      return;
    }
    if (known.failing.size === 0) {
      known.cancel();
      known.cancel = timers.after(AGAIN_MS, () => write(key, known));
    }
    known.last = trouble;
    known.failing.add(resource);
  };
  return {
    tell(report) {
      switch (report.type) {
        case "working":
          return recovered(report.resource);
        case "synced":
          return log.info("Cache synced", { resource: report.resource, how: report.how, objects: report.objects });
        case "unreadable": {
          const { resource, key, why } = report;
          const fields = { resource, key, why, next: "it is passed over until it changes" };
          return log.change(`unreadable ${resource} ${key}`, "warn", "An object cannot be read", fields);
        }
        case "fallback":
          // Of the server, not of a resource: told once.
          return log.change("fallback", "info", "Resources are listed before they are watched", { why: report.why });
        case "relist":
        case "dead":
        case "denied":
        case "retry":
          return failed(report);
      }
    },
    stop() {
      cancelEnd();
      for (const { cancel } of causes.values()) cancel();
      causes.clear();
    },
  };
}

/** A refusal is one whatever it says of each resource. */
function keyOf({ type, why, status }: Trouble): string {
  return status === 0 ? `${type === "dead" ? type : ""}${why.replaceAll(/\d+/g, "#")}` : String(status);
}

function fieldsOf({ last, failing }: Cause, { server }: WatchLogOptions): Readonly<Record<string, unknown>> {
  const { type, verb, why, status } = last;
  const resource = [...failing].toSorted().join(", ");
  const told = { resource, type, verb, why, status };
  return { ...told, ...(status === 0 && server !== undefined ? { server } : {}), hint: hintOf(last, failing) };
}

const BY_ITSELF = "It is tried again by itself";

/** What a person can do about it. */
function hintOf({ type, status, why }: Trouble, failing: ReadonlySet<string>): string {
  switch (status) {
    case 401:
      return `Check the credentials: the API server does not accept them. ${BY_ITSELF}`;
    case 403:
      return `Grant list and watch on them: apply what \`tidekeeper manifests\` prints. ${BY_ITSELF}`;
    case 404:
      return [...failing].every((resource) => resource.startsWith("seinodes."))
        ? `The CRD is missing: \`tidekeeper manifests | kubectl apply -f -\`. ${BY_ITSELF}`
        : `Is this the address of a Kubernetes API server? ${BY_ITSELF}`;
    case 410:
      return "The watch was away for too long: all is listed anew, by itself";
    case 0:
      // It has a hint of its own, or says all there is.
      if (why.includes(". ") || why.startsWith("no credentials")) return BY_ITSELF;
      return type === "dead"
        ? `Does something on the way to the API server (a proxy, a load balancer) drop what it sends? ${BY_ITSELF}`
        : `Is the API server up, and does this address lead to it? ${BY_ITSELF}`;
    default:
      return `Is the API server well? ${BY_ITSELF}`;
  }
}

function lasted(ms: number): { readonly lastedSeconds: number } {
  return { lastedSeconds: Math.max(0, Math.round(ms / 1000)) };
}
