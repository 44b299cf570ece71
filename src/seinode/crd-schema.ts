/** Pieces of the OpenAPI schema in the CRD. */
import type { JsonObject } from "../core/json.ts";

/** An object with these fields. Fields that are not listed are pruned by the API server. */
export function object(properties: JsonObject, required: readonly string[] = []): JsonObject {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

/** An object whose content is nobody's business here: kept as it comes. */
export function opaque(): JsonObject {
  return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
}

/** A text; the rules are those of OpenAPI, such as `minLength`. */
export function text(rules: JsonObject = {}): JsonObject {
  return { type: "string", ...rules };
}

/** One of these texts. */
export function oneOf(values: readonly string[]): JsonObject {
  return { type: "string", enum: values };
}

/** A moment, RFC 3339. */
export function time(): JsonObject {
  return { type: "string", format: "date-time" };
}

/** A whole number. */
export function int(format: "int32" | "int64", rules: JsonObject = {}): JsonObject {
  return { type: "integer", format, ...rules };
}

/** A list. */
export function list(items: JsonObject, rules: JsonObject = {}): JsonObject {
  return { type: "array", items, ...rules };
}

/** A map of texts. */
export function texts(rules: JsonObject = {}): JsonObject {
  return { type: "object", additionalProperties: { type: "string" }, ...rules };
}

/** A rule in CEL with what is said when it fails. */
export function rule(expression: string, message: string): JsonObject {
  return { rule: expression, message };
}

/** The same schema with these rules. */
export function withRules(schema: JsonObject, rules: readonly JsonObject[]): JsonObject {
  return { ...schema, "x-kubernetes-validations": rules };
}
