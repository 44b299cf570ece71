/**
 * A bound on what a tenant's spec may cost: each event of it is parsed, held, compared and read, and the API server
 * takes specs of 1.5 MB. What is larger than any spec that makes sense is cut when it comes in.
 */
import type { JsonObject } from "../../base/index.ts";

/** As JSON, within a few bytes. */
export const MAX_SPEC_BYTES = 256 * 1024;
/** Of a spec that is too large the fields below this are kept: what tells where its sidecar is. */
const MAX_KEPT_BYTES = 4 * 1024;

/** The spec, or of one that is too large its small fields alone. */
export function cutSpec(spec: JsonObject): { readonly spec: JsonObject; readonly isCut: boolean } {
  if (!isLargerThan(spec, MAX_SPEC_BYTES)) return { spec, isCut: false };
  const kept: [string, JsonObject[string]][] = [];
  let left = MAX_SPEC_BYTES;
  for (const [name, value] of Object.entries(spec)) {
    if (name.length + MAX_KEPT_BYTES > left) break;
    if (isLargerThan(value, MAX_KEPT_BYTES - name.length)) continue;
    kept.push([name, value]);
    left -= MAX_KEPT_BYTES;
  }
  return { spec: Object.fromEntries(kept), isCut: true };
}

/** Whether a value takes more than so many bytes as JSON; looks no further than it has to, and without recursion. */
export function isLargerThan(value: unknown, bytes: number): boolean {
  let left = bytes;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const item = open.pop();
    left -= ownBytes(item);
    if (left < 0) return true;
    if (Array.isArray(item)) {
      // Each takes two at least; a list that is longer than that need not be copied to be too large.
      if (item.length * 2 > left) return true;
      for (const part of item) open.push(part);
    } else if (typeof item === "object" && item !== null) {
      for (const [name, part] of Object.entries(item)) {
        left -= name.length + QUOTED;
        open.push(part);
      }
    }
  }
  return left < 0;
}

/** Two quotes, a colon and a comma. */
const QUOTED = 4;
const NUMBER_BYTES = 5;

function ownBytes(value: unknown): number {
  if (typeof value === "string") return value.length + 2;
  return typeof value === "object" && value !== null ? 2 : NUMBER_BYTES;
}
