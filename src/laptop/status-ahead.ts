/** A node with the status that a controller would write next: what is stored, with a merge patch of status on it. */
import { field, isObject, type Json, type JsonObject } from "../base/index.ts";
import { conditionOf, isTrue, outcomeLine, type SeiNode } from "../model/index.ts";
import { readNode } from "../seinode/read/index.ts";

/** Path of a status, and the key of its node. */
const STATUS = /\/namespaces\/([^/]+)\/seinodes\/([^/?]+)\/status(?:\?|$)/;

/** Whose status a request would patch, and with what; null when it would patch none. */
export function statusPatchIn(request: {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}): { readonly key: string; readonly status: JsonObject } | null {
  const [, namespace, name] = STATUS.exec(request.path) ?? [];
  if (request.method !== "PATCH" || namespace === undefined || name === undefined) return null;
  const body: unknown = JSON.parse(request.body ?? "null");
  const status = field(body, "status");
  return isObject(status) ? { key: `${namespace}/${decodeURIComponent(name)}`, status } : null;
}

/** The node as it would be after the patch; as it is where the patch makes no node of it. */
export function withStatusPatch(node: SeiNode, patch: JsonObject | null): SeiNode {
  if (patch === null) return node;
  const { history, ...status } = node.status;
  const stored = { ...status, ...(history === undefined ? {} : { outcomes: history.map(outcomeLine) }) };
  // Through text, as it would go over the wire and back.
  const raw: unknown = JSON.parse(JSON.stringify({ metadata: node.metadata, spec: node.spec, status: stored }));
  const merged = merge(field(raw, "status"), patch);
  const ahead = readNode({ ...Object(raw), status: merged });
  return ahead === null ? node : withFoundStates(node, ahead);
}

/** States that a controller finds by acting, or by what it saw over time: one look finds them neither there nor gone. */
const FOUND_BY_ACTING: ReadonlySet<string> = new Set([
  "CRDTooOld",
  "ConsentNeeded",
  "PodNotRunning",
  "StatusLost",
  "TearDownFailed",
  "WatchSilent",
]);
/** Where such a state is told. */
const TOLD_IN: ReadonlySet<string> = new Set(["Ready", "Stalled", "Reconciling"]);

/** What was told of such a state stands, as it does while a controller is away. */
function withFoundStates(stored: SeiNode, ahead: SeiNode): SeiNode {
  const ready = conditionOf(stored.status.conditions, "Ready");
  if (ready === null || !FOUND_BY_ACTING.has(ready.reason)) return ahead;
  // Consent to take a node over is asked for in a condition of its own, which one look does find.
  if (ready.reason === "ConsentNeeded" && !isTrue(stored.status.conditions, "Stalled")) return ahead;
  const told = (stored.status.conditions ?? []).filter(({ type }) => TOLD_IN.has(type));
  const others = (ahead.status.conditions ?? []).filter(({ type }) => !TOLD_IN.has(type));
  return { ...ahead, status: { ...ahead.status, conditions: [...others, ...told] } };
}

/** RFC 7386. */
function merge(target: unknown, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const base: Record<string, Json | undefined> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(base, name);
    else if (value !== undefined) base[name] = merge(base[name], value);
  }
  return base;
}
