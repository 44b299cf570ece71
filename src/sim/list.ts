/** Selecting and listing, in pages of one consistent snapshot. */
import type { JsonObject } from "../base/index.ts";
import { type ApiReply, badRequest, expired, tooLargeRevision } from "./api-reply.ts";
import { numberIn, objectIn, textIn } from "./json-path.ts";
import { apiVersionOf, type Resource } from "./resource.ts";
import type { RevisionStore } from "./revision-store.ts";

/** Says whether an object is selected. */
export type Selects = (object: JsonObject) => boolean;

/** Label selector (`a=b`, `a==b`, `a!=b`, `a`, `!a`) and field selector (`metadata.name`, `metadata.namespace`); null when not understood. */
export function selectorOf(query: URLSearchParams): Selects | null {
  const terms = [
    ...split(query.get("labelSelector")).map((term) => labelTerm(term)),
    ...split(query.get("fieldSelector")).map((term) => fieldTerm(term)),
  ];
  const known = terms.filter((term) => term !== null);
  return known.length < terms.length ? null : (object) => known.every((term) => term(object));
}

function split(text: string | null): readonly string[] {
  return text === null || text.trim() === "" ? [] : text.split(",").map((term) => term.trim());
}

function labelTerm(term: string): Selects | null {
  const match = /^(!?)([\w./-]+)(?:(!=|==?)([\w.-]*))?$/.exec(term);
  if (!match) return null;
  const [, bang, key = "", operator, value] = match;
  const label = (object: JsonObject) => objectIn(object, "metadata", "labels")[key];
  if (operator === "!=") return (object) => label(object) !== value;
  if (operator !== undefined) return (object) => label(object) === value;
  return (object) => (label(object) !== undefined) === (bang === "");
}

function fieldTerm(term: string): Selects | null {
  const match = /^metadata\.(name|namespace)==?(.*)$/.exec(term);
  if (!match) return null;
  const [, field = "", value] = match;
  return (object) => textIn(object, "metadata", field) === value;
}

/** GET on a collection. */
export function list(
  store: RevisionStore,
  resource: Resource,
  namespace: string | null,
  query: URLSearchParams,
): ApiReply {
  const selects = selectorOf(query);
  if (!selects) return badRequest("unable to parse requirement in labelSelector or fieldSelector");
  const asked = Number(query.get("resourceVersion") ?? "0");
  if (asked > store.revision()) return tooLargeRevision(asked, store.revision());
  const token = pageToken(query.get("continue"));
  if (token === "unreadable") return badRequest("continue key is not valid: it is no token of this server");
  const rv = token === null ? store.revision() : token.rv;
  const whole = store.listAt(resource, namespace, rv);
  if (!whole) return expired("The provided continue parameter is too old to display a consistent list result.");
  const all = whole.filter(selects);
  const start = token?.start ?? 0;
  const limit = Number(query.get("limit") ?? "0") || all.length;
  const items = all.slice(start, start + limit);
  const left = all.length - start - items.length;
  // Under a selector nobody counts what is left.
  const isSelected = query.has("labelSelector") || query.has("fieldSelector");
  const next =
    left > 0
      ? {
          continue: btoa(JSON.stringify({ rv, start: start + limit })),
          ...(isSelected ? {} : { remainingItemCount: left }),
        }
      : {};
  const metadata = { resourceVersion: String(rv), ...next };
  return { status: 200, body: { apiVersion: apiVersionOf(resource), kind: `${resource.kind}List`, metadata, items } };
}

function pageToken(text: string | null): { readonly rv: number; readonly start: number } | "unreadable" | null {
  if (text === null || text === "") return null;
  try {
    const token: JsonObject = JSON.parse(atob(text));
    return { rv: numberIn(token, "rv") ?? 0, start: numberIn(token, "start") ?? 0 };
  } catch {
    return "unreadable";
  }
}
