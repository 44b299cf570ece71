/** Field sets of server-side apply: which leaves a manager owns, as paths and as `fieldsV1` trees. */
import { isObject, type Json, type JsonObject } from "../base/index.ts";
import { canonical, isList, isSame } from "./json-path.ts";

/** A leaf: segments `f:name`, `k:{"name":"x"}`, `v:"x"`, and `.` for a list item itself. */
export type FieldPath = readonly string[];

/** Lists merged by key, by field name; all others are replaced whole. */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  volumes: ["name"],
  env: ["name"],
  volumeMounts: ["mountPath"],
  imagePullSecrets: ["name"],
  ownerReferences: ["uid"],
};
/** Maps replaced whole: label selectors, node selectors, requirements. */
const atomicMaps: ReadonlySet<string> = new Set(["selector", "nodeSelector", "fieldRef", "secretKeyRef"]);

/** The keys that tell items of the list `field` apart; null when the list is replaced whole. */
function keysOf(field: string, item: Json | undefined): readonly string[] | null {
  if (field === "ports")
    return isObject(item) && "containerPort" in item ? ["containerPort", "protocol"] : ["port", "protocol"];
  return listKeys[field] ?? null;
}

/** The path segment of a list item: its keys, its value (finalizers), or null when the list is atomic. */
export function itemSegment(field: string, item: Json): string | null {
  if (field === "finalizers") return `v:${JSON.stringify(item)}`;
  const keys = keysOf(field, item);
  if (keys === null || !isObject(item)) return null;
  const pairs = keys.map((key) => [key, item[key] ?? (key === "protocol" ? "TCP" : null)] as const);
  return `k:${canonical(Object.fromEntries(pairs))}`;
}

/** The leaves of `value`. `custom` = lists outside metadata are atomic. */
export function leavesOf(value: Json | undefined, custom: boolean, path: FieldPath = []): FieldPath[] {
  const field = path.at(-1)?.slice(2) ?? "";
  const inner = (child: Json | undefined, segment: string): FieldPath[] => leavesOf(child, custom, [...path, segment]);
  if (isObject(value) && Object.keys(value).length > 0 && !isAtomicMap(field, custom)) {
    return Object.entries(value).flatMap(([key, child]) => (child === undefined ? [] : inner(child, `f:${key}`)));
  }
  if (isList(value) && value.length > 0 && isKeyedList(path, custom)) {
    const segments = value.map((item) => itemSegment(field, item));
    if (segments.every((segment) => segment !== null)) {
      return value.flatMap((item, index) => {
        const segment = segments[index] ?? "";
        const self = [...path, segment, "."];
        return isObject(item) ? [self, ...inner(item, segment)] : [self];
      });
    }
  }
  return [path];
}

/** True when the list at `path` may be merged item by item. */
export function isKeyedList(path: FieldPath, custom: boolean): boolean {
  return !custom || path[0] === "f:metadata";
}

/** True when the map `field` is replaced whole. */
export function isAtomicMap(field: string, custom: boolean): boolean {
  return !custom && atomicMaps.has(field);
}

/** What stands at a leaf; for `.` whether the item is there. */
export function leafAt(value: Json | undefined, path: FieldPath): Json | undefined {
  let here = value;
  let field = "";
  for (const segment of path) {
    if (segment === ".") return here === undefined ? undefined : true;
    if (segment.startsWith("f:")) {
      field = segment.slice(2);
      here = isObject(here) ? here[field] : undefined;
      continue;
    }
    const name = field;
    here = isList(here) ? here.find((item) => itemSegment(name, item) === segment) : undefined;
  }
  return here;
}

/** `value` without the leaf; an emptied list item or map stays, as the server leaves it. */
export function withoutLeaf(value: Json | undefined, path: FieldPath, field = ""): Json | undefined {
  const [segment, ...rest] = path;
  if (segment === undefined || segment === ".") return undefined;
  if (segment.startsWith("f:")) {
    if (!isObject(value)) return value;
    const key = segment.slice(2);
    const next = value[key] === undefined ? undefined : withoutLeaf(value[key], rest, key);
    const { [key]: _old, ...others } = value;
    return next === undefined ? others : { ...value, [key]: next };
  }
  if (!isList(value)) return value;
  const items = value.flatMap((item) => {
    const next = itemSegment(field, item) === segment ? withoutLeaf(item, rest) : item;
    return next === undefined ? [] : [next];
  });
  return items.length === 0 ? undefined : items;
}

/** The leaves of `next` that `before` has not, or has with another value. */
export function changedLeaves(before: JsonObject, next: JsonObject, custom: boolean): FieldPath[] {
  return leavesOf(next, custom).filter((path) => !isSame(leafAt(before, path), leafAt(next, path)));
}

/** The `fieldsV1` tree of some leaves. */
export function toFieldsV1(paths: readonly FieldPath[]): JsonObject {
  const groups = new Map<string, FieldPath[]>();
  for (const [head, ...rest] of paths) if (head !== undefined) groups.set(head, [...(groups.get(head) ?? []), rest]);
  return Object.fromEntries(Array.from(groups, ([head, rests]) => [head, toFieldsV1(rests)]));
}

/** The leaves of a `fieldsV1` tree. */
export function fromFieldsV1(tree: Json | undefined, path: FieldPath = []): FieldPath[] {
  const members = isObject(tree) ? Object.entries(tree) : [];
  if (members.length === 0) return path.length === 0 ? [] : [path];
  return members.flatMap(([key, child]) => fromFieldsV1(child, [...path, key]));
}

/** `.spec.containers[name="seid"].image`, as conflict messages write a leaf. */
export function pathText(path: FieldPath): string {
  return path.map((segment) => segmentText(segment)).join("");
}

function segmentText(segment: string): string {
  if (segment === ".") return "";
  if (segment.startsWith("f:")) return `.${segment.slice(2)}`;
  const key: Json = JSON.parse(segment.slice(2));
  if (!isObject(key)) return `[=${JSON.stringify(key)}]`;
  return `[${Object.entries(key)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(",")}]`;
}
