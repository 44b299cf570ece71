/** One reconcile changes status in memory and writes it once: the draft, and the patch it comes to. */
import { conditionOf, withCondition } from "./conditions.ts";
import { isObject, type Json, type JsonObject } from "../base/index.ts";
import type { ConditionVerdict, NodeStatus, SeiNode } from "./node.ts";
import { outcomeLine } from "./outcome-line.ts";

/** A status under work. `set` replaces whole fields; a field set to null is removed by the patch. */
export class StatusDraft {
  readonly #base: NodeStatus;
  readonly #generation: number;
  readonly #at: string;
  readonly #historyKept: SeiNode["historyKept"];
  #next: NodeStatus;

  constructor(node: SeiNode, at: string) {
    this.#base = node.status;
    this.#next = node.status;
    this.#generation = node.metadata.generation;
    this.#at = at;
    this.#historyKept = node.historyKept;
  }

  /** The status as it would be after the patch. */
  get status(): NodeStatus {
    return this.#next;
  }

  /** Of the spec that is reconciled. */
  get generation(): number {
    return this.#generation;
  }

  set(fields: Partial<NodeStatus>): void {
    this.#next = { ...this.#next, ...fields };
  }

  condition(verdict: ConditionVerdict): void {
    const old = this.#next.conditions ?? [];
    // One that turns and turns back before it is written has not turned, for whoever reads it.
    const stored = conditionOf(this.#base.conditions, verdict.type);
    const at = stored?.status === verdict.status ? stored.lastTransitionTime : this.#at;
    const conditions = withCondition(old, verdict, { at, generation: this.#generation });
    if (conditions !== old) this.set({ conditions });
  }

  /** Notes that this generation of the spec was reconciled. */
  seen(): void {
    if (this.#next.observedGeneration !== this.#generation) this.set({ observedGeneration: this.#generation });
  }

  /** Sets a condition that is only worth a write when it says something: its quiet value is not written at first. */
  abnormal(verdict: ConditionVerdict, isQuiet: boolean): void {
    const known = this.#next.conditions?.some((condition) => condition.type === verdict.type) ?? false;
    if (known || !isQuiet) this.condition(verdict);
  }

  /** The merge patch body for `status`; null when nothing changed. */
  patch(): JsonObject | null {
    const changed: Record<string, Json> = {};
    const base = asJson(this.#base);
    const next = asJson(this.#next);
    for (const key of new Set([...Object.keys(base), ...Object.keys(next)])) {
      const value = next[key];
      if (base[key] === value || isEqual(base[key], value)) continue;
      if (key === "history") changed["outcomes"] = this.#lines();
      else changed[key] = value ?? null;
    }
    return Object.keys(changed).length === 0 ? null : { ...changed, ...this.#turnedOver() };
  }

  /** The patch that asks the API server whether it keeps outcomes; null when it is known to. */
  question(): JsonObject | null {
    return this.#historyKept === "objects" ? this.#turnedOver() : null;
  }

  /**
   * What earlier versions left of the history goes over into lines with whatever is sent anyway, and is taken out once the
   * lines were seen stored: a CRD that is older than they are drops them unsaid.
   */
  #turnedOver(): JsonObject {
    if (this.#historyKept === undefined) return {};
    return this.#historyKept === "both" ? { outcomes: this.#lines(), history: null } : { outcomes: this.#lines() };
  }

  #lines(): readonly string[] {
    return (this.#next.history ?? []).map((record) => outcomeLine(record));
  }
}

function asJson(status: NodeStatus): JsonObject {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON by construction; an interface has no index signature to say so
  return { ...status } as unknown as JsonObject;
}

/** Deep equality of JSON; an absent member equals an undefined one, and null equals absent at the top of status. */
export function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return (a ?? null) === (b ?? null);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  return isObject(a) && isObject(b) && isEqualObject(a, b);
}

function isEqualObject(a: JsonObject, b: JsonObject): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return keys.values().every((key) => isEqual(a[key], b[key]));
}

/**
 * The first field that was sent and did not come back, as `plan.detector`; null when all did.
 * A missing one means that the CRD on the server is older than this program.
 */
export function droppedField(sent: Json | undefined, got: Json | undefined, path = "status"): string | null {
  if (sent === null || sent === undefined || typeof sent !== "object") return null;
  for (const [key, value] of Object.entries(sent)) {
    if (value === null || value === undefined || MAY_BE_DROPPED.has(`${path}.${key}`)) continue;
    const returned = memberOf(got, key);
    if (returned === undefined) return `${path}.${key}`;
    const deeper = droppedField(value, returned, `${path}.${key}`);
    if (deeper !== null) return deeper;
  }
  return null;
}

/** Fields that nothing is done by: without them less is told (init-baseline.ts). */
const MAY_BE_DROPPED: ReadonlySet<string> = new Set(["status.initDigest"]);

function memberOf(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return value[Number(key)];
  return isObject(value) ? value[key] : undefined;
}
