/** The facts in a change of a Pod. */
import { type ContainerView, type PodView, SEID_CONTAINER, SIDECAR_CONTAINER } from "../model/index.ts";
import type { Fact, FactKind } from "./fact.ts";

/** The facts in a commit of a Pod; `before` null = it was created, `after` null = it is gone. */
export function factsOfPod(before: PodView | null, after: PodView | null, at: number): readonly Fact[] {
  const pod = after ?? before;
  if (pod === null) return [];
  const fact = (kind: FactKind, text: string): Fact => ({ at, who: "cluster", kind, node: pod.node, text });
  if (after === null) return [fact("pod", `Pod ${pod.name} is gone`)];
  if (before === null) {
    const image = containerOf(after, SEID_CONTAINER)?.image ?? "no image";
    return [fact("pod", `a new Pod ${pod.name} with ${image}`)];
  }
  const facts: Fact[] = [];
  if (after.deleting && !before.deleting) facts.push(fact("pod", `Pod ${pod.name} is being deleted`));
  const [was, now] = [containerOf(before, SIDECAR_CONTAINER), containerOf(after, SIDECAR_CONTAINER)];
  if (now?.state === "running" && was?.containerId !== now.containerId) {
    facts.push(fact("sidecar", `the sidecar of Pod ${pod.name} is up`));
  }
  return facts;
}

function containerOf(pod: PodView, name: string): ContainerView | undefined {
  return pod.containers.find((container) => container.name === name);
}
