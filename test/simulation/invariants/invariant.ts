/** What an invariant is: it is told everything that happens in a simulated cluster, in order, and says what is broken. */
import type { NodeStatus } from "../../../src/model/index.ts";
import type { Revision } from "../../../src/sim/index.ts";
import { takenAs } from "../../cluster/harness/taken-as.ts";
import type { Reply, Sent } from "../life.ts";

/** One thing that happened. `at`: milliseconds of simulated time. `by`: the process. */
export type Happening =
  | { readonly kind: "committed"; readonly at: number; readonly revision: Revision }
  /** A request leaves a process; `number` is the same in its answer. */
  | { readonly kind: "sent"; readonly at: number; readonly by: string; readonly sent: Sent; readonly number: number }
  /** `reply` null = the process was told that none came. */
  | {
      readonly kind: "answered";
      readonly at: number;
      readonly by: string;
      readonly sent: Sent;
      readonly number: number;
      readonly reply: Reply | null;
    }
  /** Lines of a watch reach a process. */
  | { readonly kind: "told"; readonly at: number; readonly by: string; readonly line: string }
  /** A process asks for a watch. */
  | { readonly kind: "watching"; readonly at: number; readonly by: string; readonly path: string };

/** One promise. `see` returns what broke it, in one line; null = nothing. */
export interface Invariant {
  readonly code: string;
  readonly see: (happening: Happening) => string | null;
}

/** A SeiNode as far as invariants read it. */
export interface SeenNode {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly image: string };
  readonly status?: NodeStatus & { readonly outcomes?: readonly string[] };
}

/** The node that was committed, with the one before; null for whatever is no SeiNode that lives. */
export function nodeCommitted(
  happening: Happening,
): { readonly node: SeenNode; readonly before: SeenNode | null } | null {
  if (happening.kind !== "committed") return null;
  const { resource, type, object, previous } = happening.revision;
  if (resource.plural !== "seinodes" || type === "DELETED") return null;
  return { node: takenAs<SeenNode>(object), before: previous === null ? null : takenAs<SeenNode>(previous) };
}

/** The task that is handed to a sidecar; null for any other request. */
export function taskOf({
  method,
  path,
  body = "{}",
}: Sent): { readonly id: string; readonly type: string; readonly body: string } | null {
  if (method !== "POST" || !path.split("?")[0]?.endsWith("/v0/tasks")) return null;
  const { id = "", type = "" } = takenAs<{ id?: string; type?: string }>(JSON.parse(body));
  return { id, type, body };
}

/** Name of the node whose status is patched, by its namespace; null for any other request. */
export function statusPatchOf({ method, path, host }: Sent): string | null {
  if (method !== "PATCH" || host !== null) return null;
  return /\/seinodes\/([^/?]+)\/status/.exec(path)?.[1] ?? null;
}

/** The body of a reply as JSON. */
export function jsonOf({ body }: Reply): { readonly metadata?: { readonly resourceVersion?: string } } {
  return takenAs<{ readonly metadata?: { readonly resourceVersion?: string } }>(
    JSON.parse(new TextDecoder().decode(body)),
  );
}
