/** What keeps a controller from acting, in one log record: said at once, and again every minute while it lasts. */
import type { LogFields } from "../telemetry/index.ts";
import type { Timers } from "../base/index.ts";
import { type Scope, scopeText } from "./lease-scope.ts";
import type { Rival, Rivals } from "./rivals.ts";

/** A log record. */
export interface Wait {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** What is known of who acts. */
export interface Standing {
  readonly rivals: Pick<Rivals, "all" | "problem">;
  /** `namespace/name` of our own Lease, and its namespace. */
  readonly lease: string;
  readonly namespace: string;
  /** Its namespace is not there. */
  readonly isNowhere: boolean;
  readonly scope: Scope;
  readonly shards: number;
  /** Who holds our Lease but for us, and for which scope as far as it says; null = nobody. */
  readonly holder: { readonly name: string; readonly scope: Scope | null } | null;
}

const EVERY_MS = 60_000;

/** Whom it waits for; null where it waits for nobody. */
export function waitOf(standing: Standing): Wait | null {
  const { rivals, lease, namespace, isNowhere } = standing;
  if (rivals.problem !== null)
    return { level: "warn", message: "A Lease cannot be watched", fields: { ...rivals.problem } };
  const rival = rivals.all.find(({ life }) => life === "alive") ?? rivals.all[0];
  if (rival !== undefined) return rivalWait(rival);
  if (isNowhere) {
    const why = `namespace ${namespace}: got 404, want it. Create it with \`kubectl create namespace ${namespace}\`, or name another with --leader-elect-namespace`;
    return { level: "error", message: "The Lease has no namespace to be in", fields: { lease, why } };
  }
  return standing.holder === null ? null : holderWait(standing, standing.holder);
}

/** Says each wait when it begins, and every minute. `tell` is called whenever it may be another; `stop` ends it. */
export function sayWaits(
  timers: Timers,
  { read, say }: { readonly read: () => Wait | null; readonly say: (wait: Wait) => void },
): { tell(): void; stop(): void } {
  let said: string | null = null;
  let cancel = (): void => {};
  const speak = (wait: Wait): void => {
    cancel();
    said = JSON.stringify(wait);
    say(wait);
    cancel = timers.after(EVERY_MS, again);
  };
  const again = (): void => {
    const wait = read();
    said = null;
    if (wait !== null) speak(wait);
  };
  return {
    tell() {
      const wait = read();
      if (wait === null) {
        cancel();
        said = null;
      } else if (JSON.stringify(wait) !== said) speak(wait);
    },
    stop: () => cancel(),
  };
}

function rivalWait({ namespace, name, holder, life, scope, isOfOurKind }: Rival): Wait {
  const lease = `${namespace}/${name}`;
  if (life === "unknown") {
    return { level: "info", message: "Waiting to see whether another manager is alive", fields: { lease, holder } };
  }
  if (!isOfOurKind) {
    const message = "The reference's manager is alive, so nothing is written. Stop it first";
    return { level: "warn", message, fields: { lease, holder } };
  }
  const message = "Another Tidekeeper looks after nodes of ours, so nothing is written. Stop one of the two";
  return { level: "warn", message, fields: { lease, holder, scope: scope === null ? "not said" : scopeText(scope) } };
}

function holderWait(
  { lease, scope, shards }: Standing,
  holder: { readonly name: string; readonly scope: Scope | null },
): Wait {
  const fields = { lease, holder: holder.name };
  const theirs = holder.scope === null ? null : scopeText(holder.scope);
  if (theirs !== null && theirs !== scopeText(scope)) {
    const message = "Standing by: the Lease is held for another scope";
    return { level: "warn", message, fields: { ...fields, scope: theirs, ours: scopeText(scope) } };
  }
  const isShared = /^shards-\d+/.test(holder.name);
  if (shards === 1 && !isShared) return { level: "info", message: "Standing by", fields };
  return {
    level: "warn",
    message: "Standing by: the Lease is held for another number of shards",
    fields: { ...fields, shards },
  };
}
