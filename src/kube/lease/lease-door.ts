/** The requests that leader election makes for one Lease. */
import type { KubeClient, Result } from "../client/index.ts";
import type { ElectorMove } from "./elector-step.ts";
import { heldSpec, type Lease, leaseRef, RELEASED_SPEC } from "./lease.ts";

/** Annotations to write; `null` takes one away. */
export type LeaseMarks = Readonly<Record<string, string | null>>;

/** What a renewal writes besides the holder's name: its time, and perhaps marks. */
export interface Renewal {
  readonly renewTime: string;
  readonly marks?: LeaseMarks | undefined;
}

/** The requests that election makes for one Lease, each with a deadline. */
export interface LeaseDoor {
  read(): Promise<Result<unknown>>;
  /** Creates it without a holder. It is then taken under an optimistic lock, so one of two that create at once gets it. */
  create(): Promise<Result<unknown>>;
  /** Takes or renews it, unless it was changed since `lease` was seen. */
  hold(lease: Lease, renewal: Renewal): Promise<Result<unknown>>;
  /**
   * Renews a Lease that several hold under one identity. It names no version, since on a slow server they would conflict
   * all the time, and no holder, so that it changes nobody's. The reply tells whether it is still ours.
   */
  renewShared(renewal: Renewal): Promise<Result<unknown>>;
  /** Gives it back, unless it was changed since `lease` was seen. */
  giveBack(lease: Lease, marks?: LeaseMarks): Promise<Result<unknown>>;
  /** Writes marks that nobody else writes, whatever else was changed. */
  mark(marks: LeaseMarks): Promise<Result<unknown>>;
  /** Reads it within the time for giving back. */
  readAgain(): Promise<Result<unknown>>;
}

/** A GET and a write fit into the renew deadline twice. */
const CALL_DEADLINE_MS = 2_400;
const RELEASE_DEADLINE_MS = 1_500;

/** The door to the Lease `name`, for `identity`. */
export function leaseDoor(options: {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  /** Who creates the Lease, as server-side apply names it. */
  readonly fieldManager: string;
  readonly leaseMs: number;
  /** Written by the holder with each renewal, so that holder and annotations always belong together. */
  readonly annotations?: Readonly<Record<string, string>>;
}): LeaseDoor {
  const { client, namespace, name, identity, fieldManager, leaseMs, annotations } = options;
  const ref = leaseRef(namespace, name);
  const [limits, quick] = [{ deadlineMs: CALL_DEADLINE_MS }, { deadlineMs: RELEASE_DEADLINE_MS }];
  const patchOf = ({ version }: Lease, spec: Readonly<Record<string, unknown>>, marks?: LeaseMarks) => ({
    metadata: { resourceVersion: version, ...(marks === undefined ? {} : { annotations: marks }) },
    spec,
  });
  return {
    read: () => client.get(ref, limits),
    create: () =>
      client.apply(
        ref,
        { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name } },
        { ...limits, fieldManager, force: false },
      ),
    hold: (lease, { renewTime, marks }) => {
      const spec = heldSpec(identity, { lease, durationMs: leaseMs, renewTime });
      return client.mergePatch(ref, patchOf(lease, spec, { ...annotations, ...marks }), limits);
    },
    renewShared: ({ renewTime, marks }) =>
      client.mergePatch(ref, { metadata: { annotations: { ...annotations, ...marks } }, spec: { renewTime } }, limits),
    giveBack: (lease, marks) => client.mergePatch(ref, patchOf(lease, RELEASED_SPEC, marks), quick),
    mark: (marks) => client.mergePatch(ref, { metadata: { annotations: marks } }, quick),
    readAgain: () => client.get(ref, quick),
  };
}

/** What an elector asks of the API server, one at a time. */
export type LeaseCall =
  | Extract<ElectorMove, { kind: "create" | "hold" | "read" }>
  | { readonly kind: "vacate"; readonly lease: Lease };

/** Whether the reply says that there is no Lease. */
export function isAbsent(reply: Result<unknown>): boolean {
  return !reply.ok && reply.failure.kind === "notFound";
}
