/** Replies of the API server, with `metav1.Status` bodies worded as the real server words them. */
import type { Json, JsonObject } from "../base/index.ts";
import { qualifiedName, type Resource } from "./resource.ts";

/** A reply before it is bytes: a JSON object, or plain text. */
export interface ApiReply {
  readonly status: number;
  readonly body: JsonObject | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A failure. `details` as the real server fills it. */
export function failure(status: number, reason: string, message: string, details?: JsonObject): ApiReply {
  const body: JsonObject = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    ...(details ? { details } : {}),
    code: status,
  };
  return { status, body };
}

function about(resource: Resource, name: string, more: Json = null): JsonObject {
  const group = resource.group === "" ? {} : { group: resource.group };
  return { name, ...group, kind: resource.plural, ...(more === null ? {} : { causes: more }) };
}

/** 404 for an object. */
export function notFound(resource: Resource, name: string): ApiReply {
  return failure(404, "NotFound", `${qualifiedName(resource)} "${name}" not found`, about(resource, name));
}

/** 404 for a path or resource that is not served. */
export function unknownPath(): ApiReply {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

/** 409 on create. */
export function alreadyExists(resource: Resource, name: string): ApiReply {
  return failure(409, "AlreadyExists", `${qualifiedName(resource)} "${name}" already exists`, about(resource, name));
}

/** 409 on a stale `resourceVersion`. */
export function modified(resource: Resource, name: string): ApiReply {
  const why = "the object has been modified; please apply your changes to the latest version and try again";
  return conflict(resource, name, why);
}

/** 409 with the reason in words. */
export function conflict(resource: Resource, name: string, why: string): ApiReply {
  const message = `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${why}`;
  return failure(409, "Conflict", message, about(resource, name));
}

/** 409 for a precondition of a delete; the real server names the kind here, not the resource. */
export function unmet(resource: Resource, name: string, why: string): ApiReply {
  const title = resource.group === "" ? resource.kind : `${resource.kind}.${resource.group}`;
  const message = `Operation cannot be fulfilled on ${title} "${name}": ${why}`;
  return failure(409, "Conflict", message, { ...about(resource, name), kind: resource.kind });
}

/** 422 for one field. `causeReason` such as `FieldValueRequired`. */
export function invalid(
  resource: Resource,
  name: string,
  cause: { readonly field: string; readonly reason: string; readonly message: string },
): ApiReply {
  const title = resource.group === "" ? resource.kind : `${resource.kind}.${resource.group}`;
  const message = `${title} "${name}" is invalid: ${cause.field}: ${cause.message}`;
  const details = { ...about(resource, name), kind: resource.kind, causes: [{ ...cause }] };
  return failure(422, "Invalid", message, details);
}

/** 400. */
export function badRequest(message: string): ApiReply {
  return failure(400, "BadRequest", message);
}

/** 405. */
export function methodNotAllowed(): ApiReply {
  return failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

/** 415 for a PATCH whose content type is not taken. */
export function unsupportedMedia(accepted: readonly string[]): ApiReply {
  const list = accepted.join(", ");
  return failure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${list}`,
    {},
  );
}

/** 410 for a list or watch that asks for forgotten revisions. */
export function expired(message: string): ApiReply {
  return failure(410, "Expired", message);
}

/** 504 for a revision that does not exist yet. */
export function tooLargeRevision(asked: number, current: number): ApiReply {
  const reply = failure(504, "Timeout", `Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
  return { ...reply, headers: { "retry-after": "1" } };
}
