/**
 * The core's port to writing: patches of a SeiNode with their optimistic lock, and the live read that follows a conflict or
 * a lost reply; and all else that changes something, which the executor does.
 */
import { type JsonObject, objectAt } from "../base/index.ts";
import type { NodeKey, SeiNode } from "../model/index.ts";
import type { PatchReply, Policy, Writer } from "../core/index.ts";
import { adoptObjects, applyPause, deleteObjects, execute, type ExecutorPorts } from "../executor/index.ts";
import type { ApiFailure, KubeClient } from "../kube/client/index.ts";
import type { Store } from "../kube/store/index.ts";
import { readNode } from "../seinode/read/index.ts";
import { RESOURCES } from "./caches.ts";

/** The requests the loop makes for a SeiNode itself. */
export interface StatusWriter {
  patch(node: SeiNode, status: JsonObject): Promise<PatchReply>;
  setFinalizers(node: SeiNode, finalizers: readonly string[]): Promise<PatchReply>;
  /** Reads the node into the store; false when the API server could not be asked. */
  refresh(key: NodeKey): Promise<boolean>;
}

/** What the writer goes through. */
export interface StatusWriterOptions {
  /** For all but status patches. */
  readonly client: KubeClient;
  /** For a patch that has its turn already. */
  readonly direct: KubeClient;
  /** Waits for the turn of a patch; resolves with what ends it. */
  readonly turn: (priority: "opening" | "closing", node: SeiNode) => Promise<() => void>;
  /** Asked right before each request is sent. */
  readonly mayWrite: Policy["mayWrite"];
}

/** Builds the writer; the reply enters the store like a watch event, so nobody waits for the echo. */
export function statusWriter(options: StatusWriterOptions, nodes: Store<SeiNode>): StatusWriter {
  const { client } = options;
  const refresh = async (key: NodeKey): Promise<boolean> => {
    const [namespace = "", name = ""] = key.split("/");
    const asked = nodes.reader.get(key)?.metadata.uid ?? null;
    const result = await client.get({ ...RESOURCES.nodes, namespace, name });
    if (!result.ok) {
      if (result.failure.kind === "notFound") nodes.writer.absent(key, asked);
      return result.failure.kind === "notFound";
    }
    const node = readNode(result.value);
    if (node !== null) nodes.accept(node);
    return node !== null;
  };
  const send = async (
    node: SeiNode,
    patch: JsonObject,
    { via, ...path }: { readonly via: KubeClient; readonly subresource?: string },
  ): Promise<PatchReply> => {
    const { namespace, name } = node.metadata;
    const permit = (): string | null => (options.mayWrite(node) ? null : LEASE_LOST);
    const result = await via.mergePatch({ ...RESOURCES.nodes, namespace, name, ...path }, patch, { permit });
    if (!result.ok) {
      const reply = failed(result.failure);
      if (reply.kind === "conflict") await refresh(`${namespace}/${name}`);
      return reply;
    }
    const stored = readNode(result.value);
    if (stored === null) return { kind: "lost", why: "the reply is no SeiNode" };
    nodes.accept(stored);
    return { kind: "stored", node: stored, status: objectAt(result.value, "status") };
  };
  return {
    refresh,
    async patch(node, status) {
      const body = { metadata: lockOf(node), status };
      const end = await options.turn(onlyTidiesUp(status) ? "closing" : "opening", node);
      try {
        return await send(node, body, { via: options.direct, subresource: "status" });
      } finally {
        end();
      }
    },
    setFinalizers: (node, finalizers) => send(node, { metadata: { ...lockOf(node), finalizers } }, { via: client }),
  };
}

/** What the port is made of. */
export interface WriterParts {
  readonly status: StatusWriter;
  readonly executor: ExecutorPorts;
  readonly send: Writer["send"];
}

/** Builds the port. */
export function writerPort({ status, executor, send }: WriterParts): Writer {
  return {
    patchStatus: (node, patch) => status.patch(node, patch),
    setFinalizers: (node, finalizers) => status.setFinalizers(node, finalizers),
    execute: (context) => execute(context, executor),
    applyStatefulSet: (node) => applyPause(node, executor),
    adopt: (node, found) => adoptObjects(node, found, executor),
    tearDown: (node) => deleteObjects(node, executor),
    send,
  };
}

/** It closes a plan. What stores one is carried out next, and what was seen of a node keeps it from being asked again. */
function onlyTidiesUp({ plan }: JsonObject): boolean {
  return plan === null;
}

const LEASE_LOST = "the Lease was lost before its turn came";

/** What must still hold: this very object, as we know it. */
function lockOf({ metadata: { resourceVersion, uid } }: SeiNode): JsonObject {
  return { resourceVersion, uid };
}

function failed(failure: ApiFailure): PatchReply {
  if (failure.kind === "conflict") return { kind: "conflict" };
  if (failure.kind === "notFound" || failure.kind === "gone") return { kind: "gone" };
  return failure.maybeDone ? { kind: "lost", why: failure.message } : { kind: "refused", why: failure.message };
}
