/** A reflector for a single Lease. */
import { leaseRef, readLease, type Lease } from "./lease.ts";
import { resourcePath } from "./paths.ts";
import { startReflector, type Reflector, type ReflectorReport } from "./reflector.ts";
import { createStore } from "./store.ts";
import type { ApiTransport, Clock, Random, Timers } from "./transport.ts";

/** Which Lease to watch, and with what. */
export interface LeaseWatchOptions {
  readonly transport: ApiTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly namespace: string;
  readonly name: string;
  readonly report: (report: ReflectorReport) => void;
  readonly signal: AbortSignal;
}

/** What there was at `version`: the Lease, or `null`. */
export type LeaseSeen = (lease: Lease | null, version: string) => void;

/** Calls `onSeen` with the Lease now and whenever it changes or is listed as missing. */
export function watchLease(options: LeaseWatchOptions, onSeen: LeaseSeen): Reflector {
  const { namespace, name, report, ...rest } = options;
  const { name: _name, ...collection } = leaseRef(namespace, name);
  const store = createStore<Lease>({ keyOf: () => `${namespace}/${name}`, versionOf: ({ version }) => version });
  store.reader.subscribe(({ type, object, from }) => {
    if (type !== "deleted") onSeen(object, object.version);
    // A list that lacks it says so below, with its own version.
    else if (from === "watch") onSeen(null, object.version);
  });
  return startReflector({
    ...rest,
    path: resourcePath(collection),
    // The name in the selector is what lets RBAC allow this for one Lease alone.
    query: { fieldSelector: `metadata.name=${name}` },
    project: readLease,
    store,
    report: (event) => {
      if (event.type === "synced" && event.objects === 0) onSeen(null, event.version);
      report(event);
    },
  });
}
