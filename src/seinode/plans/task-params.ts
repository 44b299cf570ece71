/** Params of a sidecar task: from the form that stands in a plan to the one on the wire. */
import { field, isObject, type Json, type JsonObject } from "../../base/index.ts";

/** Body field `params` for the sidecar; null = leave it out. */
export type WireParams =
  | { readonly ok: true; readonly params: JsonObject | null }
  | { readonly ok: false; readonly message: string };

/**
 * Wire params of a persisted task. Plans of the later reference name the fields in PascalCase; both are read.
 * Not ok: a type no sidecar knows from us, or a field of the wrong type. Never throws.
 */
export function wireParams(type: string, persisted: JsonObject): WireParams {
  const rule = RULES.get(type);
  if (rule === undefined) return { ok: false, message: `task ${type.slice(0, 64)}: is no task of a sidecar` };
  const pairs: [string, Json][] = Object.entries(rule.always ?? {});
  for (const [name, want] of Object.entries(rule.fields)) {
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

/** Whether tasks of this type are handed to the sidecar. */
export function isSidecarTask(type: string): boolean {
  return RULES.has(type);
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

/** What a field holds; `!` = it must be there. */
type Want = "text" | "text!" | "integer" | "flag" | "list" | "list!" | "map" | "map!";

interface Rule {
  readonly fields: Readonly<Record<string, Want>>;
  /** Sent whatever stands in the plan. */
  readonly always?: Readonly<Record<string, Json>>;
}

const isText = (value: Json): boolean => typeof value === "string";
const FITS: Readonly<Record<Want, (value: Json) => boolean>> = {
  text: isText,
  "text!": isText,
  integer: (value) => typeof value === "number" && Number.isSafeInteger(value) && value > 0,
  flag: (value) => typeof value === "boolean",
  list: (value) => Array.isArray(value),
  "list!": (value) => Array.isArray(value),
  map: isObject,
  "map!": isObject,
};

const NONE: Rule = { fields: {} };
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["mark-ready", NONE],
  ["config-validate", NONE],
  ["set-genesis-peers", NONE],
  ["snapshot-upload", NONE],
  ["configure-genesis", { fields: { expectedGenesisHash: "text" } }],
  ["snapshot-restore", { fields: { targetHeight: "integer" } }],
  ["config-apply", { fields: { mode: "text!", overrides: "map" }, always: { incremental: false, targetVersion: 0 } }],
  ["config-patch", { fields: { files: "map!" } }],
  ["discover-peers", { fields: { sources: "list!" } }],
  [
    "configure-state-sync",
    { fields: { useLocalSnapshot: "flag", trustPeriod: "text", backfillBlocks: "integer", rpcServers: "list" } },
  ],
  ["generate-identity", { fields: { chainId: "text!", moniker: "text!" } }],
  [
    "generate-gentx",
    { fields: { chainId: "text!", stakingAmount: "text!", accountBalance: "text!", genesisParams: "text" } },
  ],
  ["upload-genesis-artifacts", { fields: { nodeName: "text!" } }],
]);
