/** How much of a value is looked at before it is refused. */
export interface JsonLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

/** What stands in the way of storing a value as JSON, with the path to it; null when nothing does. Never throws. */
export function jsonProblem(value: unknown, limits: JsonLimits): string | null {
  try {
    const walk: Walk = { ...limits, bytes: 0, open: new Set() };
    return problemAt(value, { path: "value", depth: 0 }, walk);
  } catch {
    // A getter or a proxy that throws is no data.
    return "value: cannot be read as plain data";
  }
}

interface Walk extends JsonLimits {
  /** Lower bound of the encoded size so far. */
  bytes: number;
  /** Containers around the one being read: one of them again is a cycle. */
  readonly open: Set<object>;
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

function problemAt(value: unknown, place: Place, walk: Walk): string | null {
  const scalar = scalarSize(value);
  if (scalar === null) return `${place.path}: got ${kindOf(value)}, want plain JSON`;
  walk.bytes += scalar;
  if (walk.bytes > walk.maxBytes) return `value: more than ${walk.maxBytes} bytes of JSON`;
  if (typeof value !== "object" || value === null) return null;
  if (walk.open.has(value)) return `${place.path}: got a cycle, want plain JSON`;
  if (place.depth >= walk.maxDepth) return `${place.path}: nested deeper than ${walk.maxDepth}`;
  walk.open.add(value);
  const problem = childProblem(value, place, walk);
  walk.open.delete(value);
  return problem;
}

function childProblem(value: object, place: Place, walk: Walk): string | null {
  for (const [key, child] of Object.entries(value)) {
    // A property that holds undefined is left out by JSON; an element of a list would turn into null.
    if (child === undefined && !Array.isArray(value)) continue;
    if (key === "__proto__") return `${place.path}: got a key named __proto__`;
    walk.bytes += key.length;
    const path = place.path.length > 200 ? place.path : `${place.path}.${key.slice(0, 64)}`;
    const problem = problemAt(child, { path, depth: place.depth + 1 }, walk);
    if (problem !== null) return problem;
  }
  return null;
}

/** Least number of bytes a value takes by itself; null when it is no JSON. */
function scalarSize(value: unknown): number | null {
  switch (typeof value) {
    case "string":
      return value.length + 2;
    case "number":
      return Number.isFinite(value) ? 1 : null;
    case "boolean":
      return 4;
    case "object":
      return isPlain(value) ? 2 : null;
    case "undefined":
    case "function":
    case "bigint":
    case "symbol":
      return null;
  }
}

function isPlain(value: object | null): boolean {
  if (value === null || Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** What something is, in a word or two for an error. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "object") return isPlain(value) ? "an object" : `a ${constructorName(value)}`;
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

function constructorName(value: object): string {
  const { constructor } = value;
  return typeof constructor === "function" && constructor.name !== ""
    ? constructor.name.slice(0, 64)
    : "class instance";
}
