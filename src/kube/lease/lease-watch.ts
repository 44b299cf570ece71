/** A reflector for a single Lease. */
import { type ApiTransport, type Clock, field, type Random, textAt, type Timers } from "../../base/index.ts";
import { type Lease, leaseRef, readLease } from "./lease.ts";
import { resourcePath } from "../client/index.ts";
import { type Reflector, type ReflectorReport, startReflector } from "../watch/index.ts";
import { createStore } from "../store/index.ts";

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

/** A Lease and where it is. */
export interface PlacedLease {
  readonly namespace: string;
  readonly lease: Lease;
}

/** Reads a Lease with its namespace; `null` when it is no object of the API server. */
export function readPlacedLease(raw: unknown): PlacedLease | null {
  const lease = readLease(raw);
  const namespace = textAt(field(raw, "metadata"), "namespace");
  return lease === null || namespace === "" ? null : { namespace, lease };
}

/** The collection of the Leases called `name`: of one namespace, or of every one where it is null. */
export function namedLeases(
  namespace: string | null,
  name: string,
): { readonly path: string; readonly query: { readonly fieldSelector: string } } {
  const { name: _name, namespace: _namespace, ...everywhere } = leaseRef("", name);
  const path = resourcePath(namespace === null ? everywhere : { ...everywhere, namespace });
  // The name in the selector is what lets RBAC allow this for one Lease alone, also across namespaces.
  return { path, query: { fieldSelector: `metadata.name=${name}` } };
}

/** Calls `onSeen` with each Lease of the name now and whenever one changes; `null` = there is none in that namespace. */
export function watchLeases(
  options: Omit<LeaseWatchOptions, "namespace"> & { readonly namespace: string | null },
  onSeen: (namespace: string, lease: Lease | null, version: string) => void,
): Reflector {
  const { namespace, name, ...rest } = options;
  const store = createStore<PlacedLease>({
    keyOf: (one) => `${one.namespace}/${name}`,
    versionOf: ({ lease }) => lease.version,
  });
  store.reader.subscribe(({ type, object }) =>
    onSeen(object.namespace, type === "deleted" ? null : object.lease, object.lease.version),
  );
  return startReflector({ ...rest, ...namedLeases(namespace, name), project: readPlacedLease, store });
}

/** What there was at `version`: the Lease, or `null`. */
export type LeaseSeen = (lease: Lease | null, version: string) => void;

/** Calls `onSeen` with the Lease now and whenever it changes or is listed as missing. */
export function watchLease(options: LeaseWatchOptions, onSeen: LeaseSeen): Reflector {
  const { namespace, name, report, ...rest } = options;
  const store = createStore<Lease>({ keyOf: () => `${namespace}/${name}`, versionOf: ({ version }) => version });
  store.reader.subscribe(({ type, object, from }) => {
    if (type !== "deleted") onSeen(object, object.version);
    // A list that lacks it says so below, with its own version.
    else if (from === "watch") onSeen(null, object.version);
  });
  return startReflector({
    ...rest,
    ...namedLeases(namespace, name),
    project: readLease,
    store,
    report: (event) => {
      if (event.type === "synced" && event.objects === 0) onSeen(null, event.version);
      report(event);
    },
  });
}
