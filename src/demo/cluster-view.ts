/** What can be seen of the simulated cluster: its commits, and what reached its sidecars. Nothing else is shown. */
import { type JsonObject, objectAt, stringAt } from "../base/index.ts";
import type { SeiNode } from "../model/index.ts";
import { readNode, readPod } from "../seinode/read/index.ts";
import type { Control, Revision, Submission } from "../sim/index.ts";
import type { Fact } from "./fact.ts";
import { factsOfNode } from "./facts-of-node.ts";
import { factsOfPod } from "./facts-of-pod.ts";

/** The nodes as committed, and the facts so far. */
export interface ClusterView {
  /** Null until it was created. */
  node(name: string): SeiNode | null;
  /** Facts since the last call, in the order they happened. */
  take(): readonly Fact[];
  end(): void;
}

/** Follows the cluster from now on. */
export function followCluster(control: Control): ClusterView {
  const nodes = new Map<string, SeiNode>();
  let facts: Fact[] = [];
  let lastPost: Submission | null = null;
  const end = control.follow((revision) => {
    facts.push(...factsOf(revision));
    const node = revision.resource.kind === "SeiNode" ? readNode(revision.object) : null;
    if (node !== null) nodes.set(node.metadata.name, node);
  });
  return {
    node: (name) => nodes.get(name) ?? null,
    take() {
      const posts = control.submissions();
      const fresh = posts.slice(lastPost === null ? 0 : posts.lastIndexOf(lastPost) + 1);
      lastPost = posts.at(-1) ?? null;
      const taken = [...facts, ...fresh.flatMap(factsOfPost)].sort((a, b) => a.at - b.at);
      facts = [];
      return taken;
    },
    end,
  };
}

function factsOf({ type, resource, object, previous, at }: Revision): readonly Fact[] {
  const gone = type === "DELETED";
  if (resource.kind === "SeiNode") {
    const node = gone ? null : readNode(object);
    return node === null ? [] : factsOfNode(previous === null ? null : readNode(previous), node, at);
  }
  if (resource.kind === "Pod") {
    return factsOfPod(previous === null ? null : readPod(previous), gone ? null : readPod(object), at);
  }
  return resource.kind === "Event" && type === "ADDED" ? factsOfEvent(object, at) : [];
}

function factsOfEvent(event: JsonObject, at: number): readonly Fact[] {
  const node = stringAt(objectAt(event, "regarding"), "name") ?? "";
  const text = `Event ${stringAt(event, "type") ?? ""} ${stringAt(event, "reason") ?? ""}`;
  return [{ at, who: "tidekeeper", kind: "event", node, text }];
}

/** Only tasks at the gate are facts; the steps of init are not. */
function factsOfPost({ at, pod, body, status }: Submission): readonly Fact[] {
  const type = /"type":\s*"(mark-[a-z-]+)"/.exec(body)?.[1];
  if (type === undefined) return [];
  const node = pod.replace(/-0$/, "");
  return [{ at, who: "tidekeeper", kind: "gate", node, text: `posts ${type} to the sidecar of Pod ${pod}: ${status}` }];
}
