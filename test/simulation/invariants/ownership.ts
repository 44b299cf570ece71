/** The Lease and what is owned, as far as requests and commits alone tell them; truth.ts holds the rest against what is so. */
import { takenAs } from "../../cluster/harness/taken-as.ts";
import type { Sent } from "../life.ts";
import { meaningOf } from "../meaning.ts";
import { type Happening, type Invariant, nodeCommitted, taskOf } from "./invariant.ts";

interface LeaseObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly holderIdentity?: string | null };
}

/** Whoever has an effect, or writes about a node, holds the Lease then. `lease`: the name of a node's. */
export function fenced(lease: (node: string) => string): Invariant {
  const holders = new Map<string, string>();
  const tasks = new Map<string, string>();
  return {
    code: "fence",
    see(happening) {
      if (happening.kind === "committed") note(happening);
      if (happening.kind !== "sent" || happening.sent.method === "GET") return null;
      const node = nodeOf(happening, tasks);
      if (node === null) return null;
      const holder = holders.get(lease(node)) ?? "";
      // A Lease that somebody deleted is still its holder's until it hears of it.
      if (holder === happening.by || holder === "") return null;
      return `${happening.by} acts on ${node}, while ${lease(node)} is ${holder}'s`;
    },
  };

  function note(happening: Extract<Happening, { kind: "committed" }>): void {
    const { resource, object, type } = happening.revision;
    if (resource.plural === "leases") {
      const { metadata, spec } = takenAs<LeaseObject>(object);
      holders.set(metadata.name, type === "DELETED" ? "" : (spec?.holderIdentity ?? ""));
    }
    const node = nodeCommitted(happening)?.node;
    for (const { id } of node?.status?.plan?.tasks ?? []) tasks.set(id, node?.metadata.name ?? "");
  }
}

function nodeOf({ sent }: Extract<Happening, { kind: "sent" }>, tasks: ReadonlyMap<string, string>): string | null {
  const task = taskOf(sent);
  if (task !== null) return tasks.get(task.id) ?? null;
  const meant = meaningOf(sent);
  return meant.kind === "object" ? meant.name : null;
}

function nameless({ path, body = "" }: Sent): string | null {
  const { preconditions } = takenAs<{ preconditions?: { uid?: string } }>(JSON.parse(body === "" ? "{}" : body));
  return preconditions?.uid === undefined ? `${path} is deleted, whoever it is` : null;
}

interface Owned {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly ownerReferences?: readonly { readonly uid: string; readonly controller?: boolean }[];
  };
}

/** What another owns is not written, what is deleted is named by its UID, and nobody's fields but ours are forced. */
export function ownedOnly(): Invariant {
  const nodes = new Map<string, string>();
  const owned = new Map<string, Owned>();
  return {
    code: "owned",
    see(happening) {
      if (happening.kind === "committed") note(happening);
      if (happening.kind !== "sent" || happening.sent.host !== null) return null;
      const { method, path } = happening.sent;
      const meant = meaningOf(happening.sent);
      if (meant.kind !== "object" || meant.plural === "seinodes") return null;
      if (method === "DELETE") return nameless(happening.sent);
      return method === "PATCH" && path.includes("force=true") ? forced(path, meant) : null;
    },
  };

  function forced(path: string, meant: { readonly plural: string; readonly name: string }): string | null {
    if (!path.includes("fieldManager=tidekeeper")) return `${path} is forced by another manager`;
    const there = owned.get(`${meant.plural}/${path.split("?")[0]?.split("/").at(-1)}`);
    const owner = there?.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    const mine = nodes.get(meant.name);
    if (owner === undefined || mine === undefined || owner === mine) return null;
    return `${path} is forced, and ${owner}'s`;
  }

  function note({ revision }: Extract<Happening, { kind: "committed" }>): void {
    const seen = nodeCommitted({ kind: "committed", at: 0, revision });
    if (seen !== null) nodes.set(seen.node.metadata.name, seen.node.metadata.uid);
    const object = takenAs<Owned>(revision.object);
    const key = `${revision.resource.plural}/${object.metadata.name}`;
    if (revision.type === "DELETED") owned.delete(key);
    else owned.set(key, object);
  }
}
