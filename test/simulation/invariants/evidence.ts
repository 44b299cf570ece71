/** Nothing is guessed, of the gate or of the image that runs. */
import type { StoredPlan } from "../../../src/model/index.ts";
import { takenAs } from "../../cluster/harness/taken-as.ts";
import { meaningOf } from "../meaning.ts";
import { type Happening, type Invariant, nodeCommitted } from "./invariant.ts";

/** From an answer to the commit of what it showed, at most: a status write may be refused and tried again. */
const FRESH_MS = 45_000;
/** By how much a watch may be behind. */
const LATE_MS = 60_000;
const SHUT_REASON = "SidecarNotReady";

/** A plan for a shut gate, and an open gate in status, follow a sidecar's own answer to a process of ours. */
export function noGuess(): Invariant {
  /** Code of the answer, and when, by node. */
  const shut = new Map<string, number>();
  const open = new Map<string, number>();
  const where: Places = new Map();
  return {
    code: "evidence",
    see(happening) {
      notePods(happening, where);
      if (happening.kind === "answered") return noteHealth(happening);
      const seen = nodeCommitted(happening);
      if (seen === null) return null;
      const { name } = seen.node.metadata;
      const isFresh = (at: number | undefined): boolean => at !== undefined && happening.at - at <= FRESH_MS;
      if (isBegun(seen.node.status?.plan, seen.before?.status?.plan) && !isFresh(shut.get(name)))
        return `${name}: a plan for a shut gate, and nobody was answered 503`;
      const isOpen = readyOf(seen.node.status?.conditions) === "True";
      const wasOpen = readyOf(seen.before?.status?.conditions) === "True";
      return isOpen && !wasOpen && !isFresh(open.get(name)) ? `${name}: told open, and nobody was answered 200` : null;
    },
  };

  function noteHealth({ sent, reply, at }: Extract<Happening, { kind: "answered" }>): null {
    const meant = meaningOf(sent);
    if (meant.kind !== "health" || reply === null) return null;
    for (const node of nodesAt(where, meant.host, at)) {
      if (reply.status === 503 && reply.body.length === 0) shut.set(node, at);
      if (reply.status === 200) open.set(node, at);
    }
    return null;
  }
}

/** Which nodes' Pods have an address, or had it until when: a watch may tell of another's late. */
type Places = Map<string, Map<string, number>>;

function notePods(happening: Happening, where: Places): void {
  if (happening.kind !== "committed" || happening.revision.resource.plural !== "pods") return;
  const { metadata, status } = takenAs<SeenPod>(happening.revision.object);
  if (status?.podIP === undefined) return;
  const nodes = where.get(status.podIP) ?? new Map<string, number>();
  const until = happening.revision.type === "DELETED" ? happening.at : Number.POSITIVE_INFINITY;
  where.set(status.podIP, nodes.set(metadata.name.replace(/-0$/, ""), until));
}

function nodesAt(where: Places, host: string, at: number): readonly string[] {
  const named = host.split(".")[0]?.replace(/-0$/, "") ?? "";
  const nodes = where.get(host);
  return nodes === undefined ? [named] : [...nodes].flatMap(([node, until]) => (at - until <= LATE_MS ? [node] : []));
}

interface SeenPod {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly podIP?: string };
}

function isBegun(plan: StoredPlan | null | undefined, before: StoredPlan | null | undefined): boolean {
  return plan?.phase === "Active" && plan.reason === SHUT_REASON && before?.id !== plan.id;
}

function readyOf(conditions: readonly { readonly type: string; readonly status: string }[] = []): string {
  return conditions.find(({ type }) => type === "SidecarReady")?.status ?? "";
}

interface SeenSet {
  readonly metadata: {
    readonly name: string;
    readonly generation?: number;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly spec: {
    readonly replicas?: number;
    readonly template?: { readonly spec?: { readonly containers?: readonly { name: string; image: string }[] } };
  };
  readonly status?: { readonly observedGeneration?: number; readonly updatedReplicas?: number };
}

/** `currentImage` is an image whose roll-out the node's own set has seen through. */
export function truthOfImage(): Invariant {
  /** Images that were rolled out, by the UID of the node. */
  const rolled = new Map<string, Set<string>>();
  return {
    code: "image",
    see(happening) {
      if (happening.kind === "committed" && happening.revision.resource.plural === "statefulsets")
        noteSet(takenAs<SeenSet>(happening.revision.object));
      const seen = nodeCommitted(happening);
      const image = seen?.node.status?.currentImage ?? "";
      if (seen === null || image === "" || image === seen.before?.status?.currentImage) return null;
      const known = rolled.get(seen.node.metadata.uid) ?? new Set<string>();
      // Admission may put the host of a mirror before what we asked for.
      const isSeen = Array.from(known).some((one) => one === image || one.endsWith(`/${image}`));
      return isSeen ? null : `${seen.node.metadata.name}: currentImage ${image}, rolled out: ${[...known].join(" ")}`;
    },
  };

  function noteSet({ metadata, spec, status = {} }: SeenSet): void {
    const isDone =
      (status.observedGeneration ?? 0) >= (metadata.generation ?? 1) && (status.updatedReplicas ?? 0) === 1;
    const image = spec.template?.spec?.containers?.find(({ name }) => name === "seid")?.image;
    const [owner] = metadata.ownerReferences ?? [];
    if (!isDone || image === undefined || owner === undefined) return;
    rolled.set(owner.uid, (rolled.get(owner.uid) ?? new Set<string>()).add(image));
  }
}
