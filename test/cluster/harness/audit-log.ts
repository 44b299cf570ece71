/** The API server's own record of who changed what: the judge of quiet, of order and of ownership. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { takenAs } from "./taken-as.ts";

/** One mutating request that the API server answered. */
export interface AuditEntry {
  readonly verb: string;
  readonly userAgent: string;
  /** User name, such as `system:serviceaccount:ns:name`. */
  readonly user: string;
  readonly uri: string;
  /** `resource` or `resource/subresource`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** Status of the reply. */
  readonly code: number;
  /** Unix milliseconds the request arrived at. */
  readonly atMs: number;
  /** Unix milliseconds the reply went out at. */
  readonly doneMs: number;
  /** Only of SeiNodes and Leases. */
  readonly requestObject: unknown;
  readonly responseObject: unknown;
}

/** A place in the log. */
export type AuditOffset = number;

/** Reads the log from an offset on; the API server writes an entry before the reply is out. */
export interface AuditLog {
  /** Where the log ends now. */
  offset(): AuditOffset;
  /** Mutating requests since then whose user agent starts with `userAgent`; all of them when it is left out. */
  mutationsSince(offset: AuditOffset, userAgent?: string): readonly AuditEntry[];
}

interface RawEntry {
  readonly verb: string;
  readonly userAgent?: string;
  readonly requestURI: string;
  readonly user?: { readonly username?: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
}

/** The audit log in this file. */
export function auditLog(path: string): AuditLog {
  return {
    offset: () => statSync(path).size,
    mutationsSince: (offset, userAgent = "") =>
      linesFrom(path, offset)
        .map((line) => entryOf(takenAs<RawEntry>(JSON.parse(line))))
        .filter((entry) => entry.userAgent.startsWith(userAgent)),
  };
}

function linesFrom(path: string, offset: number): string[] {
  const begin = Math.max(0, offset - 1);
  const size = statSync(path).size - begin;
  if (size <= 0) return [];
  const bytes = Buffer.alloc(size);
  const file = openSync(path, "r");
  try {
    const read = bytes.subarray(0, readSync(file, bytes, 0, size, begin));
    // The offset may lie within a line that was on its way then: that one is of before. The last may still be on its way.
    const first = offset === 0 ? 0 : read.indexOf(10) + 1;
    return read
      .subarray(first, read.lastIndexOf(10) + 1)
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "");
  } finally {
    closeSync(file);
  }
}

function entryOf(raw: RawEntry): AuditEntry {
  const at = raw.objectRef ?? {};
  return {
    verb: raw.verb,
    userAgent: raw.userAgent ?? "",
    user: raw.user?.username ?? "",
    uri: raw.requestURI,
    resource: at.subresource === undefined ? (at.resource ?? "") : `${at.resource ?? ""}/${at.subresource}`,
    namespace: at.namespace ?? "",
    name: at.name ?? "",
    code: raw.responseStatus?.code ?? 0,
    atMs: Date.parse(raw.requestReceivedTimestamp),
    doneMs: Date.parse(raw.stageTimestamp),
    requestObject: raw.requestObject ?? null,
    responseObject: raw.responseObject ?? null,
  };
}
