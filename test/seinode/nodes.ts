/** SeiNodes for the tests of this room. */
import type { JsonObject } from "../../src/base/index.ts";
import type { NodeStatus, SeiNode } from "../../src/model/index.ts";
import { readSpec } from "../../src/seinode/read/read-spec.ts";
import type { SeiNodeSpec } from "../../src/seinode/spec/spec.ts";

/** A node with this spec, as the loop holds it. */
export function seiNode(spec: object, more: { readonly name?: string; readonly status?: NodeStatus } = {}): SeiNode {
  const json: JsonObject = { ...spec };
  const metadata = {
    namespace: "chain",
    name: more.name ?? "rpc-1",
    uid: "node-uid",
    resourceVersion: "7",
    generation: 1,
  };
  return { metadata, spec: json, status: more.status ?? {} };
}

/** A plain full node with these fields over it, and its spec as read. */
export function fullNode(more: object = {}, status: NodeStatus = {}): { node: SeiNode; spec: SeiNodeSpec } {
  const node = seiNode({ chainId: "pacific-1", image: "sei:1", fullNode: {}, ...more }, { status });
  const reading = readSpec(node);
  if (!reading.ok) throw new Error(reading.message);
  return { node, spec: reading.spec };
}
