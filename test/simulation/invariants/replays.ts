/** Nothing that met a conflict is sent again as it was. */
import { takenAs } from "../../cluster/harness/taken-as.ts";
import { type Happening, type Invariant, nodeCommitted, type SeenNode, statusPatchOf } from "./invariant.ts";

/** A patch that met a conflict is made anew from what is there, and not put over it. */
export function noReplay(): Invariant {
  const refused: Refused = new Map();
  const stored = new Map<string, SeenNode>();
  return {
    code: "versions",
    see(happening) {
      const seen = nodeCommitted(happening);
      if (seen !== null) stored.set(seen.node.metadata.name, seen.node);
      if (happening.kind === "answered") noteConflict(happening, refused);
      if (happening.kind !== "sent") return null;
      noteRead(happening, refused);
      const node = statusPatchOf(happening.sent);
      if (node === null || !isReplay(happening, refused)) return null;
      const status = statusOf(happening.sent.body ?? "{}");
      if (!hasOldTimes(status, stored.get(node))) return null;
      return `${happening.by}: what met a conflict is sent again as soon as the node was read: ${status}`;
    },
  };
}

/**
 * What met a conflict last, by process and node: it rests on what was not so. `read`: the number of the read of the node
 * that followed at once, and when that was answered.
 */
type Refused = Map<
  string,
  { readonly status: string; readonly at: number; readonly read: number; readonly readAt: number }
>;

/** The read that a conflict leads to leaves in the same moment; a later one is another look. */
function noteRead({ by, sent, at, number }: Extract<Happening, { kind: "sent" }>, refused: Refused): void {
  const key = `${by} ${sent.path.split("?")[0]}`;
  const known = refused.get(key);
  if (sent.method === "GET" && known?.at === at) refused.set(key, { ...known, read: number });
}

function noteConflict(
  { by, sent, reply, at, number }: Extract<Happening, { kind: "answered" }>,
  refused: Refused,
): void {
  const path = sent.path.split("?")[0] ?? "";
  const key = `${by} ${path.replace(/\/status$/, "")}`;
  const known = refused.get(key);
  if (statusPatchOf(sent) !== null) {
    if (reply?.status === 409) refused.set(key, { status: statusOf(sent.body ?? "{}"), at, read: -1, readAt: -1 });
    else refused.delete(key);
  } else if (known?.read === number) refused.set(key, { ...known, readAt: at });
}

/** Whoever looks at the node anew takes a while, and comes to what it comes to. */
function isReplay({ by, sent, at }: Extract<Happening, { kind: "sent" }>, refused: Refused): boolean {
  const known = refused.get(`${by} ${sent.path.split("?")[0]?.replace(/\/status$/, "")}`);
  return known !== undefined && known.readAt === at && known.status === statusOf(sent.body ?? "{}");
}

/**
 * Whoever looks at the node anew may come to the same, but for the times of what changes now: those of the refused patch
 * are in no stored status.
 */
function hasOldTimes(status: string, stored: SeenNode | undefined): boolean {
  const known = JSON.stringify(stored?.status ?? {});
  return Array.from(status.matchAll(TIME)).some(([time]) => !known.includes(time));
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** What a patch says, whatever it is locked to. Times tell one look from another. */
function statusOf(body: string): string {
  const { status } = takenAs<{ status?: unknown }>(JSON.parse(body));
  return JSON.stringify(status);
}
