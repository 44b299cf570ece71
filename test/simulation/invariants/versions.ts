/** Nothing is written over what was not read, and nobody goes back in time. */
import { takenAs } from "../../cluster/harness/taken-as.ts";
import type { Sent } from "../life.ts";
import { type Happening, type Invariant, jsonOf, statusPatchOf } from "./invariant.ts";

interface Patch {
  readonly metadata?: { readonly resourceVersion?: string; readonly uid?: string };
}

const VERSION = /"resourceVersion":"(\d+)"/g;

/** A status is written over a version that its writer was told of; a SeiNode is written in no other way but for finalizers. */
export function noLostUpdate(): Invariant {
  const told = new Map<string, Set<string>>();
  const hear = (by: string, text: string): void => {
    const known = told.get(by) ?? new Set<string>();
    told.set(by, known);
    for (const [, version = ""] of text.matchAll(VERSION)) known.add(version);
  };
  return {
    code: "versions",
    see(happening) {
      if (happening.kind === "told") hear(happening.by, happening.line);
      if (happening.kind === "answered" && happening.reply !== null && /\/seinodes/.test(happening.sent.path))
        hear(happening.by, new TextDecoder().decode(happening.reply.body));
      return happening.kind === "sent" ? unlocked(happening.by, happening.sent) : null;
    },
  };

  function unlocked(by: string, sent: Sent): string | null {
    const { method, path, body = "{}", host } = sent;
    if (host !== null || method === "GET" || !path.includes("/seinodes/")) return null;
    if (method !== "PATCH" || (statusPatchOf(sent) === null && !isOfFinalizers(body)))
      return `${method} ${path}: a SeiNode is written through its status and its finalizers alone`;
    const { resourceVersion = "", uid = "" } = takenAs<Patch>(JSON.parse(body)).metadata ?? {};
    if (resourceVersion === "" || uid === "") return `${method} ${path}: no version or no UID in ${body}`;
    if (told.get(by)?.has(resourceVersion) === true) return null;
    return `${by}: ${method} ${path} over version ${resourceVersion}, of which it was never told`;
  }
}

function isOfFinalizers(body: string): boolean {
  const patch = takenAs<Patch>(JSON.parse(body));
  const { resourceVersion: _version, uid: _uid, ...more } = patch.metadata ?? {};
  return Object.keys(patch).join() === "metadata" && Object.keys(more).join() === "finalizers";
}

/** No writer goes back to a version older than one that it wrote over, or made; no read may be of any age. */
export function noTimeTravel(): Invariant {
  const newest = new Map<string, number>();
  return {
    code: "time",
    see(happening) {
      switch (happening.kind) {
        case "watching":
          return ofAnyAge(happening.by, happening.path);
        case "sent":
          return ofAnyAge(happening.by, happening.sent.path) ?? backwards(happening);
        case "answered":
          if (happening.reply?.status === 200 && statusPatchOf(happening.sent) !== null)
            note(keyOf(happening), jsonOf(happening.reply));
          return null;
        case "committed":
        case "told":
          return null;
      }
    },
  };

  /** Returns what was newest before. */
  function note(key: string, { metadata }: Patch): { readonly before: number; readonly version: number } {
    const version = Number(metadata?.resourceVersion ?? "0");
    const before = newest.get(key) ?? 0;
    newest.set(key, Math.max(before, version));
    return { before, version };
  }

  function backwards(happening: Extract<Happening, { kind: "sent" }>): string | null {
    const node = statusPatchOf(happening.sent);
    if (node === null) return null;
    const { before, version } = note(keyOf(happening), takenAs<Patch>(JSON.parse(happening.sent.body ?? "{}")));
    return version >= before ? null : `${happening.by}: ${node} is written over version ${version} after ${before}`;
  }
}

function keyOf({ by, sent }: { readonly by: string; readonly sent: Sent }): string {
  const { metadata } = takenAs<Patch>(JSON.parse(sent.body ?? "{}"));
  return `${by} ${statusPatchOf(sent)} ${metadata?.uid}`;
}

/** Of a Lease only its changes count, and who has taken one reads it anew. */
function ofAnyAge(by: string, path: string): string | null {
  const isOfAnyAge = /[?&]resourceVersion=0(&|$)/.test(path) && !path.includes("/leases");
  return isOfAnyAge ? `${by}: a read of any age: ${path}` : null;
}
