/**
 * Pieces of the OpenAPI schema in the CRD. Each carries the TypeScript type of what it lets in, so that the types of
 * spec and status are read off the schema and cannot part from it.
 */
import type { JsonObject } from "../../base/index.ts";

declare const LETS_IN: unique symbol;

/** A piece of schema. `T` is the type of what it lets in; it stands there for the compiler alone. */
export interface Schema<out T> extends JsonObject {
  readonly [LETS_IN]?: T;
}

/** The type of what a schema lets in. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

type Fields = Readonly<Record<string, Schema<unknown>>>;
type ObjectOf<P extends Fields, R> = {
  readonly [K in keyof P as K extends R ? K : never]: TypeOf<P[K]>;
} & { readonly [K in keyof P as K extends R ? never : K]?: TypeOf<P[K]> };

/** An object with these fields. Fields that are not listed are pruned by the API server. */
export function object<P extends Fields, const R extends keyof P & string = never>(
  properties: P,
  required: readonly R[] = [],
): Schema<ObjectOf<P, R>> {
  // An empty map is not stored, and a second `kubectl apply` would say "configured" for ever.
  const known = Object.keys(properties).length === 0 ? {} : { properties };
  return { type: "object", ...known, ...(required.length === 0 ? {} : { required }) };
}

/** An object whose content is nobody's business here: kept as it comes. */
export function opaque(): Schema<JsonObject> {
  return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
}

/** A text; the rules are those of OpenAPI, such as `minLength`. */
export function text(rules: JsonObject = {}): Schema<string> {
  return { type: "string", ...rules };
}

/** One of these texts. */
export function oneOf<const V extends string>(values: readonly V[]): Schema<V> {
  return { type: "string", enum: values };
}

/** A moment, RFC 3339. */
export function time(): Schema<string> {
  return { type: "string", format: "date-time" };
}

/** A whole number. */
export function int(format: "int32" | "int64", rules: JsonObject = {}): Schema<number> {
  return { type: "integer", format, ...rules };
}

/** True or false. */
export function bool(rules: JsonObject = {}): Schema<boolean> {
  return { type: "boolean", ...rules };
}

/** A list. */
export function list<T>(items: Schema<T>, rules: JsonObject = {}): Schema<readonly T[]> {
  return { type: "array", items, ...rules };
}

/** A map of texts. */
export function texts(rules: JsonObject = {}): Schema<Readonly<Record<string, string>>> {
  return { type: "object", additionalProperties: { type: "string" }, ...rules };
}

/** A map of resource quantities, each a number or a text such as `500m`. */
export function quantities(): Schema<Readonly<Record<string, string | number>>> {
  const quantity = { anyOf: [{ type: "integer" }, { type: "string" }], pattern: QUANTITY };
  return { type: "object", additionalProperties: { ...quantity, "x-kubernetes-int-or-string": true } };
}

/** The same object, owned as a whole: `managedFields` names it once, and not each of its fields. */
export function whole<T>(schema: Schema<T>): Schema<T> {
  return { ...schema, "x-kubernetes-map-type": "atomic" };
}

/** The same, or null. */
export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { ...schema, nullable: true };
}

/** The same schema with what `kubectl explain` says of it. */
export function about<T>(description: string, schema: Schema<T>): Schema<T> {
  return { description, ...schema };
}

/** A rule in CEL with what is said when it fails. */
export function rule(expression: string, message: string): JsonObject {
  return { rule: expression, message };
}

/** The rule that exactly one of these fields is there. A sum, since the cost of `exists_one` forbids a list without end. */
export function exactlyOne(names: readonly string[]): JsonObject {
  const there = names.map((name) => `(has(self.${name}) ? 1 : 0)`).join(" + ");
  return rule(`${there} == 1`, `exactly one of ${names.join(", ")} is required`);
}

/** The same schema with these rules. */
export function withRules<T>(schema: Schema<T>, rules: readonly JsonObject[]): Schema<T> {
  return { ...schema, "x-kubernetes-validations": rules };
}

/** The same text, which may never change once it is there; `name` is the field's. */
export function immutable(name: string, schema: Schema<string>): Schema<string> {
  return withRules(schema, [rule("self == oldSelf", `${name} is immutable`)]);
}

const QUANTITY = "^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$";
