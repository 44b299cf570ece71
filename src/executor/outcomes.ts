/** The outcomes that most tasks share. */
import type { ErrorCode, NodeStatus, Outcome, SeiNode } from "../model/index.ts";
import type { Reply } from "./ports.ts";

/** The step reached its goal. */
export const done: Outcome = { kind: "done" };
/** A request that failed for the moment is made again after this long. */
const RETRY_AFTER_MS = 2000;

/** Not yet. */
export function again(afterMs: number, why: string): Extract<Outcome, { kind: "again" }> {
  return { kind: "again", afterMs, why };
}

/** Not yet, for want of a Pod that runs. */
export function awaitsPod(afterMs: number, why: string): Extract<Outcome, { kind: "again" }> {
  return { ...again(afterMs, why), awaitsPod: true };
}

/** Effects may not start now. */
export const notHeld: Outcome = again(1000, "the Lease is not held");

/** The plan's ground is gone, so it ends without a failure. */
export function supersede(why: string): Outcome {
  return { kind: "superseded", why };
}

/** Given up. */
export function fail(code: ErrorCode, why: string): Outcome {
  return { kind: "failed", code, why };
}

/** The outcome of a request that did not come back with a value. */
export function failureOutcome(what: string, reply: Exclude<Reply<unknown>, { kind: "ok" }>): Outcome {
  switch (reply.kind) {
    case "notFound":
      return again(RETRY_AFTER_MS, `${what}: not found`);
    case "conflict":
      return again(RETRY_AFTER_MS, `${what}: ${reply.why}`);
    case "failed":
      return { ...again(RETRY_AFTER_MS, `${what}: ${reply.why}`), isUnanswered: true };
    case "refused":
      return fail("API_REFUSED", `${what}: ${reply.why}`);
  }
}

/**
 * `status.applied` after one object was applied: what it came to, and from which generation. The Service comes last in
 * every plan: until it is applied too, the objects are not of the new generation, and one that is refused is not forgotten.
 */
export function appliedStatus(
  node: SeiNode,
  kind: "statefulSet" | "service",
  digest: string | null,
): NonNullable<NodeStatus["applied"]> {
  const before = node.status.applied?.generation;
  const generation = kind === "service" ? node.metadata.generation : (before ?? node.metadata.generation);
  return { ...node.status.applied, generation, ...(digest === null ? {} : { [kind]: digest }) };
}

/** Milliseconds to the next try of something that should come soon: often at first, then less. */
export function soon(sinceStartMs: number): number {
  if (sinceStartMs < 60_000) return 150;
  return sinceStartMs < 180_000 ? 1000 : 5000;
}

/** Some object of the name we need is not this node's. */
export function failForeign(what: string): Outcome {
  return fail(
    "FOREIGN_OBJECT",
    `${what}: it exists and is not this node's. Find out whose it is, or give the SeiNode another name`,
  );
}

/**
 * Whether an object of the name we need is this node's own. One that names no owner is, where this node applied one of
 * that kind before and our fields are still in it: somebody took its owner away.
 */
export function isOwn(
  { metadata, status }: SeiNode,
  kind: "statefulSet" | "service",
  found: { readonly ownerUid: string | null; readonly ownedDigest: string | null },
): boolean {
  if (found.ownerUid !== null) return found.ownerUid === metadata.uid;
  return found.ownedDigest !== null && status.applied?.[kind] !== undefined;
}
