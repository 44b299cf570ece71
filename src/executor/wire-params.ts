/** Params of a sidecar task: from the form that stands in a plan to the one on the wire. */
import { field, isObject, type Json, type JsonObject } from "../base/index.ts";
import type { ParamKind, Task } from "./task.ts";

/** Body field `params` for the sidecar; null = leave it out. */
export type WireParams =
  | { readonly ok: true; readonly params: JsonObject | null }
  | { readonly ok: false; readonly message: string };

/** What of a task's declaration says how its params are sent. */
export type ParamsDeclared = Pick<Task, "type" | "params" | "always">;

/**
 * Wire params of a persisted task. Plans of the later reference name the fields in PascalCase; both are read.
 * Not ok: a field that is missing, or of the wrong type. Never throws.
 */
export function wireParams({ type, params, always }: ParamsDeclared, persisted: JsonObject): WireParams {
  const pairs: [string, Json | undefined][] = Object.entries(always ?? {});
  for (const [name, want] of Object.entries(params)) {
    const value = either(persisted, name);
    if (value === undefined || value === null || isZero(value)) {
      if (want.endsWith("!")) return { ok: false, message: `task ${type}: params.${name}: is required` };
      continue;
    }
    const fits = FITS[want](value);
    if (!fits)
      return {
        ok: false,
        message: `task ${type}: params.${name}: got another kind of value, want ${want.replace("!", "")}`,
      };
    pairs.push([name, value]);
  }
  return { ok: true, params: pairs.length === 0 ? null : Object.fromEntries(pairs) };
}

/** The field, under its wire name or as Go exports it: `chainId` is `ChainID` there. */
function either(persisted: JsonObject, name: string): Json | undefined {
  const pascal = name.charAt(0).toUpperCase() + name.slice(1);
  for (const spelling of [name, pascal, pascal.replace(/Id$/, "ID")]) {
    if (field(persisted, spelling) !== undefined) return persisted[spelling];
  }
  return undefined;
}

/** Zero values stand in plans but are not sent. */
function isZero(value: Json): boolean {
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === 0 || value === "" || value === false || (Array.isArray(value) && value.length === 0);
}

const isText = (value: Json): boolean => typeof value === "string";
const FITS: Readonly<Record<ParamKind, (value: Json) => boolean>> = {
  text: isText,
  "text!": isText,
  integer: (value) => typeof value === "number" && Number.isSafeInteger(value) && value > 0,
  flag: (value) => typeof value === "boolean",
  list: (value) => Array.isArray(value),
  "list!": (value) => Array.isArray(value),
  map: isObject,
  "map!": isObject,
};
