/**
 * Claims that nodes import. They carry no label of ours, so no mirror holds them, and each is read by itself.
 *
 * Rarely: a Pod keeps its claim from being replaced, so a claim is read when its node is first seen, when the node's
 * Pod is another one, and every few minutes. Whoever opens a gate reads it once more. Nothing here writes.
 */
import type { ClaimView, NodeKey, SeiNode } from "../model/index.ts";
import type { ImportPort, Reply } from "../executor/index.ts";
import type { KubeClient } from "../kube/client/index.ts";
import type { Clock } from "../base/index.ts";
import {
  type ImportedClaim,
  type ImportWish,
  readImportedClaim,
  readImportedVolume,
  type Rival,
  rivalOf,
} from "../seinode/read/index.ts";
import { VOLUMES } from "../seinode/crd/index.ts";
import { type Caches, RESOURCES } from "./caches.ts";
import { claimUsers } from "./claim-users.ts";
import { replyOf } from "./objects.ts";
import { ownedObjects } from "./owned-objects.ts";

/** What imports are read with. */
export interface ImportOptions {
  readonly client: Pick<KubeClient, "get">;
  readonly caches: Caches;
  readonly clock: Pick<Clock, "mono">;
  /** Every SeiNode of a namespace, read live. */
  readonly nodesIn: (namespace: string) => Promise<Reply<readonly SeiNode[]>>;
  /** Null = the node imports no claim. */
  readonly wanted: (node: SeiNode) => ImportWish | null;
}

/** The imports of all nodes. */
export interface ImportedClaims {
  readonly port: ImportPort;
  /** Before a reconcile: reads the node's claim if it is due. Never rejects. */
  refreshDue(key: NodeKey, signal: AbortSignal): Promise<void>;
  /** The claim as it was last read; null = it is gone; undefined = the node imports none. */
  claimOf(node: SeiNode): ClaimView | null | undefined;
  /** As after the Lease was lost: all is read anew. */
  forget(): void;
}

/** A claim is read again after this long, whatever happens. */
const STALE_MS = 300_000;
/** And so long after a read that failed. */
const RETRY_MS = 2000;
/** A reconcile waits no longer for it; what was last known stands meanwhile. */
const DEADLINE_MS = 2000;

interface Seen {
  readonly claim: ClaimView | null;
  /** Of the Pod it was read beside; null = there was none. */
  readonly podUid: string | null;
  readonly dueAt: number;
}

/** Builds them; what is known of a node that is gone is forgotten. */
export function importedClaims({ client, caches, clock, nodesIn, wanted }: ImportOptions): ImportedClaims {
  /** By UID of the node. */
  const seen = new Map<string, Seen>();
  caches.nodes.reader.subscribe(({ type, object }) => {
    if (type === "deleted") seen.delete(object.metadata.uid);
  });
  const users = claimUsers(caches);
  const podOf = (node: SeiNode): string | null => ownedObjects(caches, node).pod?.uid ?? null;
  const read = async (node: SeiNode, name: string, signal?: AbortSignal): Promise<Reply<ImportedClaim>> => {
    const ref = { ...RESOURCES.claims, namespace: node.metadata.namespace, name };
    const podUid = podOf(node);
    const limits = { deadlineMs: DEADLINE_MS, ...(signal === undefined ? {} : { signal }) };
    const reply = readable(replyOf(await client.get(ref, limits), readImportedClaim));
    const now = clock.mono();
    if (reply.kind === "ok" || reply.kind === "notFound") {
      const claim = reply.kind === "ok" ? viewOf(node, reply.value) : null;
      seen.set(node.metadata.uid, { claim, podUid, dueAt: now + STALE_MS });
    } else {
      const before = seen.get(node.metadata.uid);
      if (before !== undefined) seen.set(node.metadata.uid, { ...before, dueAt: now + RETRY_MS });
    }
    return reply;
  };
  const userOf = (node: SeiNode, claim: string): Rival | null => {
    const { namespace } = node.metadata;
    return rivalOf(node, claim, { nodes: users.nodes(namespace, claim), pods: users.pods(namespace, claim) });
  };
  return {
    forget: () => seen.clear(),
    async refreshDue(key, signal) {
      const node = caches.nodes.reader.get(key);
      const wish = node === null ? null : wanted(node);
      if (node === null || wish === null) return;
      const known = seen.get(node.metadata.uid);
      const isSamePod = known?.podUid === podOf(node);
      if (known === undefined || known.dueAt <= clock.mono() || !isSamePod) await read(node, wish.name, signal);
    },
    claimOf(node) {
      const wish = wanted(node);
      if (wish === null) return undefined;
      const known = seen.get(node.metadata.uid);
      return known === undefined ? believed(node, wish) : known.claim;
    },
    port: {
      wanted,
      claim: (node) => read(node, wanted(node)?.name ?? ""),
      volume: async (name) =>
        replyOf(await client.get({ group: "", version: "v1", plural: VOLUMES, name }), readImportedVolume),
      rival(node) {
        const wish = wanted(node);
        return wish === null ? null : userOf(node, wish.name);
      },
      userOf,
      neighbours: ({ metadata }) => nodesIn(metadata.namespace),
    },
  };
}

/** A reply that is no claim says nothing. */
function readable(reply: Reply<ImportedClaim | null>): Reply<ImportedClaim> {
  if (reply.kind !== "ok") return reply;
  return reply.value === null ? { kind: "failed", why: "the reply is no claim" } : { kind: "ok", value: reply.value };
}

/** While nothing could be read, the claim that init completed on is believed to be there: no evidence is no loss. */
function believed(node: SeiNode, { name }: ImportWish): ClaimView | null {
  const { dataVolume } = node.status;
  if (dataVolume === undefined || dataVolume.claimName !== name) return null;
  const rest = { resourceVersion: "", ownerUid: null, phase: "", deleting: false, createdAt: "" };
  return { namespace: node.metadata.namespace, name, uid: dataVolume.uid, node: node.metadata.name, ...rest };
}

function viewOf({ metadata }: SeiNode, claim: ImportedClaim): ClaimView {
  const { namespace, name, uid, resourceVersion, ownerUid, phase, deleting, createdAt } = claim;
  return { namespace, name, uid, resourceVersion, ownerUid, phase, deleting, createdAt, node: metadata.name };
}
