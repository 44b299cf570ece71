/** What telemetry tells of each node, kept as it changes: to read it off the objects takes 10 µs a node each time. */
import { keyOf, type NodeKey, type SeiNode } from "../model/index.ts";
import type { StoreReader } from "../kube/store/index.ts";
import { type NodeState, nodeStateOf } from "../telemetry/index.ts";

/** All that is told of a node but who it is: few kinds, which nodes share. */
type Told = Omit<NodeState, "namespace" | "name">;

/** The nodes' states from now on; `tells` chooses whose. Made before the first list is in, it knows them all. */
export function fleetStates(
  nodes: Pick<StoreReader<SeiNode>, "subscribe">,
  tells: (key: NodeKey) => boolean,
): () => Iterable<NodeState> {
  const kinds = new Map<string, Told>();
  const told = new Map<NodeKey, Told>();
  nodes.subscribe(({ type, object }) => {
    const key = keyOf(object.metadata);
    if (type === "deleted") return void told.delete(key);
    const { namespace: _namespace, name: _name, ...state } = nodeStateOf(object);
    const kind = JSON.stringify(state);
    // A phase may be any text; no more kinds than nodes are kept.
    if (kinds.size > told.size + MIN_KINDS) kinds.clear();
    const shared = kinds.get(kind) ?? state;
    kinds.set(kind, shared);
    told.set(key, shared);
  });
  return function* () {
    for (const [key, state] of told) {
      if (!tells(key)) continue;
      const slash = key.indexOf("/");
      yield { namespace: key.slice(0, slash), name: key.slice(slash + 1), ...state };
    }
  };
}

const MIN_KINDS = 64;
