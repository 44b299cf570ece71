/** Which texts name the same image, without asking a registry. */

/** Where an image without a registry comes from, and the tag of one without any. */
const DEFAULT_REGISTRY = "docker.io";
const DEFAULT_TAG = "latest";

/** True when both say the same in full: `x`, `docker.io/library/x` and `x:latest` do. */
export function isSameImage(a: string, b: string): boolean {
  return a === b || inFull(a) === inFull(b);
}

/** True when `told` is what was `applied`, or that with a digest added, as admission pins what a tag stands for. */
export function isImageApplied(told: string, applied: string): boolean {
  if (isSameImage(told, applied)) return true;
  return !applied.includes("@") && told.includes("@") && isSameImage(told.slice(0, told.indexOf("@")), applied);
}

function inFull(reference: string): string {
  const [name = "", digest] = reference.split("@");
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(0, slash));
  const hasRegistry = first === "localhost" || /[.:]/.test(first);
  const path = hasRegistry ? name : `${DEFAULT_REGISTRY}/${slash < 0 ? "library/" : ""}${name}`;
  const isTagged = path.lastIndexOf(":") > path.lastIndexOf("/");
  return `${path}${isTagged || digest !== undefined ? "" : `:${DEFAULT_TAG}`}${digest === undefined ? "" : `@${digest}`}`;
}
