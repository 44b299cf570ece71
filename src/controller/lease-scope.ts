/** Which SeiNodes a controller looks after. Its Lease tells others, so that they keep away from these alone. */
import { canBothMatch } from "../kube/client/index.ts";

/** `namespace` null = every one, `selector` null = all nodes in it. */
export interface Scope {
  readonly namespace: string | null;
  readonly selector: string | null;
}

/** No namespace can have this name. */
const EVERY = "*";
const NAMESPACE = "tidekeeper.sei.io/namespace";
const SELECTOR = "tidekeeper.sei.io/selector";

/** The annotations of a Lease that say so. */
export function scopeAnnotations({ namespace, selector }: Scope): Readonly<Record<string, string>> {
  return { [NAMESPACE]: namespace ?? EVERY, [SELECTOR]: selector ?? "" };
}

/** What a Lease says of its scope; null where it says nothing: an earlier version wrote it, which heeds nobody either. */
export function scopeOf(annotations: Readonly<Record<string, string>>): Scope | null {
  const namespace = annotations[NAMESPACE];
  if (namespace === undefined) return null;
  const selector = annotations[SELECTOR] ?? "";
  return { namespace: namespace === EVERY ? null : namespace, selector: selector === "" ? null : selector };
}

/** Whether some node could be in both. */
export function doOverlap(one: Scope, other: Scope): boolean {
  const isOnePlace = one.namespace === null || other.namespace === null || one.namespace === other.namespace;
  return isOnePlace && canBothMatch(one.selector, other.selector);
}

/** The scope in words. */
export function scopeText({ namespace, selector }: Scope): string {
  const where = namespace === null ? "every namespace" : `namespace ${namespace}`;
  return selector === null ? where : `${where}, ${selector}`;
}
