/** Order of two resource versions: whole numbers are compared as such, anything else only for equality. */
export type VersionOrder = "older" | "equal" | "newer" | "unknown";

const WHOLE_NUMBER = /^(?:0|[1-9]\d*)$/;

/** How `left` stands to `right`. `unknown` when they differ and either is not a whole number. */
export function compareVersions(left: string, right: string): VersionOrder {
  if (left === right) return "equal";
  if (!WHOLE_NUMBER.test(left) || !WHOLE_NUMBER.test(right)) return "unknown";
  if (left.length !== right.length) return left.length < right.length ? "older" : "newer";
  return left < right ? "older" : "newer";
}
