/** All that a SeiNode went through while a test looked at it: the watch tells also what was gone a moment later. */
import type { StoredPlan } from "../../../src/model/index.ts";
import { eventually } from "./eventually.ts";
import type { AdminApi } from "./admin-api.ts";
import { conditionOf, seiNode, type SeiNodeObject } from "./fleet.ts";

/** The diary of one SeiNode. */
export interface NodeDiary {
  /** The version it began with and every one the watch told of, oldest first. */
  readonly versions: () => readonly SeiNodeObject[];
  /** Every plan that stood in status, each as it was first seen. */
  readonly plans: () => readonly StoredPlan[];
  /** Values of a condition, as `status/reason`, without repeats in a row. */
  readonly story: (type: string) => readonly string[];
  /** Closes it when the watch has told of the node as it is now: a read may show more than the watch has told. */
  readonly close: () => Promise<void>;
}

/** Opens the diary with the node as it is now. */
export async function keepDiary(api: AdminApi, namespace: string, name: string): Promise<NodeDiary> {
  const now = await seiNode(api, namespace, name);
  const seen: SeiNodeObject[] = [now];
  const ending = new AbortController();
  // From this version on: without one a watch may begin with what was before it.
  const from = `fieldSelector=metadata.name%3D${name}&resourceVersion=${now.metadata.resourceVersion ?? ""}`;
  const path = `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes?${from}`;
  const write = async (): Promise<void> => {
    for await (const { type, object } of api.watch<SeiNodeObject>(path, ending.signal)) {
      if (type !== "BOOKMARK" && type !== "ERROR") seen.push(object);
    }
  };
  void write();
  return {
    versions: () => seen,
    plans: () => {
      const first = new Map<string, StoredPlan>();
      for (const { status } of seen) {
        const plan = status?.plan ?? null;
        if (plan !== null && !first.has(plan.id)) first.set(plan.id, plan);
      }
      return [...first.values()];
    },
    story: (type) => {
      const told = seen.map((node) => conditionOf(node, type));
      return told.filter((value, index) => value !== told[index - 1]);
    },
    close: async () => {
      const { metadata } = await seiNode(api, namespace, name);
      const hasCome = async () => seen.some((version) => version.metadata.resourceVersion === metadata.resourceVersion);
      await eventually("the watch to catch up", hasCome);
      ending.abort();
    },
  };
}
